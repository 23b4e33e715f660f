/**
 * Joins the lines of auditd to events: those of one machine, time and serial number, which may stand among those of others.
 *
 * An event is given out when its end has come, when nothing more of it can come, or when it would hold up too much of what
 * follows. In a window a line comes to one end only, so that it does not matter how the bytes are split.
 */
import type { RecordHeader } from "../../../event/block.ts";
import { unfinished } from "../contract/found.ts";
import type { RecordPositions, Window } from "../contract/framer.ts";
import { MadeFound } from "../contract/made-found.ts";
import { isBlank } from "../lines/long-line.ts";
import { skipNuls } from "../contract/nuls.ts";
import { auditLineAt, isBehind, isEnd, isLast, isWhole, type AuditLine } from "./audit-line.ts";
import { GivenLines, lines_max } from "./given-lines.ts";

/** Lines behind the last one of an event among which its end may be; in auditd's file there is none. */
const lines_before_end_max = 8;
/** Events whose end has not come. */
const events_max = 128;
/** Bytes from the beginning of the first of them on; in events, and at most. Below what is read of a file at once. */
const span_in_events = 2;
export const span_bytes_max = 256 * 1024;
const carriage_return = 13;
/** A node that is passed on as the host. */
const host = /^[\w.:-]+$/;
const line_feed = Buffer.from("\n");

/** A line's number, and where its text is. */
interface Place {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  /** NUL bytes before it. */
  readonly nul_bytes: number;
}

/** An event whose end has not come. */
interface OpenEvent {
  readonly first: AuditLine;
  readonly places: Place[];
  /** The number of its last line but for its end, if that has come. */
  last: number | undefined;
}

export class AuditEvents {
  readonly found: MadeFound;
  readonly #bytes: Buffer;
  readonly #span_max: number;
  readonly #lines: GivenLines;
  /** In the order of their first lines. */
  readonly #open = new Map<string, OpenEvent>();
  readonly #sources = new Map<string, RecordHeader>();

  constructor(window: Window, positions: RecordPositions) {
    this.found = new MadeFound(window, positions);
    this.#bytes = window.bytes;
    this.#span_max = Math.min(span_bytes_max, span_in_events * positions.event_bytes_max);
    this.#lines = new GivenLines(window.state);
  }

  /** Takes the line up to `next`, where the next one begins; false where an event has no room, and the line was not taken. */
  take(start: number, next: number, end: number): boolean {
    const number = this.#lines.add(start);
    if (this.#lines.isGiven(number)) {
      this.#lines.give(number);
      return true;
    }
    if (this.#holdBack(next, number) && this.#add(this.#placeOf(number, start, end))) return true;
    this.#lines.takeBack();
    return false;
  }

  /** Gives out the events that hold up more than they may, if the next line ends behind `end`; false where there is no room. */
  holdUpTo(end: number): boolean {
    return this.#holdBack(end, this.#lines.count);
  }

  /** Gives out all events but the one that the line up to `end` belongs to; false where there is no room for all. */
  giveAll(start: number, end: number): boolean {
    const kept = this.#lineIn(this.#placeOf(this.#lines.count, start, end))?.event;
    for (const [event, open] of this.#open) {
      if (event !== kept && !this.#give(event, open)) return false;
    }
    return true;
  }

  /** Sets where what was not given out begins; `end` where the last line ended that was taken. */
  finish(end: number): void {
    this.found.end = this.#lines.from(end);
    this.found.state = this.#lines.state;
  }

  #placeOf(number: number, line_start: number, line_end: number): Place {
    const start = skipNuls(this.#bytes, line_start, line_end);
    const has_return = line_end > start && this.#bytes[line_end - 1] === carriage_return;
    const end = has_return ? line_end - 1 : line_end;
    return { number, start, end, nul_bytes: start - line_start };
  }

  #lineIn({ start, end }: Place): AuditLine | undefined {
    return auditLineAt(this.#bytes, start, end);
  }

  #holdBack(end: number, number: number): boolean {
    for (const [event, open] of this.#open) {
      const [first] = open.places;
      const is_near = end - first!.start <= this.#span_max && number - first!.number < lines_max;
      if (is_near) return true;
      if (!this.#give(event, open, unfinished.fields)) return false;
    }
    return true;
  }

  #add(place: Place): boolean {
    if (isBlank(this.#bytes, place.start, place.end)) {
      this.#markGiven(place);
      return true;
    }
    const line = this.#lineIn(place);
    if (line === undefined) return this.#giveAlone(place, undefined);
    if (!this.#giveEnded(line, place.number)) return false;
    const open = this.#open.get(line.event);
    if (open === undefined) {
      return isWhole(line) ? this.#giveAlone(place, line) : this.#begin(line, place);
    }
    if (isEnd(line) && this.found.is_full) return false;
    open.places.push(place);
    if (isLast(line)) open.last = place.number;
    return !isEnd(line) || this.#give(line.event, open);
  }

  /** Gives out the events of which, after this line, nothing more comes. */
  #giveEnded(line: AuditLine, number: number): boolean {
    for (const [event, open] of this.#open) {
      if (event === line.event) continue;
      const { first, last = Infinity } = open;
      const is_ended = number - last >= lines_before_end_max || isBehind(line, first);
      if (is_ended && !this.#give(event, open)) return false;
    }
    return true;
  }

  #begin(line: AuditLine, place: Place): boolean {
    if (isEnd(line)) return this.#giveAlone(place, line);
    for (const [event, oldest] of this.#open) {
      if (this.#open.size < events_max) break;
      if (!this.#give(event, oldest, unfinished.fields)) return false;
    }
    const last = isLast(line) ? place.number : undefined;
    this.#open.set(line.event, { first: line, places: [place], last });
    return true;
  }

  #giveAlone(place: Place, line: AuditLine | undefined): boolean {
    return this.#note([place], line && this.#headerOf(line));
  }

  #give(event: string, { first, places }: OpenEvent, fields?: RecordHeader["fields"]): boolean {
    const header = this.#headerOf(first);
    if (!this.#note(places, fields === undefined ? header : { ...header, fields })) return false;
    this.#open.delete(event);
    return true;
  }

  #note(places: readonly Place[], header: RecordHeader | undefined): boolean {
    const { found } = this;
    if (found.is_full) return false;
    for (const [at, { start, end }] of places.entries()) {
      if (at > 0) found.append(line_feed, 0, 1);
      found.append(this.#bytes, start, end);
    }
    found.finish(places[0]!.start, header);
    for (const place of places) this.#markGiven(place);
    return true;
  }

  #markGiven({ number, nul_bytes }: Place): void {
    this.#lines.give(number);
    this.found.nul_bytes += nul_bytes;
  }

  #headerOf({ time, node }: AuditLine): RecordHeader {
    if (node === undefined || !host.test(node)) return { timestamp: time };
    const known = this.#sources.get(node) ?? { host: node, from: { text: node, parts: [] } };
    this.#sources.set(node, known);
    return { timestamp: time, ...known };
  }
}
