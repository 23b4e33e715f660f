/** Following files that stay where they are: what is a record, when it is shipped, and how fast. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { chunk_bytes } from "../../../../../src/inputs/file/files/block-pool.ts";
import { timeRule } from "../../../../support/events/time-rules.ts";
import { describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../../../../src/platform/clock.ts";
import { sampled } from "../../../../support/effort.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

function audit(): string {
  return join(temporaryDirectory(), "audit.log");
}

describe("following", () => {
  it("following - reads what is there and what is added", async () => {
    const path = audit();
    writeFileSync(path, "one\ntwo\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    appendFileSync(path, "three\n");
    await following.lineCount(3);
    expect(following.lines).toEqual(["one", "two", "three"]);
    expect(following.records[0]!.source).toBe(path);
    expect(following.ledger.books().balanced).toBe(true);
  });

  it("following - takes the source that the user names", async () => {
    const path = audit();
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], metadata: { source: "mine" } });
    await following.lineCount(1);
    expect(following.records[0]!.source).toBe("mine");
  });

  it("following - other metadata holds for files that are followed, and for those to come", async () => {
    const [path, other] = [audit(), audit()];
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path, other] });
    const origins: unknown[] = [];
    following.onBlock = ({ origin: { metadata, time } }) => {
      origins.push({ metadata, time });
    };
    await following.lineCount(1);
    const time = timeRule(["at"]);
    following.input.describe({ metadata: { index: "audit" }, time });
    appendFileSync(path, "two\n");
    await following.lineCount(2);
    writeFileSync(other, "three\n");
    await following.lineCount(3);
    following.input.describe({ metadata: { source: "mine" } });
    appendFileSync(path, "four\n");
    await following.lineCount(4);
    expect(origins.slice(-3)).toEqual([
      { metadata: { index: "audit", source: path }, time },
      { metadata: { index: "audit", source: other }, time },
      { metadata: { source: "mine" }, time: undefined },
    ]);
  });

  it("following - delivers by notification, long before the next poll", async () => {
    const path = audit();
    writeFileSync(path, "");
    const following = await follow({ paths: [path], poll_interval: "60s" });
    for (let number = 1; number <= 20; number += 1) {
      appendFileSync(path, `${number}\n`);
      await following.lineCount(number);
    }
    expect(following.lines.at(-1)).toBe("20");
  });

  it("following - an unfinished line waits for its end, however long", async () => {
    const path = audit();
    writeFileSync(path, "one\ntw");
    const following = await follow({ paths: [path], rotate_wait: "10ms" });
    await following.polls(5);
    expect(following.lines).toEqual(["one"]);
    appendFileSync(path, "o\n");
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
  });

  it("following - an unfinished line stays unread at a stop", async () => {
    const path = audit();
    writeFileSync(path, "one\ntw");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    const state = await following.stop();
    appendFileSync(path, "o\n");
    const next = await follow({ paths: [path], state });
    await next.lineCount(1);
    expect(next.lines).toEqual(["two"]);
  });

  it("following - passes invalid UTF-8, CR, and NUL bytes within lines untouched", async () => {
    const path = audit();
    const line = Buffer.from([0xfe, 0x80, 0x41, 0x00, 0x0d, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
    writeFileSync(path, Buffer.concat([line, Buffer.from("\r\n"), line, Buffer.from("\n")]));
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    expect(following.records.map(({ bytes }) => bytes)).toEqual([line, line]);
  });

  it("following - joins a character that was written in two halves", async () => {
    const path = audit();
    const text = Buffer.from("zwölf €\n");
    writeFileSync(path, text.subarray(0, 3));
    const following = await follow({ paths: [path] });
    for (const byte of text.subarray(3)) {
      appendFileSync(path, Buffer.of(byte));
      await following.polls(0);
    }
    await following.lineCount(1);
    expect(following.lines).toEqual(["zwölf €"]);
  });

  it("following - many lines across many chunks arrive once and in order", async () => {
    const path = audit();
    const lines = Array.from({ length: 20_000 }, (_, n) => `${n} ${"x".repeat((n * 7) % 300)}`);
    writeFileSync(path, `${lines.join("\n")}\n`);
    const following = await follow({ paths: [path] });
    await following.lineCount(lines.length);
    expect(following.lines).toEqual(lines);
    expect(following.blocks).toBeGreaterThan(4);
  });

  it("following - a chunk of very short lines becomes several blocks", async () => {
    const path = audit();
    writeFileSync(path, "x\n".repeat(50_000));
    const following = await follow({ paths: [path] });
    await following.lineCount(50_000);
    expect(following.records.length).toBe(50_000);
    expect(following.ledger.books().inputs["files"]!.received_bytes).toBe(100_000);
  });

  it("following - blank lines move the checkpoint and are no events", async () => {
    const path = audit();
    writeFileSync(path, "\n\r\n  \n");
    const following = await follow({ paths: [path] });
    await eventually(() => following.ledger.books().inputs["files"]!.received_bytes === 6);
    expect(following.records).toEqual([]);
    expect(following.state().streams[0]!.checkpoint).toMatchObject({ offset: 6 });
  });

  it("following - waits for the intake before it reads on", async () => {
    const path = audit();
    writeFileSync(path, "x".repeat(1000).concat("\n").repeat(5000));
    let open = (): void => undefined;
    const following = await follow({ paths: [path] });
    following.backpressure = new Promise((resolve) => (open = resolve));
    await eventually(() => following.blocks >= 1);
    const { blocks } = following;
    await following.polls(3);
    expect(following.blocks).toBeLessThanOrEqual(blocks + 1);
    following.backpressure = undefined;
    open();
    await following.lineCount(5000);
  });

  it("following - says when there is nothing more to read", async () => {
    const path = audit();
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    await eventually(() => following.idles > 0);
    expect(following.records.length).toBe(1);
  });

  it("following - a stop is prompt under backpressure, and delivers nothing afterwards", async () => {
    const path = audit();
    writeFileSync(path, "x".repeat(1000).concat("\n").repeat(5000));
    const following = await follow({ paths: [path] });
    following.backpressure = new Promise(() => undefined);
    await eventually(() => following.blocks >= 1);
    await following.stop();
    const { blocks } = following;
    await following.polls(2);
    expect(following.blocks).toBe(blocks);
    expect(following.ledger.books().total.in_flight).toBe(0);
  });
});

describe("holes", () => {
  it("holes - a sparse hole before the data is passed over", async () => {
    const path = audit();
    writeFileSync(path, "");
    truncateSync(path, 3 * 1024 * 1024 + 17);
    appendFileSync(path, "one\ntwo\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
    await eventually(() => following.log.of("file_nul_bytes").length > 0);
  });

  const sizes = { sample: 120, all: 1024 };
  const title = (mib: number): string => `holes - ${mib} MiB of them take no memory to speak of`;

  sampled(title, sizes, async (mib) => {
    const path = audit();
    writeFileSync(path, "one\n");
    truncateSync(path, mib * 1024 ** 2);
    appendFileSync(path, "two\n");
    const before = process.memoryUsage.rss();
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  it.each([4096, 3 * 1024 * 1024])(
    "holes - a writer that allocates %i bytes ahead is followed as it fills them",
    async (allocated) => {
      const path = audit();
      const file = openSync(path, "w+");
      ftruncateSync(file, allocated);
      const following = await follow({ paths: [path] });
      await following.polls(2);
      writeSync(file, "one\n", 0);
      await following.lineCount(1);
      writeSync(file, "tw", 4);
      await following.polls(2);
      writeSync(file, "o\n", 6);
      await following.lineCount(2);
      closeSync(file);
      expect(following.lines).toEqual(["one", "two"]);
    },
  );
});

describe("long lines", () => {
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

  it("long lines - one at the limit is whole, one byte more is cut", async () => {
    const path = audit();
    const whole = "a".repeat(2048);
    const long = "b".repeat(2049);
    writeFileSync(path, `${whole}\n${whole}\r\n${long}\nnext\n`);
    const following = await follow({ paths: [path], max_event_bytes: "2KiB" });
    await following.lineCount(4);
    expect(following.lines).toEqual([whole, whole, "b".repeat(2048), "next"]);
    expect(following.records.map(({ truncation }) => truncation)).toEqual([
      undefined,
      undefined,
      { original_bytes: 2049, original_sha256: digest(long) },
      undefined,
    ]);
  });

  it.each([
    [600 * 1024, "\n"],
    [1024 * 1024, "\r\n"],
    [1024 * 1024 + 1, "\n"],
    [20 * 1024 * 1024 + 3, "\r\n"],
    [chunk_bytes, "\n"],
    [chunk_bytes - 1, "\r\n"],
  ])("long lines - %i bytes are shipped as one record, and the file goes on", async (size, end) => {
    const path = audit();
    const line = `${"é\r".repeat(Math.floor(size / 3))}${"z".repeat(size % 3)}`.replace(/\r$/, "z");
    writeFileSync(path, `first\n${line}${end}next\n`);
    const following = await follow({ paths: [path] });
    await following.lineCount(3);
    const [first, record, next] = following.records;
    expect([first!.bytes.toString(), next!.bytes.toString()]).toEqual(["first", "next"]);
    const limit = 1024 * 1024;
    if (size <= limit) {
      expect(record!.bytes.equals(Buffer.from(line))).toBe(true);
      expect(record!.truncation).toBeUndefined();
    } else {
      expect(record!.truncation).toEqual({ original_bytes: size, original_sha256: digest(line) });
      expect(record!.bytes.length).toBeGreaterThan(limit - 4);
      expect(record!.bytes.length).toBeLessThanOrEqual(limit);
      expect(line.startsWith(record!.bytes.toString())).toBe(true);
    }
    expect(following.ledger.books().total.received).toBe(3);
  });

  it("long lines - one that grows slowly is shipped once when it ends", async () => {
    const path = audit();
    writeFileSync(path, "");
    const following = await follow({ paths: [path], max_event_bytes: "16KiB" });
    let line = "";
    for (let part = 0; part < 30; part += 1) {
      const text = String(part % 10).repeat(50_000);
      line += text;
      appendFileSync(path, text);
      await following.polls(0);
    }
    expect(following.records).toEqual([]);
    appendFileSync(path, "\nnext\n");
    await following.lineCount(2);
    expect(following.records[0]!.truncation).toEqual({
      original_bytes: line.length,
      original_sha256: digest(line),
    });
    expect(following.lines[1]).toBe("next");
  });

  it("long lines - a restart in the middle begins the line again", async () => {
    const path = audit();
    writeFileSync(path, `first\n${"x".repeat(3_000_000)}`);
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    await following.polls(2);
    const state = await following.stop();
    appendFileSync(path, "yz\nnext\n");
    const next = await follow({ paths: [path], state });
    await next.lineCount(2);
    expect(next.records[0]!.truncation!.original_bytes).toBe(3_000_002);
    expect(next.lines[1]).toBe("next");
  });
});

describe("clock", () => {
  it("clock - a wall clock that is set back loses nothing", async () => {
    const path = audit();
    let now_ms = Date.now();
    const clock: Clock = { ...systemClock, now: () => now_ms };
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], clock });
    await following.lineCount(1);
    now_ms -= 3_600_000;
    appendFileSync(path, "two\n");
    writeFileSync(`${path}.unrelated`, "x\n");
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
  });
});
