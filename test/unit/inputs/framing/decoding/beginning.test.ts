/** Which encoding is told from the first bytes of a file or stream, and when. */
import { describe, expect, it } from "vitest";
import {
  beginningOf,
  textStart,
  withoutAllocated,
} from "../../../../../src/inputs/framing/decoding/beginning.ts";
import type { Encoding } from "../../../../../src/inputs/framing/decoding/encodings.ts";

function le(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function be(text: string): Buffer {
  return le(text).swap16();
}

/** What is told of the bytes while more may follow, by the number of those that are there; runs of the same as one. */
function told(bytes: Buffer): string[] {
  const all = Array.from({ length: bytes.length + 1 }, (_, length) => {
    const beginning = beginningOf(bytes.subarray(0, length), "auto", false);
    return beginning === undefined ? "?" : `${beginning.encoding} ${beginning.text_start}`;
  });
  return all.filter((each, at) => each !== all[at - 1]);
}

describe("beginning", () => {
  it.each<[string, Buffer, string]>([
    ["JSON lines", Buffer.from('{"a":1}\n'), "utf-8 0"],
    ["text that is no ASCII", Buffer.from("日本語\n"), "utf-8 0"],
    ["a mark of UTF-8", Buffer.from("\ufeff{}"), "utf-8 3"],
    ["no more than a part of a mark", Buffer.from([0xef, 0xbb, 0x41]), "utf-8 0"],
    ["a mark of UTF-16, little-endian", le("\ufeff日本語"), "utf-16le 2"],
    ["a mark of UTF-16, big-endian", be("\ufeff日本語"), "utf-16be 2"],
    ["JSON in UTF-16, little-endian", le('{"ユーザー":"日本語"}'), "utf-16le 0"],
    ["JSON in UTF-16, big-endian", be('{"ユーザー":"日本語"}'), "utf-16be 0"],
    ["an array with indents", le("[\r\n  {\r\n"), "utf-16le 0"],
    ["lines in UTF-16", le("2025-03-21 06:37:27 Logon é"), "utf-16le 0"],
    ["lines in UTF-16, big-endian", be("2025-03-21 06:37:27 Logon é"), "utf-16be 0"],
    ["a hole", Buffer.concat([Buffer.alloc(40), Buffer.from("{}")]), "utf-8 0"],
    ["a NUL byte after a letter", Buffer.from("a\0hello\0world, and so on"), "utf-8 0"],
    ["a NUL byte before letters", Buffer.from("\0hello\0world, and so on"), "utf-8 0"],
    [
      "single letters with NUL bytes, then text",
      Buffer.from("a\0b\0c\0and so on and on"),
      "utf-8 0",
    ],
    [
      "numbers in two bytes",
      Buffer.from(Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9).buffer),
      "utf-8 0",
    ],
  ])("beginning - %s: decided once, and the same whatever follows", (_, bytes, expected) => {
    expect(told(bytes)).toEqual(["?", expected]);
    expect(told(bytes.subarray(0, bytes.length))).toEqual(["?", expected]);
  });

  it.each<[Buffer, Encoding]>([
    [Buffer.alloc(0), "utf-8"],
    [Buffer.from("a"), "utf-8"],
    [Buffer.from("a\0"), "utf-8"],
    [Buffer.from([0xef, 0xbb]), "utf-8"],
    [Buffer.from([0xff]), "utf-8"],
    [le("hi"), "utf-16le"],
    [be("hi\n"), "utf-16be"],
    [Buffer.concat([le("hi\n"), Buffer.of(0x41)]), "utf-16le"],
    [Buffer.from("a\0bcdefgh"), "utf-8"],
  ])("beginning - %j is all that comes: %s", (bytes, expected) => {
    expect(beginningOf(bytes, "auto", true)?.encoding).toBe(expected);
  });

  it("beginning - a name is taken at its word, but a mark decides", () => {
    expect(beginningOf(le("{}  "), "utf-8", false)).toEqual({ encoding: "utf-8", text_start: 0 });
    expect(beginningOf(Buffer.from("{"), "latin1", false)?.encoding).toBe("latin1");
    expect(beginningOf(le("\ufeff{}"), "latin1", false)).toEqual({
      encoding: "utf-16le",
      text_start: 2,
    });
    expect(beginningOf(Buffer.from([0xff]), "latin1", false)).toBeUndefined();
    expect(beginningOf(Buffer.from([0xff]), "latin1", true)?.encoding).toBe("latin1");
  });

  it("beginning - what a writer has allocated and not filled is no text, but half of a character is", () => {
    const allocated = Buffer.alloc(9);
    for (const text of [le("ab"), be("ab"), Buffer.from("ab"), Buffer.alloc(0)]) {
      expect(withoutAllocated(Buffer.concat([text, allocated]))).toEqual(text);
    }
  });

  it("beginning - UTF-8 text begins after its mark", () => {
    expect(textStart(Buffer.from("\ufeff{}"))).toBe(3);
    expect(textStart(Buffer.from("{}"))).toBe(0);
  });
});
