/**
 * Which modules go into one file, since each file costs time, whatever is in it: those that the same commands need. A file is
 * run as a whole, so that a module is put only where all who load the file need it; but one that is tiny and needs nothing
 * costs less in another file than in one of its own.
 *
 * The bundler's own files say who needs what, once it has left out what nobody uses.
 */
import type { OutputChunk } from "rolldown";

/** The beginnings of the commands and threads that are to load little. */
const roots = {
  config: "src/config/load.ts",
  isolation: "src/chain/isolation-process/isolation-worker.ts",
  watchdog: "src/platform/watchdog/watchdog-worker.ts",
  check: "src/cli/check/check.ts",
  run: "src/cli/run/run.ts",
};

type Needs = Record<keyof typeof roots, ReadonlySet<string>>;

/** Up to how many characters a file is tiny. */
const tiny = 2000;

/**
 * The names of parts by the modules in them, for what both `check` and `run` need, and for the tiny ones of `run`; the bundler
 * itself shares out the rest.
 */
export function partsOf(files: readonly OutputChunk[]): ReadonlyMap<string, string> {
  const needs = Object.fromEntries(
    Object.entries(roots).map(([name, module]) => [name, neededBy(module, files)]),
  ) as Needs;
  const modules = [...needs.check].filter((module) => needs.run.has(module));
  const small = files.filter(isTiny).flatMap(({ moduleIds }) => moduleIds);
  return new Map([
    ...small.filter((module) => needs.run.has(module)).map((module) => [module, "base"] as const),
    ...modules.map((module) => [module, partOf(module, needs)] as const),
  ]);
}

/** Whether a file is no more than what would be lost in another; an entry keeps its own. */
function isTiny({ code, imports, isEntry, isDynamicEntry }: OutputChunk): boolean {
  const needs_nothing = imports.every((name) => name.includes("rolldown-runtime"));
  return code.length < tiny && needs_nothing && !isEntry && !isDynamicEntry;
}

function partOf(module: string, { config, isolation, watchdog }: Needs): string {
  if (watchdog.has(module)) return "watchdog";
  if (isolation.has(module)) return config.has(module) ? "base" : "chain";
  return config.has(module) ? "config" : "inputs";
}

/** The modules of all files that are loaded with this module. */
function neededBy(module: string, files: readonly OutputChunk[]): ReadonlySet<string> {
  const first = files.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/${module}`)));
  if (first === undefined) throw new Error(`${module} is in no file of the bundle`);
  const loaded = new Set([first]);
  // What is added while it is gone through is gone through as well.
  for (const { imports } of loaded) {
    for (const file of files) if (imports.includes(file.fileName)) loaded.add(file);
  }
  return new Set([...loaded].flatMap(({ moduleIds }) => moduleIds));
}
