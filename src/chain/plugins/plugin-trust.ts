/**
 * Whether a plugin file may be run: it runs with all that the daemon may do, so nobody but root and the
 * daemon's own user may be able to write it, or to put another file in its place.
 */
import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { distrust } from "../../platform/files/trust.ts";

/**
 * What speaks against trusting the directory `path`, and whatever is put into it; undefined for nothing.
 * A symbolic link is judged by what it leads to. Throws the system's error where it cannot be read.
 */
export function distrustOfDirectory(path: string): string | undefined {
  const stats = statSync(path);
  if (!stats.isDirectory()) return "it is not a directory";
  return distrust(stats, path);
}

/** The same for a file; where a link leads elsewhere, the directory that it leads to counts, too. */
export function distrustOfFile(path: string): string | undefined {
  const target = realpathSync(path);
  const stats = statSync(target);
  if (!stats.isFile()) return "it is not a regular file";
  const reason = distrust(stats, target);
  if (reason !== undefined) return reason;
  const directory = dirname(target);
  if (directory === realpathSync(dirname(path))) return undefined;
  const directoryReason = distrustOfDirectory(directory);
  return directoryReason && `it is a link into ${directory}, and ${directoryReason}`;
}
