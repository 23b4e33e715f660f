/**
 * The rare and the strict parts of JSON (RFC 8259): escapes, UTF-8 beyond ASCII, numbers, white space.
 *
 * Every function takes a position and returns the one after what it read. A fault is returned as
 * `faultAt(reason, position)`, a negative number, so that nothing is allocated on the way.
 */
import { isDigit } from "../../platform/text/digits.ts";

/** Why a record is not JSON. Short, and without any of its content. */
export const fault_reasons = [
  "nothing but white space",
  "ends too early",
  "a value is expected",
  "a key in double quotes is expected",
  "a colon is expected",
  "a comma or the end of the object is expected",
  "a comma or the end of the array is expected",
  "text after the end of the value",
  "nested deeper than 512 levels",
  "a control character in a string",
  "an unknown escape in a string",
  "a \\u escape without four hexadecimal digits",
  "invalid UTF-8",
  "a number that JSON does not allow",
  "a byte order mark",
] as const;

export const fault = {
  empty: 0,
  cut: 1,
  value: 2,
  key: 3,
  colon: 4,
  object: 5,
  array: 6,
  trailing: 7,
  depth: 8,
  control: 9,
  escape: 10,
  unicode_escape: 11,
  utf8: 12,
  number: 13,
  byte_order_mark: 14,
} as const;

/** Position times this, plus the reason, negated: an exact integer for every position in a Buffer. */
const fault_stride = 16;

export function faultAt(reason: number, at: number): number {
  return -1 - (at * fault_stride + reason);
}

export function faultPosition(result: number): number {
  return Math.floor((-1 - result) / fault_stride);
}

export function faultReason(result: number): string {
  return fault_reasons[(-1 - result) % fault_stride]!;
}

export function isFault(result: number, reason: number): boolean {
  return (-1 - result) % fault_stride === reason;
}

export function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at += 1;
  }
  return at;
}

/** Whether the JSON value `bytes[start, end)` is a string. */
export function isString(bytes: Buffer, start: number, end: number): boolean {
  return bytes[skipSpace(bytes, start, end)] === 0x22;
}

const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;
const spaces = 0x20202020;
const ones = 0x01010101;
const high_bits = 0x80808080 | 0;

/**
 * The first byte from `from` that does not simply belong to a string: a quote, a backslash, a control
 * character or a byte beyond ASCII. Looks at four bytes at a time: subtracting 1 from a byte that is 0
 * (after the exclusive or with what is searched), or 0x20 from a control character, sets its high bit.
 * A borrow can only falsify the bytes after the first hit, and the first is what counts.
 */
export function skipPlain(view: DataView, from: number, end: number): number {
  let at = from;
  const last = end - 8;
  while (at <= last) {
    const hits = wordHits(view.getInt32(at, true));
    if (hits !== 0) return at + firstHit(hits);
    const more_hits = wordHits(view.getInt32(at + 4, true));
    if (more_hits !== 0) return at + 4 + firstHit(more_hits);
    at += 8;
  }
  return skipPlainSlowly(view, at, end);
}

function wordHits(word: number): number {
  return (
    (((word ^ quotes) - ones) | ((word ^ backslashes) - ones) | (word - spaces) | word) & high_bits
  );
}

/** The number of the first byte whose high bit is set. */
function firstHit(hits: number): number {
  return (31 - Math.clz32(hits & -hits)) >> 3;
}

/** The same for the last bytes of a record. */
function skipPlainSlowly(view: DataView, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = view.getUint8(at);
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c || byte >= 0x80) break;
    at += 1;
  }
  return at;
}

/** Reads on to the end of a string from its first character that is not plain; `view` is on the whole of `bytes`. */
export function finishString(view: DataView, bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === 0x22) return at + 1;
    if (byte >= 0x80) at = skipWide(bytes, at, end);
    else if (byte === 0x5c) at = skipEscape(bytes, at, end);
    else if (byte < 0x20) return faultAt(fault.control, at);
    else at = skipPlain(view, at, end);
    if (at < 0) return at;
  }
  return faultAt(fault.cut, end);
}

/** 1 for the characters that may follow a backslash, `u` apart. */
const simple_escapes = new Uint8Array(256);
for (const character of '"\\/bfnrt') simple_escapes[character.charCodeAt(0)] = 1;

/** Reads one escape; `at` is the position of its backslash. */
function skipEscape(bytes: Buffer, at: number, end: number): number {
  if (at + 1 >= end) return faultAt(fault.cut, end);
  const byte = bytes[at + 1]!;
  if (simple_escapes[byte] === 1) return at + 2;
  if (byte !== 0x75) return faultAt(fault.escape, at + 1);
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    if (digit >= end) return faultAt(fault.cut, end);
    if (!isHex(bytes[digit]!)) return faultAt(fault.unicode_escape, digit);
  }
  return at + 6;
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

/**
 * Reads one character beyond ASCII, strictly as RFC 3629 section 4 has it: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF.
 */
function skipWide(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at]!;
  let low = 0x80;
  let high = 0xbf;
  let more = 1;
  if (lead >= 0xc2 && lead <= 0xdf) more = 1;
  else if (lead >= 0xe0 && lead <= 0xef) {
    more = 2;
    if (lead === 0xe0) low = 0xa0;
    else if (lead === 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    more = 3;
    if (lead === 0xf0) low = 0x90;
    else if (lead === 0xf4) high = 0x8f;
  } else return faultAt(fault.utf8, at);
  if (at + more >= end) return faultAt(fault.utf8, at);
  const second = bytes[at + 1]!;
  if (second < low || second > high) return faultAt(fault.utf8, at);
  for (let next = at + 2; next <= at + more; next += 1) {
    if ((bytes[next]! & 0xc0) !== 0x80) return faultAt(fault.utf8, at);
  }
  return at + more + 1;
}

/** Reads a number: -? (0 | 1-9 digits) (. digits)? (e [+-]? digits)?  */
export function skipNumber(bytes: Buffer, from: number, end: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  if (bytes[at] === 0x30 && at < end) at += 1;
  else at = skipDigits(bytes, at, end);
  if (at >= 0 && at < end && bytes[at] === 0x2e) at = skipDigits(bytes, at + 1, end);
  if (at >= 0 && at < end && (bytes[at]! | 0x20) === 0x65) {
    const sign = at + 1 < end ? bytes[at + 1] : 0;
    at = skipDigits(bytes, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1, end);
  }
  if (at >= 0 && at < end && isDigit(bytes[at])) return faultAt(fault.number, at);
  return at;
}

/** Reads one digit or more. */
function skipDigits(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(bytes[at])) at += 1;
  if (at > from) return at;
  return at >= end ? faultAt(fault.cut, end) : faultAt(fault.number, at);
}

/** Reads `true`, `false` or `null`. */
export function skipLiteral(bytes: Buffer, from: number, end: number): number {
  const first = bytes[from];
  if (first === 0x74) return skipWord(bytes, from, end, "true");
  if (first === 0x66) return skipWord(bytes, from, end, "false");
  if (first === 0x6e) return skipWord(bytes, from, end, "null");
  const is_mark = first === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
  return faultAt(is_mark && from + 2 < end ? fault.byte_order_mark : fault.value, from);
}

function skipWord(bytes: Buffer, from: number, end: number, word: string): number {
  for (let at = 0; at < word.length; at += 1) {
    if (from + at >= end) return faultAt(fault.cut, end);
    if (bytes[from + at] !== word.charCodeAt(at)) return faultAt(fault.value, from + at);
  }
  return from + word.length;
}
