/** Decoding, compared with the decoder that the platform has. */
import { describe, expect, it } from "vitest";
import {
  encodings,
  unitBytesOf,
  type Encoding,
} from "../../../../../src/inputs/framing/decoding/encodings.ts";
import { RawPlaces } from "../../../../../src/inputs/framing/decoding/raw-places.ts";
import { toUtf8, wholeBytesOf } from "../../../../../src/inputs/framing/decoding/transcode.ts";

const every_byte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

function utf16(encoding: Encoding, ...units: number[]): Buffer {
  const bytes = Buffer.from(Uint16Array.from(units).buffer);
  return encoding === "utf-16be" ? bytes.swap16() : bytes;
}

function platformDecoded(bytes: Buffer, encoding: Encoding): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

describe("transcode", () => {
  it.each([0, 1])("transcode - windows-1252 is that of the platform, from byte %i on", (from) => {
    const bytes = every_byte.subarray(from);
    expect(toUtf8(bytes, "windows-1252").toString()).toBe(platformDecoded(bytes, "windows-1252"));
  });

  it("transcode - Latin-1 has the code points of its bytes, and UTF-8 is left as it is", () => {
    expect(toUtf8(every_byte, "latin1").toString()).toBe(String.fromCharCode(...every_byte));
    expect(toUtf8(every_byte, "utf-8")).toBe(every_byte);
  });

  it.each(["utf-16le", "utf-16be"] as const)(
    "transcode - %s is that of the platform",
    (encoding) => {
      const texts: Buffer[] = [
        Buffer.alloc(0),
        utf16(encoding, 0x41, 0xe9, 0x20ac, 0xd83d, 0xde00, 0, 0xfeff, 0xffff),
        // Halves of pairs: alone, in the wrong order, and at the end.
        utf16(encoding, 0xd83d, 0x41, 0xde00, 0xde00, 0xd83d, 0xd83d, 0xde00, 0xd83d),
        Buffer.concat([utf16(encoding, 0x41, 0x42), Buffer.of(0x43)]),
        Buffer.of(0x43),
      ];
      for (const bytes of texts) {
        expect(toUtf8(bytes, encoding).toString()).toBe(platformDecoded(bytes, encoding));
        // What is decoded may lie at any place in memory.
        const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
        expect(toUtf8(shifted, encoding)).toEqual(toUtf8(bytes, encoding));
      }
    },
  );

  it.each(["utf-16le", "utf-16be"] as const)(
    "transcode - %s is taken in whole characters",
    (encoding) => {
      const pair = utf16(encoding, 0x41, 0xd83d, 0xde00);
      expect(
        [0, 1, 2, 3, 4, 5, 6].map((to) => wholeBytesOf(pair.subarray(0, to), encoding)),
      ).toEqual([0, 0, 2, 2, 2, 2, 6]);
      // The second half of a pair waits for nothing.
      expect(wholeBytesOf(utf16(encoding, 0xde00), encoding)).toBe(2);
    },
  );

  it.each(encodings)("transcode - %s: places lead back to where each character was", (encoding) => {
    const text = encoding.startsWith("utf") ? "aé€😀\ud800z\n" : "aé\x7f\xff \n";
    const units = Array.from(text, (character) => character);
    const bytes =
      encoding === "utf-8"
        ? Buffer.from("a\n")
        : encoding.startsWith("utf-16")
          ? utf16(encoding, ...Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)))
          : Buffer.from(text, "latin1");
    const decoded = toUtf8(bytes, encoding);
    const from = 7;
    const places = new RawPlaces(decoded, encoding, from, from + bytes.length);
    let [raw, at] = [from, 0];
    const expected: [number, number][] = [];
    for (const character of encoding === "utf-8" ? ["a", "\n"] : units) {
      expected.push([at, raw]);
      at += Buffer.from(character).length;
      raw += character.length * unitBytesOf(encoding);
    }
    expect(at).toBe(decoded.length);
    for (const [place, is] of expected) expect(places.of(place)).toBe(is);
    // In any order.
    for (const [place, is] of expected.toReversed()) expect(places.of(place)).toBe(is);
    expect(places.of(decoded.length)).toBe(from + bytes.length);
  });
});
