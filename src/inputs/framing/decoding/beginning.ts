/**
 * Which encoding a file or stream has, by its first bytes: by its byte order mark, which is no part of the first record; else
 * by its name in the configuration; else by its shape.
 */
import type { Framer } from "../contract/framer.ts";
import { isUtf16, type ChosenEncoding, type Encoding } from "./encodings.ts";
import { withoutNuls } from "../contract/nuls.ts";

/** How a file or stream begins. */
export interface Beginning {
  readonly encoding: Encoding;
  /** Where its text begins. */
  readonly text_start: number;
}

const marks: readonly { readonly encoding: Encoding; readonly bytes: Buffer }[] = [
  { encoding: "utf-8", bytes: Buffer.of(0xef, 0xbb, 0xbf) },
  { encoding: "utf-16le", bytes: Buffer.of(0xff, 0xfe) },
  { encoding: "utf-16be", bytes: Buffer.of(0xfe, 0xff) },
];
const utf8_mark = marks[0]!.bytes;

/** Bytes that decide, where there is no mark. */
export const looked_at_bytes = 16;
/** Of the two-byte units in them, so many are Latin letters at least: with fewer it may be chance. */
const latin_part = 0.75;
/** What JSON and XML begin with. Nothing else has a NUL byte behind it. */
const openings = new Set(Buffer.from("{[<"));

const tab = 9;
const carriage_return = 13;
const space = 0x20;
const tilde = 0x7e;

/** Which encoding is looked for in what this framing reads: its NUL bytes are not taken for UTF-16. */
export function chosenFor(framer: Framer, chosen: ChosenEncoding): ChosenEncoding {
  if (framer.is_utf8 === true) return "utf-8";
  return chosen === "auto" && framer.ends_with_nuls === true ? "utf-8" : chosen;
}

/** How the text begins; undefined where that shows only by what follows, if anything does. */
export function beginningOf(
  bytes: Buffer,
  chosen: ChosenEncoding,
  is_last: boolean,
): Beginning | undefined {
  for (const { encoding, bytes: mark } of marks) {
    const { length } = mark;
    if (bytes.subarray(0, length).equals(mark)) return { encoding, text_start: length };
    const may_become = bytes.length < length && mark.subarray(0, bytes.length).equals(bytes);
    if (may_become && !is_last) return undefined;
  }
  if (chosen !== "auto") return { encoding: chosen, text_start: 0 };
  const shape = utf16ShapeOf(bytes, is_last);
  return shape === "unsure" ? undefined : { encoding: shape ?? "utf-8", text_start: 0 };
}

/** Where UTF-8 text begins: after a byte order mark, if there is one. */
export function textStart(bytes: Buffer): number {
  const { length } = utf8_mark;
  return bytes[0] === utf8_mark[0] && bytes.subarray(0, length).equals(utf8_mark) ? length : 0;
}

/**
 * Which UTF-16 the first bytes of a text have the shape of: the first two units are Latin letters, most others are, and none
 * is NUL. Undefined where they have not; `unsure` where they are too few.
 */
export function utf16ShapeOf(
  bytes: Buffer,
  is_last: boolean,
): "utf-16le" | "utf-16be" | "unsure" | undefined {
  const { length } = bytes;
  if (length < 2) return is_last ? undefined : "unsure";
  // Nearly all texts are looked at no further.
  if ((bytes[0] === 0) === (bytes[1] === 0)) return undefined;
  const high = bytes[0] === 0 ? 0 : 1;
  const encoding = high === 0 ? "utf-16be" : "utf-16le";
  const end = Math.min(length, looked_at_bytes) & ~1;
  let latin = 0;
  for (let at = 0; at < end; at += 2) {
    const low_byte = bytes[at + 1 - high]!;
    if (bytes[at + high] !== 0) {
      if (at <= 2) return undefined;
    } else if (low_byte === 0 || (at <= 2 && !isText(low_byte))) return undefined;
    else latin += 1;
    // Whatever follows, so that it does not matter how much of that is there already.
    if (at === 2 && openings.has(bytes[1 - high]!)) return encoding;
  }
  if (length < looked_at_bytes && !is_last) return "unsure";
  return end >= 4 && latin >= (end / 2) * latin_part ? encoding : undefined;
}

/** The bytes without the NUL bytes at their end, which a writer that allocates ahead may yet fill. Whole units are kept. */
export function withoutAllocated(bytes: Buffer): Buffer {
  const end = withoutNuls(bytes, 0);
  return bytes.subarray(0, end + (end & 1));
}

/** Whether a text that begins so is in UTF-16. */
export function beginsInUtf16(bytes: Buffer): boolean {
  const { encoding = "utf-8" } = beginningOf(bytes, "auto", false) ?? {};
  return isUtf16(encoding);
}

function isText(byte: number): boolean {
  return (byte >= space && byte <= tilde) || (byte >= tab && byte <= carriage_return);
}
