/** What Node has compiled for the tests, kept from one run to the next, and bounded: each build adds files. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Worktrees share it. */
export const compile_cache = join(tmpdir(), "tallyman-test-compiled");

/** About 200 MB. */
const files_max = 20_000;

/**
 * Where a Node version has more files than that, leaves half of them: those that were used last. Another run may go on
 * meanwhile: it compiles again what it does not find.
 */
export function trimCompileCache(directory = compile_cache, max = files_max): void {
  for (const version of namesIn(directory)) {
    const names = namesIn(join(directory, version));
    if (names.length <= max) continue;
    const files = names.map((name) => usedFile(join(directory, version, name)));
    files.sort((one, other) => other.used_ms - one.used_ms);
    for (const { path } of files.slice(Math.ceil(max / 2))) rmSync(path, { force: true });
  }
}

function usedFile(path: string): { path: string; used_ms: number } {
  const { atimeMs = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return { path, used_ms: Math.max(atimeMs, mtimeMs) };
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there yet, or a file.
    return [];
  }
}
