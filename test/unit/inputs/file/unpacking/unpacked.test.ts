/**
 * The content of compressed files: the same bytes at the same positions as of the plain file, however the file is split into
 * members and however it grows; and no input that makes it hang or take memory.
 */
import { appendFileSync, closeSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { array, assert, asyncProperty, integer, nat, uint8Array } from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  compressionOf,
  foreignCompressionOf,
  isArchive,
} from "../../../../../src/inputs/file/unpacking/kinds.ts";
import { OpenContents } from "../../../../../src/inputs/file/unpacking/open-contents.ts";
import { NotReached, Unpacked } from "../../../../../src/inputs/file/unpacking/unpacked.ts";
import { bufferBytes, buffersSince } from "../../../../support/machine/memory.ts";
import { long, sampled, sampledCases } from "../../../../support/effort.ts";
import { seededRandom } from "../../../../support/random/hostile-lines.ts";
import { seed } from "../../../../support/seed.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

const packers = { gzip: gzipSync, zstd: zstdCompressSync };
const options = { pinned_bytes_max: 64 * 1024 };

/** An open file, to be written to by its path. */
function opened(bytes: Uint8Array = Buffer.alloc(0)): { path: string; descriptor: number } {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, bytes);
  const descriptor = openSync(path, "r");
  onTestFinished(() => closeSync(descriptor));
  return { path, descriptor };
}

/** All content from `from` on, read as a file that is followed is read: a little again each time. */
async function readOn(content: Unpacked, from: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let position = from; ;) {
    const overlap = Math.min(100, position);
    const bytes = Buffer.alloc(overlap + length);
    const count = await patiently(() => content.read(bytes, bytes.length, position - overlap));
    if (count <= overlap) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(overlap, count));
    position += count - overlap;
  }
}

async function patiently(read: () => Promise<number>): Promise<number> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
    }
  }
}

describe.each(["gzip", "zstd"] as const)("content, %s", (kind) => {
  const pack = packers[kind];

  const anyhow = "content - any members, any growth, any reads: the same as the plain file";
  sampled(anyhow, { sample: 12, all: 600 }, async (numRuns) => {
    const parts = array(uint8Array({ maxLength: 3000, max: 20 }), { minLength: 1, maxLength: 5 });
    const cuts = array(nat(), { maxLength: 6 });
    await assert(
      asyncProperty(parts, cuts, integer({ min: 1, max: 5000 }), async (all, at, length) => {
        const whole = Buffer.concat(all);
        const packed = Buffer.concat(all.map((part) => pack(part)));
        const path = join(temporaryDirectory(), "file");
        const ends = [...at.map((cut) => cut % packed.length), packed.length].sort((a, b) => a - b);
        writeFileSync(path, "");
        const descriptor = openSync(path, "r");
        const content = new Unpacked(descriptor, kind, options);
        const read: Buffer[] = [];
        let done = 0;
        for (const [number, end] of ends.entries()) {
          appendFileSync(path, packed.subarray(ends[number - 1] ?? 0, end));
          const more = await readOn(content, done, length);
          done += more.length;
          read.push(more);
        }
        expect(Buffer.concat(read).equals(whole)).toBe(true);
        expect(content.end).toEqual({
          kind: "whole",
          packed_bytes: packed.length,
          missing_bytes: 0,
        });
        // And from any position on, after a restart.
        const from = (at[0] ?? 0) % (whole.length + 1);
        const again = new Unpacked(descriptor, kind, options);
        expect((await readOn(again, from, length)).equals(whole.subarray(from))).toBe(true);
        content.close();
        again.close();
        closeSync(descriptor);
      }),
      { numRuns },
    );
  });

  it("content - a part of a file gives a part of its content, and says how it ends", async () => {
    const whole = Buffer.from("some text, and some more text. ".repeat(20));
    const packed = Buffer.concat([pack(whole), pack("and the end")]);
    for (let end = 4; end < packed.length; end += 1) {
      const { descriptor } = opened(packed.subarray(0, end));
      const content = new Unpacked(descriptor, kind);
      const length = await content.reach(10_000);
      const bytes = Buffer.alloc(length);
      await content.read(bytes, length, 0);
      expect(`${whole.toString()}and the end`.startsWith(bytes.toString())).toBe(true);
      const is_between = end === pack(whole).length;
      expect(content.end.kind, `at ${end}`).toBe(is_between ? "whole" : "unfinished");
      if (!is_between) expect(content.end.missing_bytes).toBeGreaterThan(0);
      expect(content.end.missing_bytes).toBeLessThanOrEqual(packed.length - end);
      content.close();
    }
  });

  it("content - a file that was written again shows", async () => {
    const { path, descriptor } = opened(pack("first"));
    const content = new Unpacked(descriptor, kind);
    expect(await content.reach(100)).toBe(5);
    truncateSync(path, 0);
    appendFileSync(path, pack("other content"));
    expect(await content.reach(100)).toBe(5);
    expect(content.is_rewritten).toBe(true);
  });

  it("content - goes on only so far in one read, and again from the beginning for one further back", async () => {
    const plain = Buffer.alloc(20 * 1024 * 1024, "0123456789abcde\n");
    const { descriptor } = opened(pack(plain));
    const content = new Unpacked(descriptor, kind, options);
    const bytes = Buffer.alloc(16);
    let turns = 0;
    for (const position of [plain.length - 16, 16 * 1024 * 1024]) {
      const count = await patiently(() => {
        turns += 1;
        return content.read(bytes, 16, position);
      });
      expect(count).toBe(16);
      expect(bytes.toString()).toBe("0123456789abcde\n");
    }
    expect(turns).toBeGreaterThanOrEqual(4);
    content.close();
  });

  it("content - what is pinned is there although much was read behind it", async () => {
    const plain = Buffer.from(Array.from({ length: 300_000 }, (_, n) => `${n}\n`).join(""));
    const { descriptor } = opened(pack(plain));
    const content = new Unpacked(descriptor, kind, options);
    const bytes = Buffer.alloc(60_000);
    await content.read(bytes, 10_000, 5000);
    content.pin(5000);
    await patiently(() => content.read(bytes, 10_000, 1_500_000));
    const before = content.packed_bytes;
    expect(await content.read(bytes, 60_000, 5000)).toBe(60_000);
    expect(bytes.equals(plain.subarray(5000, 65_000))).toBe(true);
    expect(content.packed_bytes).toBe(before);
    content.close();
  });
});

/** Bytes that may be taken for a compressed file, at random. */
function hostile(random: () => number): Buffer {
  const below = (max: number): number => Math.floor(random() * max);
  const text = Buffer.from(
    Array.from({ length: below(400) }, () => `line ${below(1000)}\n`).join(""),
  );
  const pack = random() < 0.5 ? gzipSync : zstdCompressSync;
  const members = Array.from({ length: 1 + below(3) }, () => pack(text));
  const packed = Buffer.concat(members);
  for (let flips = below(6); flips > 0; flips -= 1)
    packed[3 + below(packed.length - 3)] = below(256);
  const cut = packed.subarray(0, random() < 0.3 ? 3 + below(packed.length) : packed.length);
  const extra = random() < 0.3 ? Buffer.alloc(below(100), below(3)) : Buffer.alloc(0);
  return Buffer.concat([cut, extra]);
}

describe("hostile", () => {
  async function tryAll(count: number): Promise<void> {
    const path = join(temporaryDirectory(), "file");
    const random = seededRandom(seed);
    for (let number = 0; number < count; number += 1) {
      const packed = hostile(random);
      const compression = compressionOf(packed);
      if (compression === undefined) continue;
      writeFileSync(path, packed);
      const descriptor = openSync(path, "r");
      const content = new Unpacked(descriptor, compression);
      const length = await content.reach(50 * 1024 * 1024);
      expect(length).toBeLessThan(50 * 1024 * 1024);
      expect(content.end.kind).toMatch(/whole|unfinished|damaged/);
      expect(content.packed_bytes).toBeLessThanOrEqual(packed.length);
      content.close();
      closeSync(descriptor);
    }
  }

  sampled(
    (count) => `hostile - ${count} damaged files end, and say how`,
    { sample: 12, all: 4000 },
    tryAll,
  );

  it("hostile - a bomb costs no memory", long, async () => {
    for (const pack of sampledCases([gzipSync, zstdCompressSync], 2)) {
      const { descriptor } = opened(pack(Buffer.alloc(64 * 1024 * 1024)));
      const content = new Unpacked(descriptor, compressionOf(pack(""))!);
      const before = bufferBytes();
      const reading = content.reach(1e12);
      let most = 0;
      const most_allowed = 24 * 1024 * 1024;
      const watch = async (): Promise<void> => {
        while (most >= 0) {
          most = Math.max(most, buffersSince(before, most_allowed));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const watching = watch();
      expect(await reading).toBe(64 * 1024 * 1024);
      expect(most).toBeLessThan(most_allowed);
      most = -Infinity;
      await watching;
      content.close();
    }
  });
});

describe("kinds", () => {
  it("kinds - the first bytes say what a file is", () => {
    expect(compressionOf(gzipSync(""))).toBe("gzip");
    expect(compressionOf(zstdCompressSync(""))).toBe("zstd");
    expect(compressionOf(Buffer.from("50 2a 4d 18 00".replaceAll(" ", ""), "hex"))).toBe("zstd");
    expect(compressionOf(Buffer.from('{"a":1}'))).toBeUndefined();
    expect(compressionOf(Buffer.from([0x1f]))).toBeUndefined();
    expect(foreignCompressionOf(Buffer.from("BZh is no magic by itself"))).toBeUndefined();
    expect(foreignCompressionOf(Buffer.from("PK\x03\x04x"))).toBe("zip");
    expect(isArchive(Buffer.alloc(512))).toBe(false);
  });
});

describe("open contents", () => {
  it("open contents - a file that goes on keeps its place, and the next one waits", () => {
    const going_on = new Set<object>();
    const contents = new OpenContents<object>(options, (file) => going_on.has(file));
    const files = Array.from({ length: 5 }, () => ({}));
    const { descriptor } = opened(gzipSync("x"));
    const four = files.slice(0, 4).map((file) => {
      going_on.add(file);
      return contents.of(file, descriptor, "gzip");
    });
    expect(contents.hasRoomFor(files[4]!)).toBe(false);
    expect(contents.hasRoomFor(files[0]!)).toBe(true);
    expect(contents.of(files[0]!, descriptor, "gzip")).toBe(four[0]);
    going_on.delete(files[1]!);
    expect(contents.hasRoomFor(files[4]!)).toBe(true);
    contents.of(files[4]!, descriptor, "gzip");
    expect(contents.of(files[1]!, descriptor, "gzip")).not.toBe(four[1]);
    contents.closeAll();
  });
});
