/**
 * Percent-encoding and base64 in text: what they hold, and how changed content is written back in the same spelling.
 *
 * Text is bytes as characters (latin1) here, so that offsets are those of the bytes. Each function takes linear time.
 */
import { isHint } from "../scan/json-hint.ts";
import { isJson } from "./is-json.ts";

/** A run of at least so many characters of its alphabet may be base64. */
export const base64_min = 24;

/** Characters without a separator of URLs, queries and texts. Other blanks than these are bytes of longer characters here. */
const segments = /[^ \t\r\n"<>&?#]+/g;
const percent = /%[0-9a-f]{2}/i;
const opener = /%7b|%5b/i;
const runs = /[A-Za-z0-9+/_-]+={0,2}/g;
const run_of_url = /[A-Za-z0-9_-]+={0,2}/g;

/** Characters that may be in base64 in a string of JSON, in any spelling: its escapes have a backslash. */
const base64_bytes = new Uint8Array(256);
for (const byte of Buffer.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-\\",
)) {
  base64_bytes[byte] = 1;
}

/** What each byte stands for as a hexadecimal digit; -1 for none. */
const hex_digits = Int8Array.from({ length: 256 }, (_, byte) =>
  "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase()),
);

/** A part of a text that is encoded, and what it holds. */
export interface EncodedPart {
  readonly start: number;
  readonly end: number;
  readonly held: Buffer;
  /** What takes the place of which bytes of the text, so that it holds `changed` instead. */
  readonly encode: (changed: Buffer) => EncodedSplice;
}

export interface EncodedSplice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Whether `bytes[start, end)`, JSON or text, may hold percent-encoding. */
export function mayHoldPercent(bytes: Buffer, start: number, end: number): boolean {
  return mayHoldPercentIn(bytes, end)(start, end);
}

/** Gives the same for parts of `bytes` up to `limit`, asked from left to right: all of them are searched once. */
export function mayHoldPercentIn(
  bytes: Buffer,
  limit: number,
): (start: number, end: number) => boolean {
  let [sign, escape] = [-1, -1];
  return (start, end) => {
    if (sign < start) sign = indexIn(bytes, percent_sign, start, limit);
    if (sign < end) return true;
    if (escape < start) escape = indexIn(bytes, escaped_percent, start, limit);
    return escape + escaped_percent.length <= end;
  };
}

const percent_sign = 0x25;
const escaped_percent = Buffer.from("\\u0025");

/** Where `what` is next before `limit`; Infinity where it is not. */
function indexIn(bytes: Buffer, what: number | Buffer, start: number, limit: number): number {
  const at = bytes.subarray(0, limit).indexOf(what, start);
  return at < 0 ? Infinity : at;
}

/** Whether `bytes[start, end)`, JSON or text, may hold base64. Looks at every 24th byte where there is none. */
export function mayHoldBase64(bytes: Buffer, start: number, end: number): boolean {
  let from = start;
  /** All bytes from `from` to here are known to be of the alphabet. */
  let known_to = start;
  while (from + base64_min <= end) {
    let at = from + base64_min - 1;
    while (at >= known_to && base64_bytes[bytes[at]!] === 1) at -= 1;
    if (at < known_to) return true;
    known_to = from + base64_min;
    from = at + 1;
  }
  return false;
}

/**
 * The parts of a text that have percent-encoding: values of queries, and JSON from where it begins. One by one, since a text of
 * an attack has very many.
 */
export function* percentParts(
  text: string,
  beginsLikeJson: (held: Buffer) => boolean,
): Generator<EncodedPart> {
  if (!text.includes("%")) return;
  for (const { 0: segment, index } of text.matchAll(segments)) {
    if (segment.search(percent) < 0) continue;
    const value = segment.indexOf("=") + 1;
    const starts = [0, value, segment.search(opener)].filter((at) => at >= 0);
    const json = starts.find(
      (at) => mayBegin(segment, at) && beginsLikeJson(percentDecoded(segment.slice(at))),
    );
    const written = segment.slice(json ?? value);
    const part = percentPart(written, index + (json ?? value), json !== undefined);
    if (part !== undefined) yield part;
  }
}

/** Whether JSON may begin there, from the first byte of what the text holds. */
function mayBegin(text: string, at: number): boolean {
  const first = percentDecoded(text.slice(at, at + 3))[0] ?? 0;
  return first >= 0x80 || isHint(first);
}

function percentPart(written: string, start: number, is_json: boolean): EncodedPart | undefined {
  if (written.search(percent) < 0) return undefined;
  let units = written;
  let held = percentDecoded(written);
  // As forms are encoded, a plus is a blank.
  if (is_json && written.includes("+") && !isJson(held.toString())) {
    const spaced = percentDecoded(written.replaceAll("+", "%20"));
    if (isJson(spaced.toString())) [units, held] = [written.replaceAll("+", "\0"), spaced];
  }
  const end = start + written.length;
  const encode = (changed: Buffer): EncodedSplice => {
    const spelled = Array.from(units.matchAll(/%[0-9a-f]{2}|[^]/gi), ([unit]) =>
      unit === "\0" ? "+" : unit,
    );
    return respelled(spelled, held, changed, start);
  };
  return { start, end, held, encode };
}

/** What is changed between what both have in common, each byte spelled as in the original where that has it. */
function respelled(
  spelled: readonly string[],
  held: Buffer,
  changed: Buffer,
  start: number,
): EncodedSplice {
  const shorter = Math.min(held.length, changed.length);
  let before = 0;
  while (before < shorter && held[before] === changed[before]) before += 1;
  let behind = 0;
  while (behind < shorter - before && held.at(-1 - behind) === changed.at(-1 - behind)) behind += 1;
  while (before > 0 && (isInside(held[before]) || isInside(changed[before]))) before -= 1;
  while (behind > 0 && isInside(held.at(-behind))) behind -= 1;
  const spellings = new Map<number, string>();
  for (const [at, unit] of spelled.entries()) {
    const byte = held[at]!;
    // Of a character of several bytes, some may be new.
    const is_usable = byte < 0x80 || unit.length > 1;
    if (is_usable && !spellings.has(byte)) spellings.set(byte, unit);
  }
  const middle = Array.from(
    changed.subarray(before, changed.length - behind),
    (byte) => spellings.get(byte) ?? percentEncoded(byte),
  );
  const lengthOf = (units: readonly string[]): number => units.join("").length;
  const from = start + lengthOf(spelled.slice(0, before));
  const to = from + lengthOf(spelled.slice(before, held.length - behind));
  return { start: from, end: to, bytes: Buffer.from(middle.join(""), "latin1") };
}

/** Whether the byte goes on with a character that begins before it. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    const value = byte === 0x25 ? hexValue(bytes, at + 1) : -1;
    if (value >= 0) at += 2;
    bytes[length] = value >= 0 ? value : byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** What two hexadecimal digits stand for; -1 where there are none. */
function hexValue(bytes: Buffer, at: number): number {
  if (at + 1 >= bytes.length) return -1;
  const [high, low] = [hex_digits[bytes[at]!]!, hex_digits[bytes[at + 1]!]!];
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function percentEncoded(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[\w.~-]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** The runs of a text that are base64, in either alphabet, of text. */
export function* base64Parts(text: string): Generator<EncodedPart> {
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (run.length < base64_min) continue;
    const is_mixed = /[+/]/.test(run) && /[_-]/.test(run);
    const whole = is_mixed ? undefined : base64Part(run, index);
    if (whole !== undefined) yield whole;
    if (whole !== undefined || !run.includes("/")) continue;
    // In a path, the run may be between two slashes.
    for (const piece of run.matchAll(run_of_url)) {
      const part = base64Part(piece[0], index + piece.index);
      if (part !== undefined) yield part;
    }
  }
}

function base64Part(written: string, start: number): EncodedPart | undefined {
  if (written.length < base64_min) return undefined;
  if (!beginsAsText(written)) return undefined;
  const held = Buffer.from(written, "base64");
  if (!isText(held)) return undefined;
  const end = start + written.length;
  const is_url = /[_-]/.test(written);
  const is_padded = written.endsWith("=") || (!is_url && held.length % 3 === 0);
  const encode = (changed: Buffer): EncodedSplice => {
    const encoded = changed.toString("base64");
    const padded = is_padded ? encoded : encoded.replaceAll("=", "");
    const own = is_url ? padded.replaceAll("+", "-").replaceAll("/", "_") : padded;
    return { start, end, bytes: Buffer.from(own) };
  };
  return { start, end, held, encode };
}

/** What each character of base64 stands for, in either alphabet. */
const sextets = new Uint8Array(128);
for (const alphabet of ["+/", "-_"]) {
  const all = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let value = 0; value < all.length; value += 1) sextets[all.charCodeAt(value)] = value;
}

/** Whether the first characters of a run hold what may be text. They are decoded one by one: few runs are base64 of text. */
function beginsAsText(written: string): boolean {
  let bits = 0;
  let held = 0;
  for (let at = 0; at < base64_min; at += 1) {
    const code = written.charCodeAt(at);
    if (code === equals_sign) return true;
    held = (held << 6) | sextets[code]!;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    if (!isTextByte(held >>> bits)) return false;
    held &= (1 << bits) - 1;
  }
  return true;
}

const equals_sign = 0x3d;

/** Whether bytes may be text: no controls but blanks. What is not UTF-8 is masked whole. */
function isText(bytes: Buffer): boolean {
  for (const byte of bytes) if (!isTextByte(byte)) return false;
  return true;
}

function isTextByte(byte: number): boolean {
  return byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
