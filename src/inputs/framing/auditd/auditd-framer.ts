/**
 * The framer of auditd's events. Reading goes on at the first line of the oldest event whose end has not come; the state says which
 * lines behind it were given out already.
 */
import type { Framed, Framer, RecordPositions, RecordScan, Window } from "../contract/framer.ts";
import { LongLine } from "../lines/long-line.ts";
import { skipNuls, withoutNuls } from "../contract/nuls.ts";
import { AuditEvents, span_bytes_max } from "./audit-events.ts";
import { isGivenState } from "./given-lines.ts";

const line_feed = 10;
/** An event is its lines. What is held back of a stream for it is bounded by twice the bytes of an event. */
const raw_factor = 4;
/** As long as auditd's own readers wait for the rest of an event. */
const flush_after_ms = 2000;

const scan: RecordScan = { state: undefined, push: (chunk) => lastEnd(chunk) || -1 };

export const auditdFramer: Framer = {
  id: "auditd",
  raw_factor,
  window_bytes: 2 * span_bytes_max,
  flush_after_ms,
  isState: isGivenState,
  frame,
  contentStart: (bytes, from) => skipNuls(bytes, from, bytes.length),
  lastEnd,
  scan: () => scan,
  long: () => new LongLine("lf"),
};

function lastEnd(bytes: Buffer): number {
  return bytes.lastIndexOf(line_feed) + 1;
}

function frame(window: Window, positions: RecordPositions): Framed {
  const { bytes, from } = window;
  const events = new AuditEvents(window, positions);
  let at = from;
  let has_room = true;
  while (has_room) {
    const newline = bytes.indexOf(line_feed, at);
    if (newline === -1) break;
    has_room = events.take(at, newline + 1, newline);
    if (has_room) at = newline + 1;
  }
  if (has_room) at = frameRest(window, events, at);
  events.finish(at);
  return events.found;
}

/** Looks at what is behind the last line end, and returns where that ends which was taken. */
function frameRest(window: Window, events: AuditEvents, at: number): number {
  const { bytes, is_last, is_quiet = false } = window;
  const { found } = events;
  if (at < bytes.length && !events.holdUpTo(bytes.length)) return at;
  if (!is_last) {
    if (is_quiet) events.giveAll(bytes.length, bytes.length);
    return at;
  }
  const end = withoutNuls(bytes, at);
  if (!events.giveAll(at, end)) return at;
  const { count } = found;
  if (end > at && !events.take(at, bytes.length, end)) return at;
  events.giveAll(bytes.length, bytes.length);
  found.is_unfinished = found.count > count;
  return bytes.length;
}
