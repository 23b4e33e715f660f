/**
 * `${env:NAME}`, `${file:/path}` and `${credential:name}` in the text of a configuration value.
 *
 * `$${` stands for a literal `${`. What is put in is never looked at again, and never shown.
 */
import { join, resolve } from "node:path";
import { messageOf } from "../../platform/errors.ts";
import type { SecretOrigin } from "../../platform/secret.ts";
import { type ServiceUnit, serviceUnitOf } from "../../platform/process/service-unit.ts";
import { readShortFile } from "../../platform/files/short-file.ts";
import { suggestion } from "../../platform/text/suggest.ts";

/** A secret or a setting is short; whatever is longer is the wrong file. */
const file_bytes_max = 64 * 1024;
const sources = ["env", "file", "credential"];
const no_file =
  "${file:…} is refused in a configuration for a fleet: it could name any file of the host; write ${credential:name} or ${env:NAME}";

export interface InterpolationContext {
  environment: NodeJS.ProcessEnv;
  /** Relative paths in `${file:…}` start here. */
  folder: string;
  /** The configuration's own path, absolute: `${credential:…}` is looked for in the unit that runs it. */
  file?: string;
  /** Whether `${file:…}` is refused, as in a configuration that comes from elsewhere. */
  no_files?: boolean;
}

export interface Interpolated {
  text: string;
  /** What was put in, so that nothing that is shown can contain it. */
  inserted: string[];
  /** What it was put in for, such as `credential:token`. */
  references: string[];
  /** The files that it came from; absolute paths. */
  files: string[];
  mistakes: string[];
}

/** Replaces every reference in `text`. What cannot be replaced is reported in `mistakes`. */
export function interpolate(text: string, context: InterpolationContext): Interpolated {
  const inserted: string[] = [];
  const references: string[] = [];
  const files: string[] = [];
  const mistakes: string[] = [];
  const replaced = text.replaceAll(/\$\$\{|\$\{([^}]*)(\}?)/g, (whole, reference, end) => {
    if (whole === "$${") return "${";
    const value =
      end === "}"
        ? resolveReference(String(reference), context)
        : { mistake: 'a "${" without its "}"; write "$${" where "${" itself is meant' };
    if ("mistake" in value) {
      mistakes.push(value.mistake);
      return "";
    }
    inserted.push(value.text);
    references.push(String(reference));
    if (value.file !== undefined) files.push(value.file);
    return value.text;
  });
  return { text: replaced, inserted, references, files, mistakes };
}

/** Where text that files were put into can be read again; undefined where none were. */
export function originOf(
  text: string,
  files: readonly string[],
  context: InterpolationContext,
): SecretOrigin | undefined {
  if (files.length === 0) return undefined;
  const read = (): string => {
    const { text: read_again, mistakes } = interpolate(text, context);
    if (mistakes.length > 0) throw new Error(mistakes[0]);
    return read_again;
  };
  return { files, read };
}

type Resolved = { text: string; file?: string } | { mistake: string };

function resolveReference(reference: string, context: InterpolationContext): Resolved {
  const colon = reference.indexOf(":");
  const source = colon < 0 ? "" : reference.slice(0, colon);
  const argument = reference.slice(colon + 1);
  if (source === "env") return fromEnvironment(argument, context.environment);
  if (source === "file" && context.no_files === true) return { mistake: no_file };
  if (source === "file") return fromFile(argument, context.folder);
  if (source === "credential") return fromCredential(argument, context);
  const known = "write ${env:NAME}, ${file:/path} or ${credential:name}";
  const literal = 'or "$${" where "${" itself is meant';
  if (/^\w+$/.test(reference)) {
    return {
      mistake: `"\${${reference}}" does not say where from: write \${env:${reference}}, ${literal}`,
    };
  }
  if (/^\w+(\.\w+)+$/.test(reference)) {
    const of_event = `a value of the event is written {${reference}} in a \`metadata\` step`;
    return { mistake: `"\${${reference}}" is not understood: ${of_event}; ${known}, ${literal}` };
  }
  const near = /^\w+$/.test(source) ? suggestion(source, sources).replace(/; known.*/, "") : "";
  return { mistake: `a "\${…}" that is not understood: ${known}, ${literal}${near}` };
}

function fromEnvironment(name: string, environment: NodeJS.ProcessEnv): Resolved {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { mistake: "expected the name of an environment variable in ${env:NAME}" };
  }
  const text = environment[name];
  if (text !== undefined && text !== "") return { text };
  const state = text === undefined ? "not set" : "set, but empty";
  return {
    mistake:
      `the environment variable ${name} is ${state}; set it where tallyman is started ` +
      `(Environment= or EnvironmentFile= in a systemd unit)`,
  };
}

function fromCredential(name: string, { environment, file }: InterpolationContext): Resolved {
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || /^\.\.?$/.test(name)) {
    return { mistake: "expected the name of a credential in ${credential:name}" };
  }
  const folder = environment["CREDENTIALS_DIRECTORY"];
  if (folder !== undefined && folder !== "") return fromFile(join(folder, name), "/");
  const unit = file === undefined ? undefined : serviceUnitOf(file, environment);
  const path = unit?.credentials.get(name);
  if (unit !== undefined && path !== undefined) return fromUnit(path, unit.name);
  const line = `LoadCredential=${name}:/path`;
  return {
    mistake:
      unit === undefined
        ? `the credential ${name} is not available, because CREDENTIALS_DIRECTORY is not set; systemd ` +
          `sets it for a unit with ${line}`
        : `the credential ${name} is not loaded by ${unit.name}; add ${line} (systemctl edit ${unit.name})`,
  };
}

/** A command that is run by hand reads what systemd would load. */
function fromUnit(path: string, unit: string): Resolved {
  const held = held_files.get(path);
  if (held !== undefined) return { text: held, file: path };
  const found = fromFile(path, "/");
  if (!("mistake" in found)) return found;
  return { mistake: `${found.mistake} (${unit} loads it; root may read it)` };
}

/** What a process has read before it gave up the right to. */
const held_files = new Map<string, string>();

/** Reads the credentials of a unit, for when this process has less rights. */
export function holdCredentials({ credentials }: ServiceUnit): void {
  for (const path of credentials.values()) {
    const found = fromFile(path, "/");
    if ("text" in found) held_files.set(path, found.text);
  }
}

function fromFile(argument: string, folder: string): Resolved {
  if (argument === "") return { mistake: "expected the path of a file in ${file:/path}" };
  const path = resolve(folder, argument);
  try {
    // Editors put a line end behind it.
    const text = readShortFile(path, file_bytes_max).replace(/[\r\n]+$/, "");
    return text === "" ? { mistake: `the file ${path} is empty` } : { text, file: path };
  } catch (thrown) {
    return { mistake: `the file ${path} ${messageOf(thrown)}` };
  }
}
