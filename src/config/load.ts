/**
 * Loading a configuration: file → YAML → `${…}` filled in → schema → Config. It reports all errors at once.
 *
 * It reads the file, what `${file:…}` names, and the environment, and touches nothing else: whether the
 * files and directories that the configuration names exist is for whoever uses them.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { inspect } from "node:util";
import { TallymanError, messageOf, type Complaint } from "../platform/errors.ts";
import { configSchema, type ChainConfig, type Config, type Settings } from "./config.ts";
import { readDocument } from "./document/document.ts";
import { loopsIn, ownFilesIn } from "./loops.ts";
import { compose, type Composed, type Pushed } from "./pushed.ts";
import { outputsOf } from "./outputs.ts";
import { proofMistakesIn } from "./proof-mistakes.ts";
import { resolvePaths } from "./document/paths.ts";
import { config_bytes_max } from "./document/length.ts";
import { valueAt, type ConfigPath } from "./document/place.ts";
import { ConfigFile } from "./document/config-file.ts";
import { defaultStateDirectory, thisOwner } from "./state-directory.ts";
import { confinedIn } from "./secret-places.ts";
import { strangersIn, straysIn } from "./confinement.ts";
import { validate, type Verdict } from "./validate.ts";

const complaints_max = 100;

/** What became of reading a configuration: the Config, or what is wrong with it. */
export type ReadConfig =
  | { readonly config: Config; readonly complaints: readonly [] }
  | {
      readonly config?: undefined;
      readonly complaints: readonly Complaint[];
      /** The chain, where there is one that can be looked at though the rest has mistakes. */
      readonly chain?: ChainConfig;
    };

/**
 * The configuration in `file`, with what is taken from a fleet, if it is of one. Throws TallymanError config_unreadable or
 * config_invalid.
 */
export async function loadConfig(
  file: string,
  environment: NodeJS.ProcessEnv = process.env,
  pushed?: Pushed,
): Promise<Config> {
  const { config, complaints } = await readConfig(file, environment, pushed);
  if (config !== undefined) return config;
  throw configInvalid(file, complaints);
}

/** Only `state_dir`, whatever else is wrong in the file. Throws config_unreadable or config_invalid. */
export async function readStateDirectory(
  file: string,
  environment?: NodeJS.ProcessEnv,
): Promise<string> {
  return (await readPlaces(file, ["state_dir"], environment)).state_dir;
}

/**
 * Only those settings, whatever else is wrong in the file: a command may be run where the secrets are not that the
 * agent is given. Throws config_unreadable or config_invalid.
 */
export async function readPlaces<Key extends "state_dir" | "admin">(
  file: string,
  keys: readonly Key[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Pick<Settings, Key>> {
  const path = resolve(file);
  const folder = dirname(path);
  const document = readDocument(await readText(path, file), { environment, folder, file: path });
  const source = new ConfigFile(file, document);
  const mistakes = document.mistakes
    .filter(({ path: [top] }) => !document.readable || keys.some((key) => key === top))
    .map((each) => source.complainAt(each.offset, each.path, each.message));
  const value = Object.fromEntries(keys.map((key) => [key, valueAt(document.value, [key])]));
  if (keys.some((key) => key === "state_dir") && value["state_dir"] === undefined)
    value["state_dir"] = defaultStateDirectory(path, thisOwner(environment));
  mistakes.push(
    ...resolvePaths(value, folder).map((each) => source.complain(each.path, each.message)),
  );
  const found: [Key, unknown][] = [];
  for (const key of keys) {
    const checked = configSchema.shape[key].safeParse(value[key]);
    if (checked.success) found.push([key, checked.data]);
    else if (mistakes.length === 0) {
      mistakes.push(source.complain([key], "is wrong; `tallyman check -c FILE` says why"));
    }
  }
  if (mistakes.length > 0) throw configInvalid(file, mistakes);
  return Object.fromEntries(found) as Pick<Settings, Key>;
}

/** The error for these complaints, in the order of their places. */
export function configInvalid(file: string, complaints: readonly Complaint[]): TallymanError {
  const count = complaints.length === 1 ? "1 error" : `${complaints.length} errors`;
  return new TallymanError("config_invalid", `${file} has ${count}.`, {
    file,
    complaints: inOrder(complaints),
  });
}

/** As loadConfig, but gives the complaints instead of throwing them. Throws config_unreadable. */
export async function readConfig(
  file: string,
  environment: NodeJS.ProcessEnv = process.env,
  pushed: Pushed = "kept",
): Promise<ReadConfig> {
  const path = resolve(file);
  const folder = dirname(path);
  const text = await readText(path, file);
  const document = readDocument(text, { environment, folder, file: path });
  const source = new ConfigFile(file, document);
  const complaints = document.mistakes.map((each) =>
    source.complainAt(each.offset, each.path, each.message),
  );
  if (!document.readable) return { complaints: inOrder(complaints) };
  const state_dir = stateDirectoryIn(document.value, path, environment);
  const own = { value: document.value, source, state_dir, environment, folder, file: path };
  const composed = await compose(own, pushed);
  const { value, complaints: more } = composed;
  const verdict = validate(value, folder, source);
  complaints.push(...more, ...verdict.complaints);
  const { settings } = verdict;
  if (settings !== undefined && valueAt(document.value, ["state_dir"]) === undefined)
    settings.state_dir = state_dir;
  const misplaced =
    settings === undefined
      ? []
      : [...loopsIn(settings), ...ownFilesIn(settings), ...proofMistakesIn(settings)];
  complaints.push(...misplaced.map(({ path: at, message }) => source.complain(at, message)));
  if (settings !== undefined)
    complaints.push(
      ...confinedIn(settings, source),
      ...strangersIn(settings, source),
      ...straysIn(settings, source, folder),
    );
  if (settings !== undefined && complaints.length === 0) {
    return {
      config: configOf(settings, { file: path, text, ...composed }, source),
      complaints: [],
    };
  }
  const chain = chainOf(verdict, path, source);
  return { complaints: inOrder(complaints), ...(chain !== undefined && { chain }) };
}

/** Where the state is, as far as the file says it rightly. */
function stateDirectoryIn(value: unknown, file: string, environment: NodeJS.ProcessEnv): string {
  const given = valueAt(value, ["state_dir"]);
  if (typeof given === "string" && given !== "") return resolve(dirname(file), given);
  return defaultStateDirectory(file, thisOwner(environment));
}

/** What there is of the chain although other settings are wrong. */
function chainOf(
  { settings, chain }: Verdict,
  file: string,
  source: ConfigFile,
): ChainConfig | undefined {
  if (settings !== undefined)
    return {
      ...settings,
      file,
      output_names: outputsOf(settings).map(({ name }) => name),
      complain: (...what) => source.complain(...what),
      isInserted: (path) => source.isInserted(path),
      isSecret: (path) => source.isSecret(path),
      confinedAt: (path) => source.confinedAt(path),
      directoriesFor: (path) => source.directoriesFor(path),
      hide: (text) => source.hide(text),
    };
  if (chain === undefined) return undefined;
  // Mistaken steps are left out, so the numbers of the others differ from those in the file.
  const inFile = ([top = "chain", number, ...below]: ConfigPath): ConfigPath => {
    const step = typeof number === "number" ? (chain.numbers[number] ?? number) : number;
    return [top, ...(step === undefined ? [] : [step]), ...below];
  };
  return {
    ...chain,
    file,
    complain: (path, ...what) => source.complain(inFile(path), ...what),
    isInserted: (path) => source.isInserted(inFile(path)),
    isSecret: (path) => source.isSecret(inFile(path)),
    confinedAt: (path) => source.confinedAt(inFile(path)),
    directoriesFor: (path) => source.directoriesFor(path),
    hide: (text) => source.hide(text),
  };
}

function configOf(
  settings: Settings,
  { file, text, taken, awaited_group }: { file: string; text: string } & Composed,
  source: ConfigFile,
): Config {
  source.followSecrets(settings);
  // The events in tests are not shown: whoever wrote them may have taken them from a log.
  const { tests: _tests, ...shown } = settings;
  const masked = (): unknown => source.masked([], shown);
  // What is not a setting is not enumerable, so that whoever copies the settings gets just them.
  return Object.defineProperties(settings, {
    file: { value: file },
    // Only a run asks for it.
    sha256: { get: () => createHash("sha256").update(text).digest("hex") },
    taken: { value: taken },
    awaited_group: { value: awaited_group },
    inserted_files: { value: source.inserted_files },
    complain: { value: (...what: Parameters<Config["complain"]>) => source.complain(...what) },
    isInserted: { value: (path: ConfigPath) => source.isInserted(path) },
    isSecret: { value: (path: ConfigPath) => source.isSecret(path) },
    confinedAt: { value: (path: ConfigPath) => source.confinedAt(path) },
    directoriesFor: { value: (path: ConfigPath) => source.directoriesFor(path) },
    hide: { value: (said: string) => source.hide(said) },
    isInsertedSecret: { value: (path: ConfigPath) => source.isInsertedSecret(path) },
    show: { value: (path: ConfigPath) => source.show(path) },
    toJSON: { value: masked },
    [inspect.custom]: { value: masked },
  }) as Config;
}

function inOrder(complaints: readonly Complaint[]): Complaint[] {
  const place = ({ line = 0, column = 0 }: Complaint): number => line * 10_000 + column;
  return complaints.toSorted((one, other) => place(one) - place(other)).slice(0, complaints_max);
}

/** The text of a file of the configuration. Throws TallymanError config_unreadable. */
export async function readText(path: string, shown: string): Promise<string> {
  const refuse = (reason: string, cause?: unknown): TallymanError =>
    new TallymanError("config_unreadable", `${shown}: ${reason}`, { file: shown }, { cause });
  let bytes: Buffer;
  try {
    // A pipe without a writer would block the open forever; O_NONBLOCK makes it return.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw refuse("it is not a regular file");
      const buffer = Buffer.alloc(config_bytes_max + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      bytes = buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof TallymanError) throw cause;
    throw refuse(reasonOf(cause), cause);
  }
  if (bytes.length > config_bytes_max) {
    throw refuse("the file is longer than 256KiB; is it really a configuration?");
  }
  try {
    // The decoder takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const place = placeOfForeignByte(bytes);
    throw refuse(`the file is not UTF-8 text (${place}); save it as UTF-8`, cause);
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "the file cannot be read by this user; check its owner and mode";
  return messageOf(cause);
}

/** Where the first byte is that is not UTF-8, as an editor counts. */
function placeOfForeignByte(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const mark = "\ufffd";
  let at = text.indexOf(mark);
  // It may be written in the file itself.
  while (bytes.subarray(Buffer.byteLength(text.slice(0, at))).indexOf(mark) === 0)
    at = text.indexOf(mark, at + 1);
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}
