/** The way to a directory: made where it is missing, and by no link that others can lead elsewhere. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HeldDirectory } from "../../../../src/platform/files/held-directory.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** What the directory is called once it is open. */
async function realPath(path: string, mode?: number): Promise<string> {
  const held = await HeldDirectory.open(path, mode);
  await held.close();
  return held.path;
}

describe("held directory", () => {
  test("held directory - what is missing is made, with its mode, where a mode is given", async () => {
    const path = join(temporaryDirectory(), "one", "two");
    await expect(realPath(path)).rejects.toThrow("ENOENT");
    expect(await realPath(path, 0o700)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test("held directory - own links are followed, however they are written, and what they lead to is not made", async () => {
    const place = temporaryDirectory();
    mkdirSync(join(place, "real", "inner"), { recursive: true });
    symlinkSync("./real/../real", join(place, "relative"));
    symlinkSync(join(place, "relative", "inner"), join(place, "absolute"));
    symlinkSync(join(place, "gone"), join(place, "to-nothing"));
    symlinkSync(join(place, "circle"), join(place, "circle"));
    expect(await realPath(join(place, "absolute", "new"), 0o700)).toBe(
      join(place, "real/inner/new"),
    );
    await expect(realPath(join(place, "to-nothing", "new"), 0o700)).rejects.toThrow("ENOENT");
    await expect(realPath(join(place, "circle"))).rejects.toThrow("a circle of symbolic links");
    expect(existsSync(join(place, "gone"))).toBe(false);
  });

  test("held directory - a link where others may write is not followed", async () => {
    const place = temporaryDirectory();
    const open = join(place, "open");
    mkdirSync(join(place, "real"));
    mkdirSync(open);
    symlinkSync(join(place, "real"), join(open, "link"));
    chmodSync(open, 0o777);
    for (const path of [join(open, "link"), join(open, "link", "new")]) {
      await expect(realPath(path, 0o700)).rejects.toThrow(
        `${join(open, "link")} is a symbolic link that others can lead elsewhere`,
      );
    }
    // A directory there may be anybody's: what is put into it is looked at by itself.
    expect(await realPath(join(open, "own"), 0o700)).toBe(join(open, "own"));
    expect(readdirSync(join(place, "real"))).toEqual([]);
  });

  test.skipIf(process.getuid!() !== 0)("held directory - nor is another user's link", async () => {
    const place = temporaryDirectory();
    const link = join(place, "link");
    symlinkSync("/", link);
    lchownSync(link, 12345, 12345);
    await expect(realPath(join(link, "tmp"))).rejects.toThrow("it belongs to user 12345");
  });

  test("held directory - what is no directory is named, and not waited for", async () => {
    const place = temporaryDirectory();
    execFileSync("mkfifo", [join(place, "pipe")]);
    writeFileSync(join(place, "file"), "");
    for (const name of ["pipe", "file"]) {
      await expect(realPath(join(place, name, "below"), 0o700)).rejects.toThrow(
        `${join(place, name)} is not a directory (ENOTDIR); see who made it, and remove it`,
      );
    }
  });

  test("held directory - stays the same when another is put in its place", async () => {
    const place = temporaryDirectory();
    const held = await HeldDirectory.open(join(place, "own"), 0o700);
    renameSync(join(place, "own"), join(place, "moved"));
    mkdirSync(join(place, "own"));
    writeFileSync(held.at("file"), "");
    expect(existsSync(join(place, "moved", "file"))).toBe(true);
    const cause = new Error(`ENOSPC: no space left, write '${held.at("file")}'`);
    expect(held.explained(cause)).toMatchObject({
      message: `ENOSPC: no space left, write '${join(place, "own", "file")}'`,
    });
    await held.close();
  });

  test("held directory - errors name it by its path, with what is in it and without", async () => {
    for (const path of ["/", join(temporaryDirectory(), "of $&")]) {
      const held = await HeldDirectory.open(path, 0o700);
      const cause = new Error(
        `rename '${held.at("a")}' -> '${held.at("b")}', fsync '${held.place}'`,
      );
      const [a, b] = [join(path, "a"), join(path, "b")];
      expect(held.explained(cause)).toMatchObject({
        message: `rename '${a}' -> '${b}', fsync '${path}'`,
      });
      await held.close();
    }
  });
});
