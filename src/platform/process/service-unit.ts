/**
 * The unit by which systemd runs a configuration: where it loads credentials from, and whose rights it has. So a command
 * that is run by hand can do as the agent does.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/** In the order in which systemd looks: what stands first hides what is called the same behind it. */
const usual_folders = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** A unit that runs a configuration. */
export interface ServiceUnit {
  /** `tallyman.service`. */
  readonly name: string;
  /** The absolute path of each credential that it loads from a file, by its name. */
  readonly credentials: ReadonlyMap<string, string>;
  /** Undefined where it runs as root. */
  readonly user: string | undefined;
  /** Those that the user is given besides its own. */
  readonly groups: readonly string[];
  /** Below /var/lib; undefined where systemd makes none for it. */
  readonly state_directory: string | undefined;
  /** Below /run; undefined where systemd makes none for it. */
  readonly runtime_directory: string | undefined;
}

/** The unit called tallyman… that runs the configuration `file`, an absolute path. */
export function serviceUnitOf(
  file: string,
  environment: NodeJS.ProcessEnv,
): ServiceUnit | undefined {
  const folders = foldersIn(environment["SYSTEMD_UNIT_PATH"]);
  const names = new Set(folders.flatMap((folder) => namesIn(folder, /^tallyman.*\.service$/)));
  for (const name of names) {
    const settings = settingsOf(name, folders);
    const instance = instanceFor(settings.get("ExecStart") ?? [], file);
    if (instance === undefined) continue;
    // What is set for one instance only stands in its own drop-ins.
    const whole = name.replace("@.", `@${instance}.`);
    const all = whole === name ? settings : settingsOf(name, folders, whole);
    return {
      name: whole,
      credentials: credentialsIn(all.get("LoadCredential") ?? [], instance),
      user: all.get("User")?.at(-1),
      groups: (all.get("SupplementaryGroups") ?? []).flatMap((list) => list.split(/\s+/)),
      state_directory: firstDirectory(all.get("StateDirectory"), instance),
      runtime_directory: firstDirectory(all.get("RuntimeDirectory"), instance),
    };
  }
  return undefined;
}

function foldersIn(path: string | undefined): readonly string[] {
  if (path === undefined || path === "") return usual_folders;
  const given = path.split(":").filter((folder) => folder !== "");
  return path.endsWith(":") ? [...given, ...usual_folders] : given;
}

function namesIn(folder: string, wanted: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => wanted.test(name));
  } catch {
    return [];
  }
}

/** The values of each key, in order, of the unit and its drop-ins; an empty value takes back those before it. */
function settingsOf(
  unit: string,
  folders: readonly string[],
  instance = unit,
): Map<string, string[]> {
  const texts = [textOf(folders.map((folder) => join(folder, unit)))];
  for (const name of new Set([unit, instance])) {
    const by_name = new Map<string, string>();
    for (const folder of folders.toReversed()) {
      const below = join(folder, `${name}.d`);
      for (const each of namesIn(below, /\.conf$/)) by_name.set(each, join(below, each));
    }
    const in_order = [...by_name.values()].toSorted((one, other) =>
      basename(one) < basename(other) ? -1 : 1,
    );
    texts.push(...in_order.map((path) => textOf([path])));
  }
  const settings = new Map<string, string[]>();
  for (const line of texts.join("\n").replaceAll(/\\\n/g, " ").split("\n")) {
    const [, key, value] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    settings.set(key, value === "" ? [] : [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

/** Of the first that can be read. */
function textOf(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // The next one.
    }
  }
  return "";
}

/** What %i stands for where one of the commands runs the configuration; empty where it has none. */
function instanceFor(commands: readonly string[], file: string): string | undefined {
  for (const command of commands) {
    const words = command
      .split(/\s+/)
      .map((word) => word.replaceAll(/^["']|["']$/g, "").replace(/^--config=/, ""));
    for (const word of words) {
      const pattern = word
        .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll(/%[iI]/g, "([^/]+)");
      const found = new RegExp(`^${pattern}$`).exec(file);
      if (word.includes("/") && found !== null) return found[1] ?? "";
    }
  }
  return undefined;
}

/** The first of `StateDirectory=` and its like; what stands behind a colon is a link to it. */
function firstDirectory(values: readonly string[] = [], instance: string): string | undefined {
  const [first = ""] = values.join(" ").replaceAll(/%[iI]/g, instance).split(/[\s:]/);
  return first === "" ? undefined : first;
}

/** `NAME:PATH` of LoadCredential=. A relative path names a credential that systemd itself was given. */
function credentialsIn(values: readonly string[], instance: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const value of values) {
    const [, name, path] = /^([^:]+):(\/.*)$/.exec(value.replaceAll(/%[iI]/g, instance)) ?? [];
    if (name !== undefined && path !== undefined) files.set(name, resolve(path));
  }
  return files;
}
