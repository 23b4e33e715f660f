/**
 * Makes UTF-8 of text in another encoding. What is no character there, half of a surrogate pair or of a unit, becomes U+FFFD;
 * no byte is left out.
 */
import { isUtf16, type Encoding } from "./encodings.ts";

const replacement = Buffer.from("\ufffd");

/** What windows-1252 has from 0x80 on, where Latin-1 has control characters; as the WHATWG's encoding standard says. */
const windows_1252 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";
const first_of_them = 0x80;
const any_of_them = /[\x80-\x9f]/g;

/** The text as UTF-8, all of it. */
export function toUtf8(bytes: Buffer, encoding: Encoding): Buffer {
  switch (encoding) {
    case "utf-8":
      return bytes;
    case "latin1":
      return Buffer.from(bytes.toString("latin1"));
    case "windows-1252":
      return Buffer.from(bytes.toString("latin1").replace(any_of_them, windows1252Of));
    case "utf-16le":
      return withRest(bytes, Buffer.from(bytes.toString("utf16le")));
    case "utf-16be": {
      const swapped = Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
      return withRest(bytes, Buffer.from(swapped.toString("utf16le")));
    }
  }
}

/** How many of the bytes are whole characters, where more may follow. */
export function wholeBytesOf(bytes: Buffer, encoding: Encoding): number {
  if (!isUtf16(encoding)) return bytes.length;
  const even = bytes.length & ~1;
  const high_byte = bytes[encoding === "utf-16le" ? even - 1 : even - 2];
  const is_first_half = high_byte !== undefined && (high_byte & 0xfc) === 0xd8;
  return is_first_half ? even - 2 : even;
}

function windows1252Of(character: string): string {
  return windows_1252[character.charCodeAt(0) - first_of_them]!;
}

/** With what stands for a last byte that is half of a unit. */
function withRest({ length }: Buffer, decoded: Buffer): Buffer {
  return length % 2 === 0 ? decoded : Buffer.concat([decoded, replacement]);
}
