/**
 * Text as a JSON string (RFC 8259, section 7), from bytes to bytes. Two passes over the bytes: the first gives the
 * exact length, so that the second never needs to check for room.
 */
import { isUtf8 } from "node:buffer";

const hex_digits = Buffer.from("0123456789abcdef");
const backslash = 0x5c;
const quote = 0x22;

/** Bytes that an escape adds to the one byte that it stands for. */
const escape_extra = new Uint8Array(256);
/** The letter of the short escapes: `n` for a line feed. */
const escape_letter = new Uint8Array(256);

escape_extra.fill(5, 0, 0x20);
for (const [character, letter] of ["\bb", "\tt", "\nn", "\ff", "\rr", '""', "\\\\"]) {
  const byte = character!.charCodeAt(0);
  escape_extra[byte] = 1;
  escape_letter[byte] = letter!.charCodeAt(0);
}

/** The same text in valid UTF-8: what is not UTF-8 becomes U+FFFD. Gives `text` itself where it is valid. */
export function wellFormed(text: Buffer): Buffer {
  return isUtf8(text) ? text : Buffer.from(text.toString("utf8"), "utf8");
}

/** Bytes of `text` as a JSON string, the quotes included. */
export function jsonStringLength(text: Buffer): number {
  const end = text.length;
  let length = end + 2;
  for (let at = 0; at < end; at += 1) length += escape_extra[text[at]!]!;
  return length;
}

/** Writes `text` as a JSON string to `target` from `at`, and returns where it ends. */
export function writeJsonString(text: Buffer, target: Buffer, at: number): number {
  const end = text.length;
  let to = at;
  target[to++] = quote;
  for (let from = 0; from < end; from += 1) {
    const byte = text[from]!;
    if (escape_extra[byte] === 0) {
      target[to++] = byte;
      continue;
    }
    target[to++] = backslash;
    const letter = escape_letter[byte]!;
    if (letter !== 0) {
      target[to++] = letter;
      continue;
    }
    to += target.write("u00", to, "latin1");
    target[to++] = hex_digits[byte >> 4]!;
    target[to++] = hex_digits[byte & 15]!;
  }
  target[to++] = quote;
  return to;
}

/** Whether there is nothing to see in the text: only blanks and control characters, or nothing at all. */
export function isBlankText(text: Buffer): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at]!;
    if (byte >= 0x80) return !/[^\s\p{Cc}\p{Cf}]/u.test(text.toString("utf8", at));
    if (byte > 0x20 && byte !== 0x7f) return false;
  }
  return true;
}
