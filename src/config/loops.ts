/**
 * Outputs that would write where they must not: to a file that is followed, which would grow without end, or to one of
 * tallyman's own.
 */
import { relative } from "node:path";
import { adminSocketOf } from "../admin/options.ts";
import { globMatches, parseExclusions, parseGlob } from "../inputs/file/discovery/globs.ts";
import { isStateName } from "../platform/files/state-names.ts";
import type { Settings } from "./config.ts";
import type { ConfigPath } from "./document/place.ts";
import { outputsOf } from "./outputs.ts";

/** Each `file` output that would write over a file, or a socket, of tallyman's own. */
export function ownFilesIn(settings: Settings): { path: ConfigPath; message: string }[] {
  const sockets = new Set(socketsOf(settings));
  return outputsOf(settings).flatMap(({ options, at }) => {
    if (options.type !== "file") return [];
    const path = [...at, "path"];
    const [first = ""] = relative(settings.state_dir, options.path).split("/");
    if (isStateName(first)) {
      const message = `tallyman keeps its state there: ${settings.state_dir}/${first}; choose another file`;
      return [{ path, message }];
    }
    if (!sockets.has(options.path)) return [];
    return [{ path, message: "tallyman listens there; choose another file" }];
  });
}

/** The paths of the UNIX sockets that tallyman makes. */
function socketsOf(settings: Settings): string[] {
  const admin = adminSocketOf(settings);
  const inputs = Object.values(settings.inputs).flatMap((input) => {
    if (input.type === "socket") return [input.path];
    return input.type === "hec" && input.listen.kind === "unix" ? [input.listen.path] : [];
  });
  return admin === undefined ? inputs : [admin, ...inputs];
}

/** What is wrong with each `file` output that an input follows, under its own name or one that it gets when it is full. */
export function loopsIn(settings: Settings): { path: ConfigPath; message: string }[] {
  return outputsOf(settings).flatMap(({ options, at }) => {
    if (options.type !== "file") return [];
    const written = [options.path, `${options.path}.000001`];
    const input = Object.keys(settings.inputs).find((name) => follows(settings, name, written));
    if (input === undefined) return [];
    const message = `input ${input} follows this file, so its events would loop forever; exclude it there`;
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
