/**
 * Outputs that would write where they must not: to a file that is followed, which would grow without end, or to one of
 * tallyman's own.
 */
import { relative } from "node:path";
import { globMatches, parseExclusions, parseGlob } from "../inputs/file/discovery/globs.ts";
import type { Settings } from "./config.ts";
import type { ConfigPath } from "./document/place.ts";
import { outputsOf } from "./outputs.ts";

/** What tallyman itself writes in `state_dir`; beside it there is room for an archive. */
const own_names = new Set([
  "journal",
  "lock",
  "quarantine",
  "quarantine.sock",
  "state.json",
  "state.json.new",
]);

/** Each `file` output that would write to a file of tallyman's own. */
export function ownFilesIn(settings: Settings): { path: ConfigPath; message: string }[] {
  return outputsOf(settings).flatMap(({ options, at }) => {
    if (options.type !== "file") return [];
    const [first = ""] = relative(settings.state_dir, options.path).split("/");
    if (!own_names.has(first)) return [];
    const message = `tallyman keeps its state there: ${settings.state_dir}/${first}; expected another file`;
    return [{ path: [...at, "path"], message }];
  });
}

/** What is wrong with each `file` output that an input follows, under its own name or one that it gets when it is full. */
export function loopsIn(settings: Settings): { path: ConfigPath; message: string }[] {
  return outputsOf(settings).flatMap(({ options, at }) => {
    if (options.type !== "file") return [];
    const written = [options.path, `${options.path}.000001`];
    const input = Object.keys(settings.inputs).find((name) => follows(settings, name, written));
    if (input === undefined) return [];
    const message = `input ${input} follows this file, so its events would come back without end; exclude it there`;
    return [{ path: [...at, "path"], message }];
  });
}

function follows({ inputs }: Settings, name: string, written: readonly string[]): boolean {
  const input = inputs[name]!;
  if (input.type !== "file") return false;
  const isExcluded = parseExclusions(input.exclude);
  const globs = input.paths.flatMap((text) => parseGlob(text));
  return written.some((path) => !isExcluded(path) && globs.some((glob) => globMatches(glob, path)));
}
