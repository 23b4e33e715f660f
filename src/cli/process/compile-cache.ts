/**
 * Where V8 keeps what it has compiled, so that the next start need not compile it again. What is there is run like
 * the program itself: it is used only where nobody but root and this user can write, and never outside of a place
 * that is meant for it.
 */
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { distrust } from "../../platform/files/trust.ts";

const directory_mode = 0o700;

/** Has Node use the cache, if there is a safe place for it. Never throws: without it, a start takes a little longer. */
export function useCompileCache(environment: NodeJS.ProcessEnv = process.env): void {
  // Somebody has chosen another place (NODE_COMPILE_CACHE).
  if (getCompileCacheDir() !== undefined) return;
  try {
    const directory = compileCacheDirectory(environment);
    if (directory !== undefined) enableCompileCache(directory);
  } catch {
    // No home, a disk that is full or read-only.
  }
}

/** The place, which is there then; undefined where there is none that is safe. Throws what the system says. */
export function compileCacheDirectory(environment: NodeJS.ProcessEnv): string | undefined {
  const { CACHE_DIRECTORY: from_systemd, XDG_CACHE_HOME: chosen } = environment;
  // The home of the user who runs this, whatever sudo has left in HOME.
  const caches = chosen !== undefined && isAbsolute(chosen) ? chosen : join(home(), ".cache");
  const base = from_systemd?.split(":")[0] ?? join(caches, "tallyman");
  const directory = join(base, "compiled");
  // What is there already has to be safe before anything is made in it.
  const there = firstThere(directory);
  if (!isSafe(there)) return undefined;
  if (there === directory) return directory;
  mkdirSync(directory, { recursive: true, mode: directory_mode });
  return isSafe(directory) ? directory : undefined;
}

function home(): string {
  const { homedir } = userInfo();
  if (!lstatSync(homedir).isDirectory()) throw new Error(`${homedir} is no directory`);
  return homedir;
}

function firstThere(path: string): string {
  const there = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return there ? path : firstThere(dirname(path));
}

/** Whether it and each directory above are real ones, in which nobody else may write. */
function isSafe(path: string): boolean {
  const stats = lstatSync(path);
  if (!stats.isDirectory() || distrust(stats, path) !== undefined) return false;
  return path === "/" || isSafe(dirname(path));
}
