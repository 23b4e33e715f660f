/**
 * Loading plugins: built in and dropped in go the same way.
 *
 * Every .js, .mjs, .ts or .mts file of a directory is a plugin, in the order of their names. All refusals are
 * reported at once. Only the trust check is left out for the built-in ones: they are as trusted as this file. Of those, only
 * the ones that a chain uses are loaded, since each costs time at the start.
 */
import { readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { systemClock, type Clock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { built_in_plugins } from "../../platform/places.ts";
import { pluginExceptions } from "./plugin-exceptions.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";
import { inTime } from "./in-time.ts";
import { describeLoadError } from "./load-error.ts";
import { name_length_max, name_pattern, step_keys } from "../options.ts";
import { common_js_refusal, isCommonJs, isPluginFile } from "./plugin-files.ts";
import { distrustOfDirectory, distrustOfFile } from "./plugin-trust.ts";
import { importPlugin, type PluginModule } from "./plugin-modules.ts";
import type { Plugin } from "../../plugin.ts";

export interface LoadedPlugin {
  readonly plugin: Plugin;
  readonly file: string;
  /** Of the file's content, in hex; not of what is built in. */
  readonly sha256: string;
  /** The hashes of the files that it imports from its own directory and those below, by their paths. */
  readonly imports: ReadonlyMap<string, string>;
  readonly built_in: boolean;
}

/** By name. */
export type Plugins = ReadonlyMap<string, LoadedPlugin>;

/** One file that cannot be used, and why. */
interface Refusal {
  file: string;
  reason: string;
}

export interface LoadOptions {
  readonly clock?: Clock | undefined;
  /** The names of the plugins that the chains use: no other built-in one is loaded. Default: all of them. */
  readonly used?: ReadonlySet<string>;
}

/** The names of all built-in plugins, loaded or not: each has its name from its file. */
export function builtInNames(): string[] {
  return readdirSync(built_in_plugins)
    .filter(isPluginFile)
    .map((file) => parse(file).name);
}

/**
 * Loads the built-in plugins, and those of `plugins_dir` where there is one. A file that has
 * changed since an earlier call, or that imports one that has, is loaded again. Throws TallymanError plugin_refused.
 */
export async function loadPlugins(
  plugins_dir?: string,
  { clock = systemClock, used }: LoadOptions = {},
): Promise<Plugins> {
  const plugins = new Map<string, LoadedPlugin>();
  const refusals: Refusal[] = [];
  const found = { plugins, refusals, clock };
  const isUsed = (file: string): boolean => used?.has(parse(file).name) !== false;
  await loadDirectory(fileURLToPath(built_in_plugins), { built_in: true, isUsed }, found);
  if (plugins_dir !== undefined) {
    await loadDirectory(plugins_dir, { built_in: false, isUsed: () => true }, found);
  }
  if (refusals.length === 0) return plugins;
  const list = refusals.map(({ file, reason }) => `${file}: ${reason}`);
  throw new TallymanError("plugin_refused", `Plugins are refused:\n${list.join("\n")}`, {
    refusals,
  });
}

interface Found {
  plugins: Map<string, LoadedPlugin>;
  refusals: Refusal[];
  clock: Clock;
}

interface Kind {
  built_in: boolean;
  isUsed: (file: string) => boolean;
}

async function loadDirectory(
  directory: string,
  { built_in, isUsed }: Kind,
  found: Found,
): Promise<void> {
  let names: string[];
  try {
    const reason = built_in ? undefined : distrustOfDirectory(directory);
    if (reason !== undefined) {
      found.refusals.push({ file: directory, reason });
      return;
    }
    const entries = await readdir(directory, { withFileTypes: true });
    names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (cause) {
    found.refusals.push({ file: directory, reason: `it cannot be read: ${messageOf(cause)}` });
    return;
  }
  for (const name of names.filter(isPluginFile).filter(isUsed).sort()) {
    await loadFile(join(directory, name), built_in, found);
  }
}

async function loadFile(file: string, built_in: boolean, found: Found): Promise<void> {
  try {
    const reason = built_in ? undefined : distrustOfFile(file);
    if (reason !== undefined || isCommonJs(file)) {
      found.refusals.push({ file, reason: reason ?? common_js_refusal });
      return;
    }
    const loading = built_in
      ? importBuiltIn(file)
      : watchdog.during({ kind: "load", file }, () => importPlugin(file));
    const { exported, sha256, imports } = await inTime(loading, found.clock);
    const plugin = exported.default as Plugin;
    const mistake =
      mistakeInShape(exported) ?? (built_in ? undefined : clash(plugin, found.plugins));
    if (mistake === undefined)
      found.plugins.set(plugin.name, { plugin, file, sha256, imports, built_in });
    else found.refusals.push({ file, reason: mistake });
  } catch (cause) {
    pluginExceptions.note({ file }, cause);
    found.refusals.push({
      file,
      reason: `it does not load: ${await describeLoadError(cause, file)}`,
    });
  }
}

/** It is as unchanging as the rest of this program. */
async function importBuiltIn(file: string): Promise<PluginModule> {
  const { href } = pathToFileURL(file);
  const exported = (await import(/* @vite-ignore */ href)) as { default?: unknown };
  return { exported, sha256: "", imports: new Map() };
}

function mistakeInShape(exported: { default?: unknown }): string | undefined {
  if (!("default" in exported)) return "it has no default export; write: export default { … }";
  const plugin = exported.default;
  if (typeof plugin !== "object" || plugin === null) {
    return "its default export must be an object with `name` and `create`";
  }
  const { name, create, options, secret_options = [] } = plugin as Record<string, unknown>;
  if (typeof name !== "string") return "its default export has no `name` (a string)";
  if (!name_pattern.test(name) || name.length > name_length_max) {
    return `its name ${JSON.stringify(name.slice(0, 80))} is not snake_case, such as add_site`;
  }
  if (step_keys.includes(name)) return `its name "${name}" is a key that every step may have`;
  if (typeof create !== "function") return "its default export has no `create` (a function)";
  if (options !== undefined && !isStandardSchema(options)) {
    return "its `options` is not a Standard Schema (standardschema.dev), such as zod makes";
  }
  if (!Array.isArray(secret_options) || secret_options.some((each) => typeof each !== "string")) {
    return "its `secret_options` is not a list of names of options";
  }
  return undefined;
}

function isStandardSchema(options: unknown): boolean {
  if (options === null || (typeof options !== "object" && typeof options !== "function")) {
    return false;
  }
  const standard = (options as Record<string, unknown>)["~standard"] as { validate?: unknown };
  return typeof standard === "object" && typeof standard.validate === "function";
}

function clash({ name }: Plugin, plugins: Plugins): string | undefined {
  if (builtInNames().includes(name)) return `its name "${name}" is taken by a built-in plugin`;
  const other = plugins.get(name);
  return other === undefined
    ? undefined
    : `its name "${name}" is taken by the plugin ${other.file}`;
}
