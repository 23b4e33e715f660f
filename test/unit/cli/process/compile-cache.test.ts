/** The place of V8's compile cache: what is in it is run, so that it is used only where nobody else can write. */
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compileCacheDirectory } from "../../../../src/cli/process/compile-cache.ts";
import { main } from "../../../support/program.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Below no directory that everybody may write, as the system's temporary one is. */
function safeDirectory(): string {
  const directory = join(process.cwd(), `.compile-cache-test-${process.pid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  onTestFinished(() => {
    spawnSync("rm", ["-rf", directory]);
  });
  return directory;
}

/** A checkout may lie where a group can write; then there is no safe place to try it in. */
const safe_place = compileCacheDirectory({ XDG_CACHE_HOME: join(process.cwd(), "node_modules") });
const inSafePlace = test.skipIf(safe_place === undefined);

inSafePlace(
  "compile cache - is in systemd's cache directory, or in the user's, for nobody else to read",
  () => {
    const directory = safeDirectory();
    const own = { XDG_CACHE_HOME: directory };
    expect(compileCacheDirectory(own)).toBe(join(directory, "tallyman", "compiled"));
    expect(statSync(join(directory, "tallyman")).mode & 0o777).toBe(0o700);
    const given = { ...own, CACHE_DIRECTORY: `${directory}/given:/other` };
    expect(compileCacheDirectory(given)).toBe(join(directory, "given", "compiled"));
  },
);

type Case = [name: string, change: (directory: string) => void];
const cases: Case[] = [
  ["others may write", (directory) => chmodSync(directory, 0o777)],
  ["its group may write", (directory) => chmodSync(directory, 0o770)],
];
if (process.getuid!() === 0)
  cases.push(["another user owns", (directory) => chownSync(directory, 65534, 65534)]);

test.each(cases)(
  "compile cache - is not used in a directory that %s, nor is anything made there",
  (_, change) => {
    const base = safeDirectory();
    const directory = join(base, "caches");
    mkdirSync(directory);
    change(directory);
    expect(compileCacheDirectory({ XDG_CACHE_HOME: directory })).toBeUndefined();
    expect(existsSync(join(directory, "tallyman"))).toBe(false);
    // Nor behind a link.
    symlinkSync(directory, join(base, "link"));
    expect(compileCacheDirectory({ XDG_CACHE_HOME: join(base, "link") })).toBeUndefined();
  },
);

test("compile cache - below a directory that everybody may write it is not used", () => {
  expect(compileCacheDirectory({ XDG_CACHE_HOME: temporaryDirectory() })).toBeUndefined();
});

inSafePlace("compile cache - a command fills it, and the next one uses it", () => {
  const directory = safeDirectory();
  const { NODE_COMPILE_CACHE: _, ...environment } = process.env;
  const env = { ...environment, XDG_CACHE_HOME: directory };
  const run = (): string =>
    spawnSync(process.execPath, [main, "check", "--help"], { encoding: "utf8", env }).stdout;
  const first = run();
  const files = spawnSync("find", [directory, "-type", "f"], { encoding: "utf8" }).stdout;
  expect(files).not.toBe("");
  expect(run()).toBe(first);
});
