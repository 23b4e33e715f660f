/**
 * Lines in files. A record is a line without its line end (LF or CRLF). A line of nothing but spaces, tabs and CR is no record.
 *
 * NUL bytes at the start of a line are no part of it: they are the holes that a truncation under a writer
 * without O_APPEND, or a power cut, leaves behind. NUL bytes further on are data. Those at the very end of a window are left
 * alone, since a writer that allocates ahead will fill them.
 */
import { Found } from "../contract/found.ts";
import type { Framed, Framer, RecordPositions, RecordScan, Window } from "../contract/framer.ts";
import { isBlank, LongLine } from "./long-line.ts";
import { skipNuls, withoutNuls } from "../contract/nuls.ts";

const line_feed = 10;
const carriage_return = 13;
const space = 32;

const scan: RecordScan = { state: undefined, push: (chunk) => lastEnd(chunk) || -1 };

export const lines: Framer = {
  id: "lines",
  // Each line stands for itself, so that there is nothing to remember.
  isState: () => false,
  frame: frameLines,
  contentStart: (bytes, from) => skipNuls(bytes, from, bytes.length),
  lastEnd,
  scan: () => scan,
  long: () => new LongLine("lf"),
};

/** Finds the lines, of which only LF and CRLF end one. */
export function frameLines(window: Window, positions: RecordPositions): Framed {
  const { bytes, is_last } = window;
  const found = new Found(window, positions);
  while (!found.is_full) {
    const newline = bytes.indexOf(line_feed, found.end);
    if (newline === -1) break;
    addLine(bytes, newline, found);
    found.end = newline + 1;
  }
  const rest = skipNuls(bytes, found.end, bytes.length);
  if (rest < bytes.length) {
    found.nul_bytes += rest - found.end;
    found.end = rest;
  }
  if (is_last && !found.is_full) addRest(bytes, found);
  return found;
}

/** What is left after the last line end is a line, too, but for NUL bytes that were allocated and never filled. */
export function addRest(bytes: Buffer, found: Found): void {
  const end = withoutNuls(bytes, found.end);
  const { count } = found;
  addLine(bytes, end, found);
  found.is_unfinished = found.count > count;
  found.end = bytes.length;
}

/** Adds the line from `found.end` to `newline`, if it is a record. */
export function addLine(bytes: Buffer, newline: number, found: Found): void {
  let start = found.end;
  if (bytes[start] === 0) {
    start = skipNuls(bytes, start, newline);
    found.nul_bytes += start - found.end;
  }
  let end = newline;
  if (end > start && bytes[end - 1] === carriage_return) end -= 1;
  if (end === start || (bytes[start]! <= space && isBlank(bytes, start, end))) return;
  found.add(start, end);
}

function lastEnd(bytes: Buffer): number {
  return bytes.lastIndexOf(line_feed) + 1;
}
