/**
 * The framer: finds the records in bytes. Pure, and it never copies a byte.
 *
 * A record is a line without its line end (LF or CRLF). A line of nothing but spaces, tabs and CR is no record.
 * NUL bytes at the start of a line are no part of it: they are the holes that a truncation under a writer
 * without O_APPEND, or a power cut, leaves behind. NUL bytes further on are data. A byte order mark at the very
 * beginning of a file or stream is no part of its first line.
 */
import { hash } from "node:crypto";
import type { Truncation } from "../../event/block.ts";

export interface Framed {
  /** Records found. */
  count: number;
  /** Index after the last byte that is done with: where an unfinished line begins, or the end. */
  end: number;
  /** NUL bytes passed over. */
  nul_bytes: number;
  /** By record number, for those that were cut. */
  truncations: Map<number, Truncation> | undefined;
}

/** Where the records are, by number. The arrays' length is the most records that are looked for at once. */
export interface RecordPositions {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Bytes of a record beyond which it is cut. */
  readonly event_bytes_max: number;
}

const line_feed = 10;
const carriage_return = 13;
const space = 32;
const tab = 9;
const zeros = Buffer.alloc(64 * 1024);
const byte_order_mark = Buffer.from("\ufeff");

/**
 * Finds the whole lines of `bytes` from `from` on, as many as `positions` can hold, and leaves an unfinished
 * last line alone. NUL bytes at the very end are left too: a writer that allocates ahead will fill them.
 */
export function frame(bytes: Buffer, from: number, positions: RecordPositions): Framed {
  const framed: Framed = { count: 0, end: from, nul_bytes: 0, truncations: undefined };
  const { length } = positions.starts;
  while (framed.count < length) {
    const newline = bytes.indexOf(line_feed, framed.end);
    if (newline === -1) break;
    addLine(bytes, newline, positions, framed);
    framed.end = newline + 1;
  }
  const rest = skipNuls(bytes, framed.end, bytes.length);
  if (rest < bytes.length) {
    framed.nul_bytes += rest - framed.end;
    framed.end = rest;
  }
  return framed;
}

/**
 * As `frame`, for a file that will not grow any more: what is left after the last line end is a line too, but for
 * NUL bytes that were allocated and never filled.
 */
export function frameToEnd(bytes: Buffer, from: number, positions: RecordPositions): Framed {
  const framed = frame(bytes, from, positions);
  if (framed.count === positions.starts.length) return framed;
  let end = bytes.length;
  while (end > framed.end && bytes[end - 1] === 0) end -= 1;
  addLine(bytes, end, positions, framed);
  framed.end = bytes.length;
  return framed;
}

/** Where the text begins in the first bytes of a file or stream: after a UTF-8 byte order mark, if there is one. */
export function textStart(bytes: Buffer): number {
  const { length } = byte_order_mark;
  return bytes[0] === byte_order_mark[0] && bytes.subarray(0, length).equals(byte_order_mark)
    ? length
    : 0;
}

/** The index of the first byte from `from` on that is not NUL; `to` where there is none. */
export function skipNuls(bytes: Buffer, from: number, to: number): number {
  let at = from;
  if (bytes[at] !== 0) return at;
  while (at < to) {
    const length = Math.min(to - at, zeros.length);
    if (bytes.compare(zeros, 0, length, at, at + length) !== 0) break;
    at += length;
  }
  while (at < to && bytes[at] === 0) at += 1;
  return at;
}

/** Whether there is nothing but spaces, tabs and CR. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte !== space && byte !== tab && byte !== carriage_return) return false;
  }
  return true;
}

/** The largest end at or before `limit` that does not cut a UTF-8 character of `bytes` in two. */
export function characterBoundary(bytes: Buffer, start: number, limit: number): number {
  for (let lead = limit - 1; lead >= start && lead >= limit - 4; lead -= 1) {
    const byte = bytes[lead]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return lead + length > limit ? lead : limit;
  }
  return limit;
}

/** Adds the line from `framed.end` to `newline`, if it is a record. */
function addLine(bytes: Buffer, newline: number, positions: RecordPositions, framed: Framed): void {
  let start = framed.end;
  if (bytes[start] === 0) {
    start = skipNuls(bytes, start, newline);
    framed.nul_bytes += start - framed.end;
  }
  let end = newline;
  if (end > start && bytes[end - 1] === carriage_return) end -= 1;
  if (end === start || (bytes[start]! <= space && isBlank(bytes, start, end))) return;
  if (end - start > positions.event_bytes_max) {
    framed.truncations ??= new Map();
    framed.truncations.set(framed.count, {
      original_bytes: end - start,
      original_sha256: hash("sha256", bytes.subarray(start, end)),
    });
    end = characterBoundary(bytes, start, start + positions.event_bytes_max);
  }
  positions.starts[framed.count] = start;
  positions.ends[framed.count] = end;
  framed.count += 1;
}
