/**
 * Which input a log is one of: the one that was named, else the one whose paths match it, else the only one there is.
 */
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import type { InputOptions } from "../config/inputs.ts";
import { globMatches, parseGlob } from "../inputs/file/discovery/globs.ts";
import { TallymanError } from "../platform/errors.ts";
import { suggestion } from "../platform/text/suggest.ts";

/** The name of the input for `log`; undefined stands for standard input. Throws TallymanError usage. */
export function inputFor(config: Config, log: string | undefined, named?: string): string {
  const names = Object.keys(config.inputs);
  if (named !== undefined) {
    if (names.includes(named)) return named;
    const hint = suggestion(named, names);
    throw new TallymanError("usage", `there is no input "${named}" in ${config.file}${hint}`);
  }
  const fitting = names.filter((name) => takes(config.inputs[name]!, log));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0 && names.length === 1) return names[0]!;
  const what = log === undefined ? "standard input" : log;
  const problem =
    fitting.length === 0
      ? `no input of ${config.file} is for ${what}`
      : `several inputs of ${config.file} are for ${what}`;
  const choice = (fitting.length === 0 ? names : fitting).join(", ");
  throw new TallymanError("usage", `${problem}; choose one with --input: ${choice}`);
}

function takes(options: InputOptions, log: string | undefined): boolean {
  if (log === undefined) return options.type === "stdin";
  if (options.type !== "file") return false;
  const path = resolve(log);
  return options.paths.some((glob) => parseGlob(glob).some((each) => globMatches(each, path)));
}
