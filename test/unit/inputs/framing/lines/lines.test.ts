/** Lines by table: what is a record, and what is left for the next read. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { characterBoundary } from "../../../../../src/inputs/framing/contract/found.ts";
import { lines } from "../../../../../src/inputs/framing/lines/lines.ts";
import { skipNuls } from "../../../../../src/inputs/framing/contract/nuls.ts";

function framed(text: string | Buffer, limit = 1024, capacity = 100, is_last = false) {
  const bytes = Buffer.from(text as string);
  const positions = {
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    event_bytes_max: limit,
  };
  const result = lines.frame({ bytes, from: 0, is_last, state: undefined }, positions);
  const records = Array.from({ length: result.count }, (_, index) =>
    bytes.subarray(positions.starts[index], positions.ends[index]).toString("latin1"),
  );
  return { ...result, records };
}

describe("lines", () => {
  it.each([
    ["lines", "one\ntwo\n", ["one", "two"], 8],
    ["an unfinished line is left alone", "one\ntw", ["one"], 4],
    ["CRLF", "one\r\ntwo\r\n", ["one", "two"], 10],
    ["a CR elsewhere is data", "o\rne\r\r\n", ["o\rne\r"], 7],
    ["blank lines are no records", "\n \n\t \r\n\r\none\n\n", ["one"], 14],
    ["spaces around text are data", "  one \n", ["  one "], 7],
    ["NUL bytes before a line", "\0\0one\n\0two\n", ["one", "two"], 11],
    ["NUL bytes in a line are data", "o\0ne\0\n", ["o\0ne\0"], 6],
    ["a line of NUL bytes only", "\0\0\0\none\n", ["one"], 8],
    ["NUL bytes at the very end are left", "one\n\0\0\0", ["one"], 4],
    ["NUL bytes before an unfinished line are passed over", "one\n\0\0tw", ["one"], 6],
    ["nothing", "", [], 0],
  ])("lines - %s", (_, text, records, end) => {
    const result = framed(text);
    expect(result.records).toEqual(records);
    expect(result.end).toBe(end);
  });

  it("lines - counts the NUL bytes that it passed over", () => {
    expect(framed("\0\0one\nt\0wo\n\0").nul_bytes).toBe(2);
  });

  it("lines - stops when the positions are full, and says where", () => {
    const result = framed("a\nb\nc\n", 1024, 2);
    expect(result.records).toEqual(["a", "b"]);
    expect(result.end).toBe(4);
  });

  it.each([
    ["the rest is a record", "one\ntwo", ["one", "two"]],
    ["a CR at the end belongs to a torn line end", "one\ntwo\r", ["one", "two"]],
    ["NUL bytes at the end are nothing", "one\n\0\0", ["one"]],
    ["NUL bytes after the last line are nothing", "one\ntwo\r\0\0", ["one", "two"]],
    ["spaces at the end are nothing", "one\n  ", ["one"]],
  ])("lines - to the end: %s", (_, text, records) => {
    const result = framed(text, 1024, 100, true);
    expect(result.records).toEqual(records);
    expect(result.end).toBe(text.length);
  });

  it("lines - cuts a long line, and keeps its length and hash", () => {
    const line = "x".repeat(2000);
    const result = framed(`${line}\r\n${"y".repeat(1024)}\n`, 1024);
    expect(result.records).toEqual(["x".repeat(1024), "y".repeat(1024)]);
    expect([...result.truncations!]).toEqual([
      [
        0,
        {
          original_bytes: 2000,
          original_sha256: createHash("sha256").update(line).digest("hex"),
        },
      ],
    ]);
  });

  it.each([
    ["aé", 2, 1],
    ["aé", 3, 3],
    ["€€", 5, 3],
    ["€€", 4, 3],
    ["😀", 3, 0],
    ["abc", 2, 2],
  ])("lines - %s cut at %i ends at %i, between characters", (text, limit, end) => {
    expect(characterBoundary(Buffer.from(text), 0, limit)).toBe(end);
  });

  it("lines - cuts bytes that are no UTF-8 where the limit is", () => {
    expect(characterBoundary(Buffer.alloc(10, 0x80), 0, 7)).toBe(7);
  });

  it("lines - passes over long runs of NUL bytes", () => {
    const bytes = Buffer.alloc(300_000);
    bytes[299_999] = 65;
    expect(skipNuls(bytes, 0, bytes.length)).toBe(299_999);
    expect(skipNuls(bytes, 5, 200_000)).toBe(200_000);
  });
});
