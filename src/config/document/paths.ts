/**
 * Paths in the configuration: relative ones start at the configuration file's folder, so that it means the
 * same from wherever tallyman is started.
 *
 * They are made absolute before the schema sees them, so that an input asks for absolute paths only.
 */
import { join, normalize } from "node:path";
import type { ConfigPath } from "./place.ts";

/** A mistake in a path that was written. */
export interface PathMistake {
  path: ConfigPath;
  message: string;
}

/** Makes the paths in `value`, a configuration of whatever shape, absolute in place. */
export function resolvePaths(value: unknown, folder: string): PathMistake[] {
  const mistakes: PathMistake[] = [];
  const resolveAt = (
    holder: unknown,
    key: string | number,
    path: ConfigPath,
    start: string,
  ): void => {
    const text = isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
    if (typeof text !== "string" || text === "") return;
    const message = mistakeIn(text);
    if (message !== undefined) mistakes.push({ path, message });
    else if (!text.startsWith("/"))
      (holder as Record<string | number, unknown>)[key] = join(start, text);
  };
  resolveAt(value, "state_dir", ["state_dir"], folder);
  resolveAt(value, "plugins_dir", ["plugins_dir"], folder);
  resolveAt(recordAt(value, "admin"), "socket", ["admin", "socket"], folder);
  resolveAt(recordAt(value, "proof"), "mirror", ["proof", "mirror"], folder);
  const resolveTls = (holder: unknown, at: ConfigPath): void => {
    const tls = recordAt(holder, "tls");
    for (const key of ["ca_file", "cert_file", "key_file"])
      resolveAt(tls, key, [...at, "tls", key], folder);
  };
  resolveTls(recordAt(value, "fleet"), ["fleet"]);
  const resolveOutput = (output: unknown, at: ConfigPath): void => {
    resolveAt(output, "path", [...at, "path"], folder);
    // One file has one name, so that two outputs, or an output and an input, are found to share it.
    if (isRecord(output) && typeof output["path"] === "string" && output["path"] !== "") {
      output["path"] = normalize(output["path"]);
    }
    resolveTls(output, at);
  };
  resolveOutput(recordAt(value, "output"), ["output"]);
  for (const [name, output] of Object.entries(recordAt(value, "outputs"))) {
    resolveOutput(output, ["outputs", name]);
  }
  for (const [name, input] of Object.entries(recordAt(value, "inputs"))) {
    resolveAt(input, "path", ["inputs", name, "path"], folder);
    const tls = isRecord(input) ? input["tls"] : undefined;
    for (const key of ["cert", "key"]) resolveAt(tls, key, ["inputs", name, "tls", key], folder);
    resolveTls(input, ["inputs", name]);
    for (const key of ["paths", "exclude"]) {
      const globs = isRecord(input) ? input[key] : undefined;
      if (!Array.isArray(globs)) continue;
      for (const [index, glob] of globs.entries()) {
        // An exclusion without a slash is about the file's name, in whatever folder.
        if (key === "exclude" && !String(glob).includes("/")) continue;
        resolveAt(globs, index, ["inputs", name, key, index], escapeGlob(folder));
      }
    }
  }
  return mistakes;
}

function mistakeIn(text: string): string | undefined {
  if (/^([A-Za-z]:[\\/]|\\\\)/.test(text)) {
    return "this is a Windows path; tallyman runs where paths begin with /, such as /var/log";
  }
  if (/^~[^/]*(\/|$)/.test(text)) return '"~" has no meaning here; write the whole path';
  if (text.startsWith("file://")) return 'expected a path, not a URL; remove "file://"';
  if (text.startsWith("!")) return 'a glob cannot begin with "!"; put it under exclude instead';
  if (text.includes("\0")) return "a path cannot contain a NUL character";
  return undefined;
}

/** So that a folder named `a[1]` stands for itself in front of a glob. */
export function escapeGlob(folder: string): string {
  return folder.replaceAll(/[\\*?[\]{}()!+@|]/g, String.raw`\$&`);
}

function recordAt(value: unknown, key: string): Record<string | number, unknown> {
  const below = isRecord(value) ? value[key] : undefined;
  return isRecord(below) ? below : {};
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
