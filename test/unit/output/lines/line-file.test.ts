/** A file of lines where the system fails, or somebody else has a hand in it: what is written once stays. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LineFile } from "../../../../src/output/lines/line-file.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function lineFile(path: string, mode = 0o600): LineFile {
  const putAside = (): Promise<void> => Promise.resolve();
  const file = new LineFile({ path, mode, file_bytes_max: 2 ** 20, putAside });
  onTestFinished(() => file.close());
  return file;
}

test("line file - what was written stays there when its directory cannot be looked at any more", async () => {
  const directory = join(temporaryDirectory(), "lines");
  const file = lineFile(join(directory, "file"));
  await file.append(Buffer.from("one\n"));
  await file.append(Buffer.from("two\n"));
  renameSync(directory, `${directory}.moved`);
  writeFileSync(directory, "no directory");
  await expect(file.append(Buffer.from("three\n"))).rejects.toThrow("ENOTDIR");
  expect(readFileSync(join(`${directory}.moved`, "file"), "utf8")).toBe("one\ntwo\n");
  rmSync(directory);
  await file.append(Buffer.from("three\n"));
  expect(readFileSync(join(directory, "file"), "utf8")).toBe("three\n");
});

test("line file - a pipe is no place for lines, and stays as it is", async () => {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", ["-m", "0644", path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  await expect(lineFile(path).append(Buffer.from("x\n"))).rejects.toThrow("not a regular file");
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(() => readSync(reader, Buffer.alloc(1))).toThrow("EAGAIN");
});

test.skipIf(process.getuid?.() !== 0)(
  "line file - on a full disk it takes back what it began to write, and no more",
  async () => {
    const directory = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]);
    onTestFinished(() => {
      execFileSync("umount", ["-l", directory]);
    });
    const path = join(directory, "file");
    const file = lineFile(path);
    await file.append(Buffer.from("one\n"));
    await expect(file.append(Buffer.alloc(2 ** 17, "x\n"))).rejects.toThrow("ENOSPC");
    expect(readFileSync(path, "utf8")).toBe("one\n");
    await file.append(Buffer.from("two\n"));
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  },
);

test("line file - what is put aside stays in the directory that it was written in", async () => {
  const place = temporaryDirectory();
  const own = join(place, "own");
  const other = join(place, "other");
  mkdirSync(other);
  const file = new LineFile({
    path: join(own, "file"),
    mode: 0o600,
    file_bytes_max: 6,
    putAside: async (directory) => {
      renameSync(own, join(place, "moved"));
      symlinkSync(other, own);
      await rename(directory.at("file"), directory.at("file.1"));
    },
  });
  onTestFinished(() => file.close());
  await file.append(Buffer.from("one\n"));
  await file.append(Buffer.from("two\n"));
  expect(readFileSync(join(place, "moved", "file.1"), "utf8")).toBe("one\n");
  expect(readdirSync(other)).toEqual(["file"]);
});

test("line file - a file with another name is not written to, nor is its mode changed", async () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(`${path}.victim`, "precious", { mode: 0o644 });
  linkSync(`${path}.victim`, path);
  await expect(lineFile(path).append(Buffer.from("x\n"))).rejects.toThrow(
    `${path} is a file with 2 names; find the others`,
  );
  expect(readFileSync(path, "utf8")).toBe("precious");
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("line file - a file that is emptied in place is written on from its beginning", async () => {
  const path = join(temporaryDirectory(), "file");
  const file = lineFile(path);
  await file.append(Buffer.from("one\n"));
  truncateSync(path);
  await file.append(Buffer.from("two\n"));
  expect(readFileSync(path, "utf8")).toBe("two\n");
});
