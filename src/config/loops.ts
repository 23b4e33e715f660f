/**
 * Outputs that would be their own input: a file that is written and followed grows without end.
 */
import { globMatches, parseExclusions, parseGlob } from "../inputs/file/globs.ts";
import type { Settings } from "./config.ts";
import type { ConfigPath } from "./place.ts";
import { outputsOf } from "./outputs.ts";

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
