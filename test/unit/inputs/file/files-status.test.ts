/** How a file input says it stands: where in which file, and how far behind. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { is_long, long } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test("files status - a file that is read and settled has no lag", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\ntwo\n");
  const following = await follow({ paths: [path] });
  await following.lineCount(2);
  const { type, files } = following.input.status();
  expect(type).toBe("file");
  expect(files.files).toEqual([
    {
      path,
      state: "live",
      size_bytes: 8,
      read_bytes: 8,
      settled_bytes: 8,
      lag_bytes: 0,
      oldest_at_ms: undefined,
      unfinished_bytes: 0,
      unfinished_at_ms: undefined,
      trouble: undefined,
      encoding: undefined,
      is_mixed: false,
      compressed_bytes: undefined,
    },
  ]);
  expect(files).toMatchObject({ open: 1, unmatched: [] });
});

test("files status - what is read and not settled is lag, as old as its reading", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\ntwo\n");
  const before_ms = Date.now();
  const following = await follow({ paths: [path], receipts: "keep" });
  await following.lineCount(2);
  const [file] = following.input.status().files.files;
  expect(file).toMatchObject({ read_bytes: 8, settled_bytes: 0, lag_bytes: 8 });
  expect(file!.oldest_at_ms).toBeGreaterThanOrEqual(before_ms);
  for (const receipt of following.receipts) following.settle(receipt);
  expect(following.input.status().files.files[0]).toMatchObject({
    settled_bytes: 8,
    lag_bytes: 0,
    oldest_at_ms: undefined,
  });
});

test("files status - what comes while the input is held up is lag, and it says since when", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\n");
  const following = await follow({ paths: [path] });
  await following.lineCount(1);
  const held_up = Promise.withResolvers<void>();
  following.backpressure = held_up.promise;
  appendFileSync(path, "two\n");
  await following.lineCount(2);
  appendFileSync(path, "three\n");
  const status = () => following.input.status().files;
  await eventually(() => status().files[0]!.size_bytes === 14);
  expect(status().waiting_since_ms).toBeTypeOf("number");
  expect(status().files[0]).toMatchObject({ read_bytes: 8, lag_bytes: 6 });
  expect(status().files[0]!.oldest_at_ms).toBeTypeOf("number");
  following.backpressure = undefined;
  held_up.resolve();
  await following.lineCount(3);
  await eventually(() => status().waiting_since_ms === undefined);
  expect(status().files[0]).toMatchObject({ lag_bytes: 0, oldest_at_ms: undefined });
});

test("files status - an unfinished line is lag in bytes, and has no age", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\ntw");
  const following = await follow({ paths: [path] });
  await following.lineCount(1);
  const status = () => following.input.status().files.files[0]!;
  await eventually(() => status().oldest_at_ms === undefined);
  expect(status()).toMatchObject({ size_bytes: 6, read_bytes: 4, lag_bytes: 2 });
});

test("files status - a path whose file was rotated, and is there, is not one without a file", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  writeFileSync(path, "one\n");
  const following = await follow({ paths: [path] });
  await following.lineCount(1);
  const status = () => following.input.status().files;
  // As logrotate does it with nocreate: there is no file until the next event.
  renameSync(path, `${path}.1`);
  await eventually(() => status().files[0]!.state === "finished");
  expect(status().unmatched).toEqual([]);
  rmSync(`${path}.1`);
  await eventually(() => status().unmatched.length === 1);
});

test("files status - names the paths that lead to no file, as they are configured", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  writeFileSync(path, "one\n");
  const missing = join(directory, "{a/b,c}.log");
  const excluded = join(directory, "*.xz");
  writeFileSync(join(directory, "old.xz"), "x\n");
  const following = await follow({ paths: [join(directory, "*.log"), missing, excluded] });
  expect(following.input.status().files).toMatchObject({
    unmatched: [missing],
    excluded: [{ path: excluded, such_as: join(directory, "old.xz") }],
  });
  rmSync(path);
  await eventually(() => following.input.status().files.unmatched.length === 2);
});

test("files status - a path that leads to a hard link, a pipe or an empty compressed file matches something", async () => {
  const directory = temporaryDirectory();
  const open = join(directory, "open");
  mkdirSync(open, { mode: 0o777 });
  chmodSync(open, 0o777);
  writeFileSync(join(directory, "other"), "x\n");
  linkSync(join(directory, "other"), join(open, "linked.log"));
  execFileSync("mkfifo", [join(open, "pipe")]);
  writeFileSync(join(open, "empty.gz"), "");
  const paths = ["*.log", "pipe", "*.gz"].map((pattern) => join(open, pattern));
  const { input } = await follow({ paths });
  const { unmatched, refused } = input.status().files;
  expect(unmatched).toEqual([]);
  const reasons = refused.map(({ reason }) => reason).toSorted((a, b) => a.localeCompare(b));
  expect(reasons).toEqual(["empty", "hard_link", "pipe"]);
});

test(
  "files status - of a compressed file what is not decompressed counts with its compressed size",
  long,
  async () => {
    const path = join(temporaryDirectory(), "audit.gz");
    const lines = Array.from(
      { length: is_long ? 400_000 : 150_000 },
      (_, n) => `event ${n} ${(n * 7919) % 10_007}\n`,
    );
    writeFileSync(path, gzipSync(lines.join("")));
    const { size } = statSync(path);
    const following = await follow({ paths: [path], receipts: "keep" });
    let held = (): void => undefined;
    following.backpressure = new Promise((resolve) => (held = resolve));
    await following.lineCount(1);
    const [file] = following.input.status().files.files;
    expect(file!.compressed_bytes).toBe(size);
    expect(file!.read_bytes).toBeLessThan(lines.join("").length);
    expect(file!.size_bytes).toBeGreaterThan(file!.read_bytes);
    expect(file!.size_bytes).toBeLessThan(file!.read_bytes + size + 512 * 1024);
    expect(file!.lag_bytes).toBe(file!.size_bytes);
    expect(file!.oldest_at_ms).toBeLessThanOrEqual(Date.now());
    following.backpressure = undefined;
    held();
    await following.lineCount(lines.length);
    for (const receipt of following.receipts) following.settle(receipt);
    const [done] = following.input.status().files.files;
    expect(done).toMatchObject({ lag_bytes: 0, size_bytes: lines.join("").length });
  },
);
