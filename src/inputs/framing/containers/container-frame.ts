/**
 * Finds the records in a part of a container's log that is there. See container-streams.ts for what two streams in one log mean.
 */
import { Walker } from "../../../event/scan/walker.ts";
import { isBlank } from "../lines/long-line.ts";
import { skipNuls, withoutNuls } from "../contract/nuls.ts";
import type { Framed, RecordPositions, Window } from "../contract/framer.ts";
import { MadeFound } from "../contract/made-found.ts";
import { unfinishedOf } from "../contract/found.ts";
import { notALine, restOfRecord } from "./faults.ts";
import { type ContainerStream, ContainerStreams, lost } from "./container-streams.ts";
import { type LineFormat, type Part, readLine } from "./line-format.ts";

const line_feed = 10;
const carriage_return = 13;
const open_brace = 0x7b;
const open_bracket = 0x5b;

const walker = new Walker([]);

/** What is known of a file whose last record has no end yet. */
export interface Followed {
  /** For a file that takes its place. */
  readonly left: Framed["state"];
}

/** One call of `frame`. */
export class ContainerFrame {
  readonly #format: LineFormat;
  readonly #window: Window;
  readonly #found: MadeFound;
  readonly #streams: ContainerStreams;
  /** Where the first line begins that was not taken. */
  #at: number;

  constructor(format: LineFormat, window: Window, positions: RecordPositions) {
    this.#format = format;
    this.#window = window;
    this.#found = new MadeFound(window, positions);
    this.#streams = new ContainerStreams(window.state, window.from);
    this.#at = window.from;
  }

  run(): Framed {
    const { bytes, is_last, is_quiet, is_whole } = this.#window;
    const found = this.#found;
    const streams = this.#streams;
    while (!found.is_full) {
      const start = skipNuls(bytes, this.#at, bytes.length);
      const end = bytes.indexOf(line_feed, start);
      if (end === -1) break;
      this.#passNuls(start);
      if (!this.#takeLine(start, end)) break;
      this.#at = end + 1;
    }
    if (is_last && !found.is_full) this.#takeUnfinishedLine();
    if ((is_last || is_quiet === true || is_whole === true) && this.#isAllTaken()) this.#giveOpen();
    found.end = streams.endAt(this.#at);
    found.state = streams.stateAt(found.end);
    found.followed = this.#followed();
    return found;
  }

  /** What would be left unfinished if nothing more came. */
  #followed(): Followed | undefined {
    const { bytes } = this.#window;
    const streams = this.#streams;
    const start = skipNuls(bytes, this.#at, bytes.length);
    if (isBlank(bytes, start, bytes.length))
      return streams.is_clear ? undefined : { left: streams.left };
    const part = readLine(this.#format, bytes, start, bytes.length);
    return { left: typeof part === "string" ? lost : streams.leftWith(part.stream) };
  }

  /** Whether no more whole lines are there. */
  #isAllTaken(): boolean {
    return this.#window.bytes.indexOf(line_feed, this.#at) === -1;
  }

  /** NUL bytes before a line are a hole in the file. They are counted once, however often they are passed. */
  #passNuls(to: number): void {
    const streams = this.#streams;
    if (to === this.#at) return;
    if (to > streams.refused_given) {
      this.#found.nul_bytes += to - this.#at;
      streams.refused_given = to;
    }
    this.#at = to;
  }

  /** Takes the line `[start, end)`, and its end; false where there is no room for what that gives. */
  #takeLine(start: number, end: number): boolean {
    const found = this.#found;
    const streams = this.#streams;
    const part = readLine(this.#format, this.#window.bytes, start, end);
    const own = typeof part === "string" ? undefined : streams[part.stream];
    for (const stream of streams.overdue(own, end + 1 - start)) {
      if (found.is_full) return false;
      this.#give(stream, "unfinished", start);
    }
    if (found.is_full) return false;
    if (typeof part === "string") this.#refuse(start, end, part);
    else if (start >= own!.given) this.#takePart(own!, part, start, end + 1);
    return true;
  }

  #takePart(stream: ContainerStream, part: Part, start: number, after: number): void {
    const { parts } = stream.add(start, part);
    parts.push(part.content);
    if (!part.is_partial) this.#give(stream, "whole", after);
  }

  /** What is left at the end of everything, without a line end. */
  #takeUnfinishedLine(): void {
    const { bytes } = this.#window;
    const found = this.#found;
    const streams = this.#streams;
    const start = skipNuls(bytes, this.#at, bytes.length);
    this.#passNuls(start);
    const end = withoutNuls(bytes, start);
    found.nul_bytes += bytes.length - end;
    this.#at = bytes.length;
    if (end === start) return;
    const part = readLine(this.#format, bytes, start, end);
    if (typeof part === "string") this.#refuse(start, end, part, "unfinished");
    else if (start >= streams[part.stream].given) {
      streams[part.stream].add(start, part).parts.push(part.content);
    }
  }

  /** Gives out all that has no end. */
  #giveOpen(): void {
    for (const stream of this.#streams.open) {
      if (this.#found.is_full) return;
      this.#give(stream, "unfinished", this.#at);
    }
  }

  /** Gives out a stream's record. */
  #give(stream: ContainerStream, ending: "whole" | "unfinished", given: number): void {
    const found = this.#found;
    const { at, header, parts } = stream.group!;
    const is_rest = stream.is_in_rest;
    const is_whole = ending === "whole";
    for (const { bytes, start, end } of parts) found.append(bytes, start, end);
    stream.end(is_whole);
    stream.given = given;
    if (is_whole) found.dropLast(carriage_return);
    const { bytes, start, end } = found.making;
    if (isBlank(bytes, start, end)) return found.discard();
    const described = is_whole ? header : unfinishedOf(header);
    if (is_rest && !isJsonContainer(bytes, start, end))
      return found.withhold(at, restOfRecord(), described);
    found.finish(at, described);
  }

  /** A line of another form ends in quarantine, and with nothing of its bytes if it may be a part of a record. */
  #refuse(start: number, end: number, fault: string, ending?: "unfinished"): void {
    const { bytes } = this.#window;
    const found = this.#found;
    const streams = this.#streams;
    if (start < streams.refused_given) return;
    streams.refused_given = Math.min(end + 1, bytes.length);
    found.append(bytes, start, end);
    found.dropLast(carriage_return);
    if (isBlank(bytes, start, end)) return found.discard();
    const header = ending && unfinishedOf(undefined);
    if (streams.mayBeTorn(start)) found.withhold(start, restOfRecord(), header);
    else found.refuseMade(start, notALine(this.#format, fault), header);
    if (ending !== undefined) streams.lose();
  }
}

/** Whether it is a whole JSON object or array, which the rest of one never is. */
export function isJsonContainer(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start];
  if (first !== open_brace && first !== open_bracket) return false;
  return walker.scan(bytes, start, end) === undefined;
}
