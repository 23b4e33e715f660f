/**
 * Text in hexadecimal digits, as auditd writes the arguments of commands: what it holds, and how changed content is written back.
 *
 * Text is bytes as characters (latin1) here, so that offsets are those of the bytes.
 */
import { isUtf8 } from "node:buffer";
import type { EncodedPart } from "./encodings.ts";

/** A run of at least so many digits may be text. No secret with a name is shorter. */
const hex_min = 16;

/** A run that is no digits in its whole length is base64, or a word. */
const runs = /[0-9A-Za-z]+/g;
const digits_only = /^[0-9A-Fa-f]+$/;

/** What each byte stands for as a digit; a backslash, with which JSON may spell one, as 16; -1 for none. */
const digits = Int8Array.from({ length: 256 }, (_, byte) =>
  "0123456789abcdef\\".indexOf(String.fromCharCode(byte).toLowerCase()),
);
const escaped = 16;
/** No text begins with a control. */
const zero = 0x30;

/** Of a run that is long enough, two bytes that are so far apart are among those that are looked at. */
const step = hex_min / 2;

/** Whether `bytes[start, end)`, JSON or text, may hold such a run. Looks at few bytes where there is none. */
export function mayHoldHex(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + step - 1; at + step < end; at += step) {
    if (digits[bytes[at]!]! < 0 || digits[bytes[at + step]!]! < 0) continue;
    let first = at;
    while (first > start && digits[bytes[first - 1]!]! >= 0) first -= 1;
    let behind = at + 1;
    while (behind < end && digits[bytes[behind]!]! >= 0) behind += 1;
    if (behind - first >= hex_min && mayBeText(bytes, first, behind)) return true;
    at = Math.max(at, behind - step);
  }
  return false;
}

/** Whether a run of digits holds text in UTF-8: what is random, or a number, shows with its first bytes that it does not. */
function mayBeText(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] === zero) return false;
  /** Bytes of a character that are to come. */
  let open = 0;
  for (let at = start; at + 1 < end; at += 2) {
    const [high, low] = [digits[bytes[at]!]!, digits[bytes[at + 1]!]!];
    if (high === escaped || low === escaped) return true;
    const byte = high * 16 + low;
    if (open > 0 ? byte >> 6 !== 2 : !isAscii(byte) && byte < 0xc2) return false;
    if (open > 0) open -= 1;
    else if (byte >= 0xc2) open = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  }
  return (end - start) % 2 === 0;
}

/** The runs of a text that are hexadecimal digits of text. NULs are between the arguments of a command. */
export function* hexParts(text: string): Generator<EncodedPart> {
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (run.length < hex_min || run.length % 2 > 0 || !digits_only.test(run)) continue;
    const held = Buffer.from(run, "hex");
    if (!isUtf8(held) || run.startsWith("0") || !held.every(isTextByte)) continue;
    const is_upper = /[A-F]/.test(run);
    const encode = (changed: Buffer): ReturnType<EncodedPart["encode"]> => {
      const written = changed.toString("hex");
      const bytes = Buffer.from(is_upper ? written.toUpperCase() : written);
      return { start: index, end: index + run.length, bytes };
    };
    yield { start: index, end: index + run.length, held, encode };
  }
}

/** What text has of ASCII: a NUL is between the arguments of a command. */
function isAscii(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0 || (byte >= 0x09 && byte <= 0x0d);
}

function isTextByte(byte: number): boolean {
  return byte >= 0x80 || isAscii(byte);
}
