/**
 * Records that end with a separator of the user's choice, such as the record separator of RFC 7464 or an empty line.
 *
 * Nothing but the separator ends a record, and nothing of a record belongs to the end: CR before it is data. A record of
 * nothing but white space is none.
 *
 * NUL bytes before a record are passed over, as in lines, unless they may be the beginning of a separator. In a file that
 * NUL bytes separate, those at the very end of a window are left alone, since a writer that allocates ahead will fill them.
 */
import { createHash } from "node:crypto";
import { Found } from "../contract/found.ts";
import type {
  Framed,
  Framer,
  LongRecord,
  RecordPositions,
  RecordScan,
  Window,
} from "../contract/framer.ts";
import type { BytesFrom } from "../contract/framing.ts";
import { skipNuls, withoutNuls } from "../contract/nuls.ts";

const space = 0x20;
const nothing: Buffer = Buffer.alloc(0);

export function separatedBy(separator: Buffer, from: BytesFrom): Framer {
  const is_nul = skipNuls(separator, 0, separator.length) === separator.length;
  const skips_nuls = is_nul || !separator.includes(0);
  const keeps_nuls = is_nul && from === "file";
  const frames = { separator, skips_nuls, keeps_nuls };
  return {
    id: `lines ${JSON.stringify(separator.toString())}`,
    // Each record stands for itself.
    isState: () => false,
    end_bytes_max: Math.max(2, separator.length),
    frame: (window, positions) => frame(window, positions, frames),
    contentStart: (bytes, at) => (skips_nuls ? skipNuls(bytes, at, bytes.length) : at),
    lastEnd: (bytes) => lastEnd(bytes, separator),
    ends_with_nuls: separator.includes(0),
    scan: () => new SeparatorSearch(separator),
    long: () => new LongSeparated(separator),
  };
}

interface Frames {
  readonly separator: Buffer;
  readonly skips_nuls: boolean;
  readonly keeps_nuls: boolean;
}

function frame(window: Window, positions: RecordPositions, frames: Frames): Framed {
  const { bytes, is_last } = window;
  const { separator, skips_nuls, keeps_nuls } = frames;
  const found = new Found(window, positions);
  while (!found.is_full) {
    const from = keeps_nuls ? skipNuls(bytes, found.end, bytes.length) : found.end;
    const end = bytes.indexOf(separator, from);
    if (end === -1) break;
    add(bytes, end, found, skips_nuls);
    found.end = end + separator.length;
  }
  const rest = skips_nuls ? skipNuls(bytes, found.end, bytes.length) : found.end;
  if (rest < bytes.length) {
    found.nul_bytes += rest - found.end;
    found.end = rest;
  }
  if (is_last && !found.is_full) addRest(bytes, found, skips_nuls);
  return found;
}

/** What is left is a record, too, but for NUL bytes that were allocated and never filled. */
function addRest(bytes: Buffer, found: Found, skips_nuls: boolean): void {
  const end = withoutNuls(bytes, found.end);
  const { count } = found;
  add(bytes, end, found, skips_nuls);
  found.is_unfinished = found.count > count;
  found.end = bytes.length;
}

/** Adds what is from `found.end` to `end`, if it is a record. */
function add(bytes: Buffer, end: number, found: Found, skips_nuls: boolean): void {
  const start = skips_nuls ? skipNuls(bytes, found.end, end) : found.end;
  found.nul_bytes += start - found.end;
  if (!isSpace(bytes, start, end)) found.add(start, end);
}

/** Whether there is nothing but white space. */
function isSpace(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte !== space && (byte < 9 || byte > 13)) return false;
  }
  return true;
}

/** Index after the last separator that is certainly one, and not a part of two others. */
function lastEnd(bytes: Buffer, separator: Buffer): number {
  const { length } = separator;
  for (let at = bytes.lastIndexOf(separator); at >= 0;) {
    const overlapping = at === 0 ? -1 : bytes.lastIndexOf(separator, at - 1);
    const is_clear = at >= length - 1 && (overlapping === -1 || overlapping + length <= at);
    if (is_clear) return at + length;
    at = overlapping;
  }
  return 0;
}

/** Finds separators in a stream of bytes, each where the one before it has ended. */
class SeparatorSearch implements RecordScan {
  readonly state = undefined;
  readonly #separator: Buffer;
  /** The last bytes since the last separator, which may be the beginning of one. */
  #held: Buffer = nothing;

  constructor(separator: Buffer) {
    this.#separator = separator;
  }

  /** Bytes that may be the beginning of a separator. */
  get held(): Buffer {
    return this.#held;
  }

  push(chunk: Buffer): number {
    let end = 0;
    for (let after = this.next(chunk); after > 0; after = this.next(chunk.subarray(end)))
      end += after;
    return end === 0 ? -1 : end;
  }

  /** Index after the first separator in what follows; without one 0, and all of it was looked at. */
  next(bytes: Buffer): number {
    const { length } = this.#separator;
    const held = this.#held;
    this.#held = nothing;
    if (held.length > 0) {
      const joined = Buffer.concat([held, bytes.subarray(0, length - 1)]);
      const at = joined.indexOf(this.#separator);
      if (at >= 0) return at + length - held.length;
    }
    const at = bytes.indexOf(this.#separator);
    if (at >= 0) return at + length;
    this.#hold(held, bytes);
    return 0;
  }

  /** Keeps the longest end of the bytes that a separator may begin with. */
  #hold(held: Buffer, bytes: Buffer): void {
    const length_max = this.#separator.length - 1;
    if (length_max === 0) return;
    const last = bytes.subarray(Math.max(0, bytes.length - length_max));
    const all = last.length < length_max ? Buffer.concat([held, last]) : Buffer.from(last);
    let start = Math.max(0, all.length - length_max);
    while (!startsWith(this.#separator, all.subarray(start))) start += 1;
    this.#held = all.subarray(start);
  }
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}

/** A record that is longer than what is kept of it. */
class LongSeparated implements LongRecord {
  readonly state = undefined;
  is_ended = false;
  is_blank = true;
  #bytes = 0;
  readonly #separator: Buffer;
  readonly #search: SeparatorSearch;
  readonly #hash = createHash("sha256");

  constructor(separator: Buffer) {
    this.#separator = separator;
    this.#search = new SeparatorSearch(separator);
  }

  /** With what may be the beginning of its end, but turned out not to be where nothing follows. */
  get content_bytes(): number {
    return this.#bytes + this.#search.held.length;
  }

  push(bytes: Buffer): number {
    const { held } = this.#search;
    const after = this.#search.next(bytes);
    this.is_ended = after > 0;
    const taken_bytes = this.is_ended ? after : bytes.length;
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes.subarray(0, taken_bytes)]);
    const end_bytes = this.is_ended ? this.#separator.length : this.#search.held.length;
    const content_end = held.length + taken_bytes - end_bytes;
    this.#add(all.subarray(0, content_end));
    return taken_bytes;
  }

  endsInNuls(count: number): boolean {
    const { length } = this.#separator;
    const nuls = Buffer.alloc(Math.min(count, length));
    return Buffer.concat([this.#search.held, nuls]).includes(this.#separator);
  }

  digest(): string {
    this.#hash.update(this.#search.held);
    return this.#hash.digest("hex");
  }

  #add(content: Buffer): void {
    this.is_blank &&= isSpace(content, 0, content.length);
    this.#bytes += content.length;
    this.#hash.update(content);
  }
}
