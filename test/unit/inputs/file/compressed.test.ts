/** Compressed files: read as what they hold, recognised as what they were before, and counted where they are damaged. */
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { long, longTest, sampledCases } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow, type FollowingOptions } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `event number ${from + index}`);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

const packers = { gzip: gzipSync, zstd: zstdCompressSync };

/** As gzip(1) does: beside the file, with its times, and then the file is removed. */
function gzip(path: string): void {
  execFileSync("gzip", [path]);
}

/** Where the second block of a frame begins. */
function secondBlock(packed: Buffer): number {
  const descriptor = packed[4]!;
  const is_single = (descriptor & 32) !== 0;
  const size_bytes = [is_single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const first = 5 + (is_single ? 0 : 1) + size_bytes;
  return first + 3 + (packed.readUIntLE(first, 3) >> 3);
}

/** Reads all there is, and somewhat longer. */
async function readAll(options: FollowingOptions, count: number) {
  const following = await follow(options);
  await following.lineCount(count);
  await following.polls(16);
  return following;
}

/** Both of them are unpacked in unpacking/unpacked.test.ts. */
const kinds = ["gzip", "zstd"] as const;

describe.each(sampledCases(kinds, 2))("compressed files, %s", long, (kind) => {
  const pack = packers[kind];

  it("are read as what they hold, whatever their name", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, Buffer.concat([pack(text(numbers(0, 3))), pack(text(numbers(3, 5)))]));
    const following = await readAll({ paths: [path] }, 5);
    expect(following.lines).toEqual(numbers(0, 5));
    const [file] = following.input.status().files.files;
    expect(file).toMatchObject({ state: "finished", lag_bytes: 0, read_bytes: 75 });
    expect(file!.compressed_bytes).toBe(statSync(path).size);
    expect(following.lost_bytes).toBe(0);
  });

  it("go on after a restart, and are not read again once they are finished", async () => {
    const path = join(temporaryDirectory(), "audit.log.gz");
    const lines = numbers(0, 60_000);
    writeFileSync(path, pack(text(lines)));
    const first = await follow({ paths: [path], receipts: "keep" });
    await eventually(() => first.receipts.length >= 2);
    first.settle(first.receipts[0]!);
    const state = await first.stop();
    const before = first.ledger.books().total.delivered;
    const second = await readAll({ paths: [path], state }, lines.length - before);
    expect([...first.lines.slice(0, before), ...second.lines]).toEqual(lines);
    const third = await readAll({ paths: [path], state: await second.stop() }, 0);
    expect(third.lines).toEqual([]);
    expect(third.input.status().files.files).toMatchObject([{ state: "finished", lag_bytes: 0 }]);
  });

  it("go on in other hands, with events in flight", async () => {
    const path = join(temporaryDirectory(), "audit.log.gz");
    const lines = numbers(0, 60_000);
    writeFileSync(path, pack(text(lines)));
    const first = await follow({ paths: [path], receipts: "keep" });
    await eventually(() => first.receipts.length >= 1);
    const handed = await first.input.handOver();
    const second = await follow({ paths: [path], handed, ledger: first.ledger });
    await second.lineCount(lines.length - first.lines.length);
    for (const receipt of first.receipts) first.settle(receipt);
    await second.polls(16);
    expect([...first.lines, ...second.lines]).toEqual(lines);
    expect(second.input.status().files.files).toMatchObject([{ state: "finished", lag_bytes: 0 }]);
    await second.input.stop();
  });

  it("that grow are read on, and the last line without an end is shipped once it is quiet", async () => {
    const path = join(temporaryDirectory(), "audit.log.gz");
    const packed = pack(text(numbers(0, 2000)) + "the end");
    const cuts = [0, 3, 40, packed.length - 5, packed.length];
    writeFileSync(path, "");
    // Longer than the looks below take on a busy machine.
    const following = await follow({ paths: [path], rotate_wait: "3s" });
    for (let at = 1; at < cuts.length; at += 1) {
      appendFileSync(path, packed.subarray(cuts[at - 1], cuts[at]));
      await following.polls(3);
    }
    await following.lineCount(2001);
    await following.polls(3);
    expect(following.lines).toEqual([...numbers(0, 2000), "the end"]);
    expect(following.lost_bytes).toBe(0);
    await following.input.stop();
  });

  it("that end within their data ship what can be read, and count the rest", async () => {
    const path = join(temporaryDirectory(), "audit.log.gz");
    const lines = Array.from({ length: 50_000 }, (_, n) => `event ${n} ${(n * 7919) % 10_007}`);
    const packed = pack(text(lines));
    writeFileSync(path, packed.subarray(0, packed.length >> 1));
    const following = await readAll({ paths: [path] }, 1);
    await eventually(() => following.lost_bytes > 0);
    const whole = following.lines.slice(0, -1);
    expect(whole).toEqual(lines.slice(0, whole.length));
    expect(following.ledger.books().inputs["files"]!.lost_bytes).toHaveProperty("damaged");
    const lost = following.lost_bytes;
    const next = await readAll({ paths: [path], state: await following.stop() }, 0);
    expect(next.lines).toEqual([]);
    expect(next.lost_bytes).toBe(lost);
  });

  it("with NUL bytes behind their data are whole, with anything else they are not", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a"), Buffer.concat([pack("a\n"), Buffer.alloc(600)]));
    writeFileSync(join(directory, "b"), Buffer.concat([pack("b\n"), Buffer.from("garbage")]));
    const following = await readAll({ paths: [`${directory}/*`] }, 2);
    await eventually(() => following.lost_bytes > 0);
    expect(following.lines.sort()).toEqual(["a", "b"]);
    expect(following.lost_bytes).toBe(7);
    await following.input.stop();
  });

  it("are shipped up to the damaged byte", async () => {
    const path = join(temporaryDirectory(), "audit.log.gz");
    const lines = Array.from({ length: 20_000 }, (_, n) => `event ${n} ${(n * 7919) % 10_007}`);
    // Stored blocks of gzip say how long they are, twice; a block of Zstandard may not be of the reserved type.
    const packed = kind === "gzip" ? gzipSync(text(lines), { level: 0 }) : pack(text(lines));
    const at = kind === "gzip" ? 15 + packed.readUInt16LE(11) + 1 : secondBlock(packed);
    packed.fill(0xff, at, at + 3);
    writeFileSync(path, packed);
    const following = await readAll({ paths: [path] }, 1);
    await eventually(() => following.lost_bytes > 0);
    const { length } = following.lines.join("\n");
    expect(following.lines.join("\n")).toBe(text(lines).slice(0, length));
    expect(length).toBe(kind === "gzip" ? packed.readUInt16LE(11) : 128 * 1024);
    expect(following.lost_bytes).toBeLessThanOrEqual(packed.length - at);
    expect(following.lost_bytes).toBeGreaterThanOrEqual(packed.length - at - 8);
    await following.input.stop();
  });

  longTest("have a bounded cost where they hold one endless run of NUL bytes", async () => {
    const path = join(temporaryDirectory(), "bomb.gz");
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024));
    writeFileSync(path, Buffer.concat([bomb, pack("after\n")]));
    const other = `${path}.log`;
    writeFileSync(other, "other\n");
    const following = await readAll({ paths: [path, other] }, 2);
    expect(following.lines.sort()).toEqual(["after", "other"]);
    await following.input.stop();
  });

  it("have records longer than a chunk", async () => {
    const path = join(temporaryDirectory(), "long.gz");
    const longLine = (n: number): string => `${n}${"x".repeat(3_000_000)}${n}`;
    writeFileSync(path, pack(text([longLine(1), "short", longLine(2), "last"])));
    const following = await readAll({ paths: [path], max_event_bytes: "1MiB" }, 4);
    expect(following.lines.map((line) => line.slice(0, 5))).toEqual([
      "1xxxx",
      "short",
      "2xxxx",
      "last",
    ]);
    expect(following.records[0]!.truncation).toMatchObject({ original_bytes: 3_000_002 });
    await following.input.stop();
  });
});

describe("compressed rotation", () => {
  it("of a file that was read is recognised, whether or not a path asks for it", async () => {
    for (const pattern of ["audit.log", "audit.log*"]) {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, text(numbers(0, 500)));
      const following = await readAll({ paths: [join(directory, pattern)] }, 500);
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(numbers(500, 510)));
      await following.lineCount(510);
      await following.polls(12);
      gzip(`${path}.1`);
      await following.polls(16);
      // And it rotates on.
      renameSync(`${path}.1.gz`, `${path}.2.gz`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(numbers(510, 512)));
      await following.lineCount(512);
      gzip(`${path}.1`);
      await following.polls(16);
      expect(following.lines).toEqual(numbers(0, 512));
      expect(following.lost_bytes).toBe(0);
      const next = await readAll(
        { paths: [join(directory, pattern)], state: await following.stop() },
        0,
      );
      expect(next.lines).toEqual([]);
      await next.input.stop();
    }
  });

  it("of a file that was read in part is read on, after a stop", async () => {
    for (const pattern of ["audit.log", "audit.log*"]) {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, text(numbers(0, 300)));
      const options = { paths: [join(directory, pattern)] };
      const following = await readAll(options, 300);
      const state = await following.stop();
      appendFileSync(path, text(numbers(300, 400)));
      renameSync(path, `${path}-20250321`);
      gzip(`${path}-20250321`);
      writeFileSync(path, text(numbers(400, 405)));
      renameSync(path, `${path}-20250322`);
      gzip(`${path}-20250322`);
      writeFileSync(path, text(numbers(405, 410)));
      const next = await readAll({ ...options, state }, 110);
      expect(next.lines.toSorted()).toEqual(numbers(300, 410).toSorted());
      expect(next.lost_bytes).toBe(0);
      await next.input.stop();
    }
  });

  it("waits while the compressed file is written beside the file", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log.1");
    const lines = numbers(0, 5000);
    writeFileSync(path, text(lines));
    const following = await readAll({ paths: [`${directory}/*`] }, lines.length);
    const packed = gzipSync(text(lines));
    writeFileSync(`${path}.gz`, "");
    await following.polls(8);
    for (let at = 0; at < packed.length; at += 3000) {
      appendFileSync(`${path}.gz`, packed.subarray(at, at + 3000));
      // Also for longer than a file must be quiet to count as finished.
      await following.polls(at === 3000 ? 16 : 2);
    }
    await following.polls(10);
    unlinkSync(path);
    await following.polls(16);
    expect(following.lines).toEqual(lines);
    expect(following.lost_bytes).toBe(0);
    expect(following.input.status().files.files).toMatchObject([{ path: `${path}.gz` }]);
    await following.input.stop();
  });

  it("keeps a compressed copy beside the file apart from new files", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log.1");
    writeFileSync(path, text(numbers(0, 50)));
    const first = await readAll({ paths: [`${directory}/*`] }, 50);
    execFileSync("gzip", ["--keep", path]);
    writeFileSync(join(directory, "audit.log.2.gz"), gzipSync(text(numbers(100, 150))));
    await first.lineCount(100);
    await first.polls(16);
    expect(first.lines).toEqual([...numbers(0, 50), ...numbers(100, 150)]);
    const next = await readAll({ paths: [`${directory}/*`], state: await first.stop() }, 0);
    expect(next.lines).toEqual([]);
    rmSync(path);
    await next.polls(16);
    expect(next.lines).toEqual([]);
    await next.input.stop();
  });

  it("passes over what is there at the first start that begins at the end", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(`${path}.2.gz`, gzipSync(text(numbers(0, 10))));
    writeFileSync(path, text(numbers(10, 20)));
    const options = { paths: [`${path}*`], start_at: "end" };
    const following = await readAll(options, 0);
    appendFileSync(path, text(numbers(20, 22)));
    await following.lineCount(2);
    renameSync(path, `${path}.1`);
    writeFileSync(path, "");
    await following.polls(12);
    gzip(`${path}.1`);
    await following.polls(16);
    writeFileSync(`${path}.0.gz`, gzipSync(text(numbers(30, 32))));
    await following.lineCount(4);
    const next = await readAll({ ...options, state: await following.stop() }, 0);
    expect([...following.lines, ...next.lines]).toEqual([...numbers(20, 22), ...numbers(30, 32)]);
    await next.input.stop();
  });

  it("reads everything at a first start that begins at the beginning, and a kept copy once", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(`${path}.2.gz`, gzipSync(text(numbers(0, 10))));
    writeFileSync(`${path}.1`, text(numbers(10, 20)));
    utimesSync(`${path}.1`, 1e9, 1e9);
    execFileSync("gzip", ["--keep", `${path}.1`]);
    writeFileSync(path, text(numbers(20, 22)));
    const following = await readAll({ paths: [`${path}*`] }, 22);
    expect(following.lines.toSorted()).toEqual(numbers(0, 22).toSorted());
    await following.input.stop();
  });

  it("is not taken for an older one that begins alike", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(`${path}.3.gz`, gzipSync(text(numbers(0, 100))));
    utimesSync(`${path}.3.gz`, 1e9, 1e9);
    writeFileSync(path, text(numbers(0, 1)));
    const following = await readAll({ paths: [path] }, 1);
    unlinkSync(path);
    await following.polls(20);
    expect(following.lines).toEqual(numbers(0, 1));
    await following.input.stop();
  });

  it("is met after copytruncate, too", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 200)));
    const following = await readAll({ paths: [`${path}*`] }, 200);
    const state = await following.stop();
    appendFileSync(path, text(numbers(200, 250)));
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, text(numbers(250, 255)));
    gzip(`${path}.1`);
    const next = await readAll({ paths: [`${path}*`], state }, 55);
    expect(next.lines.toSorted()).toEqual(numbers(200, 255).toSorted());
    expect(next.lost_bytes).toBe(0);
    await next.input.stop();
  });
});

describe("compressed in other ways", () => {
  it("is said of a file that was empty when it was met, too; and one that is read then, is read", async () => {
    const directory = temporaryDirectory();
    const names = ["plain.log", "packed.log", "foreign.log"].map((name) => join(directory, name));
    for (const name of names) writeFileSync(name, "");
    const following = await follow({ paths: [`${directory}/*`] });
    await eventually(() => following.input.status().files.files.length === 3);
    const contents = [
      Buffer.from("a\n"),
      gzipSync("b\n"),
      Buffer.from("BZh91AY&SY\x00\x01\n", "latin1"),
    ];
    for (const [number, content] of contents.entries()) appendFileSync(names[number]!, content);
    await following.lineCount(2);
    await following.polls(16);
    expect(following.lines.toSorted()).toEqual(["a", "b"]);
    const { refused } = following.input.status().files;
    expect(refused).toMatchObject([{ path: names[2], reason: "compressed" }]);
    expect(following.lost_bytes).toBe(0);
    await following.input.stop();
  });

  it("is said, and nothing of it is read", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a"), Buffer.from("fd377a585a000004", "hex"));
    writeFileSync(join(directory, "b"), Buffer.from("BZh91AY&SY\x00\x01", "latin1"));
    const tar = Buffer.alloc(1024);
    tar.write("ustar", 257);
    writeFileSync(join(directory, "c.tgz"), gzipSync(tar));
    writeFileSync(join(directory, "d.gz"), "");
    const following = await readAll({ paths: [`${directory}/*`], exclude: [] }, 0);
    const { refused, unmatched } = following.input.status().files;
    expect(refused.map(({ reason }) => reason)).toEqual([
      "compressed",
      "compressed",
      "compressed",
      "empty",
    ]);
    expect(unmatched).toEqual([]);
    expect(following.lines).toEqual([]);
    await following.input.stop();
  });

  it("is left out by its name, and the path is said to match what is excluded", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.xz"), "anything");
    const following = await readAll({ paths: [`${directory}/*`, `${directory}/*.log`] }, 0);
    const { excluded, unmatched } = following.input.status().files;
    expect(excluded).toEqual([{ path: `${directory}/*`, such_as: join(directory, "a.xz") }]);
    expect(unmatched).toEqual([`${directory}/*.log`]);
    await following.input.stop();
  });
});
