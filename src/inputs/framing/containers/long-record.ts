/**
 * A record of a container's log that is longer than what is held of the log: its parts are followed to its end, and what the
 * other stream has written in between is put aside, or read again after it.
 *
 * A line of another form that is so long is followed in the same way, to its own end.
 */
import type { RecordHeader } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";
import { isBlank } from "../lines/long-line.ts";
import { skipNuls } from "../contract/nuls.ts";
import type { FramingState, LongRecord, RecordsBeside } from "../contract/framer.ts";
import { ByteStore } from "./byte-store.ts";
import { isJsonContainer } from "./container-frame.ts";
import { unfinishedOf } from "../contract/found.ts";
import { notALine, restOfRecord } from "./faults.ts";
import { Aside } from "./aside.ts";
import { beside_bytes_max, ContainerStreams } from "./container-streams.ts";
import { type LineFormat, type Part, readLine, type StreamName } from "./line-format.ts";
import { MadeContent } from "./made-content.ts";

const line_feed = 10;
const nothing: Buffer = Buffer.alloc(0);

/**
 * - start: at the start of a line.
 * - held: in a line of which too little is there to say what it is.
 * - own, last: in a line of the record, after which it goes on, or ends.
 * - other: in a line of the other stream, or one of another form.
 */
type Mode = "start" | "held" | "own" | "last" | "other";

/** Of which stream it is; a fault where it is a line of another form. */
type Of =
  | { readonly stream: StreamName; readonly header: RecordHeader }
  | { readonly stream: undefined; readonly fault: string };

export class LongContainerRecord implements LongRecord {
  is_ended = false;
  readonly #format: LineFormat;
  readonly #streams: ContainerStreams;
  readonly #content: MadeContent;
  readonly #aside: Aside;
  /** How it began. */
  readonly #begins: {
    readonly may_be_torn: boolean;
    readonly torn_to: number;
    readonly rests: Record<StreamName, boolean>;
  };
  #of: Of | undefined;
  #mode: Mode = "start";
  #has_end = false;
  #is_closed = false;
  /** The beginning of a line. */
  readonly #held = new ByteStore();
  /** Bytes taken, and where among them the line begins that is being read. */
  #taken_bytes = 0;
  #line_start = 0;

  constructor(format: LineFormat, state: FramingState, kept_bytes_max: number) {
    this.#format = format;
    this.#streams = new ContainerStreams(state, 0);
    this.#content = new MadeContent(kept_bytes_max);
    this.#aside = new Aside();
    const { stdout, stderr } = this.#streams;
    this.#begins = {
      may_be_torn: this.#streams.mayBeTorn(0),
      torn_to: this.#streams.torn_to,
      rests: { stdout: stdout.is_in_rest, stderr: stderr.is_in_rest },
    };
  }

  get content_bytes(): number {
    return this.#content.bytes;
  }

  get held_bytes(): number {
    return this.#content.held_bytes + this.#held.held_bytes + this.#aside.lines.held_bytes;
  }

  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.is_ended) {
      const to = this.#step(bytes, at);
      this.#taken_bytes += to - at;
      at = to;
    }
    return at;
  }

  endsQuietly(): boolean {
    return this.#mode === "start" && !this.is_ended;
  }

  get is_blank(): boolean {
    const { bytes, kept } = this.#content;
    return bytes === kept.length && isBlank(kept, 0, kept.length);
  }

  get state(): FramingState {
    this.#close();
    const torn_behind = Math.max(0, this.#begins.torn_to - this.#taken_bytes);
    return this.#streams.stateAside(this.#aside.lines.length + torn_behind);
  }

  get beside(): RecordsBeside | undefined {
    this.#close();
    const { start, lines } = this.#aside;
    if (start === undefined) return undefined;
    const back_bytes = this.#taken_bytes - start;
    return { bytes: lines.bytes, back_bytes, state: this.#streams.stateAt(start) };
  }

  get kept(): Buffer {
    this.#close();
    return this.#is_withheld ? nothing : this.#content.kept;
  }

  get header(): RecordHeader | undefined {
    this.#close();
    const header = this.#of?.stream === undefined ? undefined : this.#of.header;
    return this.#has_end ? header : unfinishedOf(header);
  }

  digest(): string {
    this.#close();
    return this.#content.digest();
  }

  verdict(): Verdict | undefined {
    this.#close();
    if (this.#is_withheld) return restOfRecord();
    return this.#of?.stream === undefined ? notALine(this.#format, this.#of!.fault) : undefined;
  }

  /** For a file that takes the place of this one, if nothing more comes. */
  get left(): FramingState {
    return this.#aside.leftWith(this.#streams, this.#of?.stream);
  }

  get #is_withheld(): boolean {
    if (this.is_blank) return false;
    const { may_be_torn, rests } = this.#begins;
    if (this.#of?.stream === undefined) return may_be_torn;
    const { bytes, kept } = this.#content;
    const is_whole_json = bytes === kept.length && isJsonContainer(kept, 0, kept.length);
    return rests[this.#of.stream] && !is_whole_json;
  }

  /** Takes bytes of one line, and says up to where. */
  #step(bytes: Buffer, at: number): number {
    if (this.#mode === "start") {
      const start = skipNuls(bytes, at, bytes.length);
      if (start > at) return start;
      this.#line_start = this.#taken_bytes;
      this.#mode = "held";
    }
    const feed = bytes.indexOf(line_feed, at);
    const is_end = feed !== -1;
    const piece = bytes.subarray(at, is_end ? feed : bytes.length);
    if (this.#mode === "held") this.#hold(piece, is_end);
    else if (this.#mode === "other") this.#takeOther(piece, is_end);
    else this.#takeOwn(piece, is_end);
    return is_end ? feed + 1 : bytes.length;
  }

  #hold(piece: Buffer, is_end: boolean): void {
    if (is_end && this.#held.length === 0) return this.#beginLine(piece, true);
    this.#held.add(piece);
    const { head_bytes = Infinity, line_bytes_max } = this.#format;
    if (!is_end && this.#held.length < Math.min(head_bytes, line_bytes_max + 1)) return;
    this.#beginLine(this.#held.take(), is_end);
  }

  /** Takes a line, or so much of one that its form shows. */
  #beginLine(line: Buffer, is_end: boolean): void {
    const part = readLine(this.#format, line, 0, line.length);
    const of = (this.#of ??= ofRecord(part));
    if (typeof part === "string") {
      if (of.stream === undefined) return this.#beginOwn("last", line, is_end);
    } else if (of.stream === part.stream) {
      const { bytes, start, end } = part.content;
      const mode = part.is_partial ? "own" : "last";
      return this.#beginOwn(mode, bytes.subarray(start, end), is_end);
    }
    this.#mode = "other";
    this.#aside.begin(this.#streams, part, this.#line_start);
    this.#takeOther(line, is_end);
  }

  #beginOwn(mode: "own" | "last", content: Buffer, is_end: boolean): void {
    this.#mode = mode;
    this.#takeOwn(content, is_end);
  }

  #takeOwn(content: Buffer, is_end: boolean): void {
    this.#content.add(content);
    if (!is_end) return;
    this.#has_end = this.is_ended = this.#mode === "last";
    this.#mode = "start";
  }

  #takeOther(piece: Buffer, is_end: boolean): void {
    this.#aside.take(piece, is_end);
    // It has waited too long for its end: what was written meanwhile goes on without it.
    if (this.#aside.beside_bytes > beside_bytes_max) {
      this.is_ended = true;
      this.#aside.goBackTo(this.#line_start);
    } else if (is_end) this.#mode = "start";
  }

  /** Says that nothing more comes, or that its end was found. */
  #close(): void {
    if (this.#is_closed) return;
    this.#is_closed = true;
    if (this.#mode === "held") this.#beginLine(this.#held.take(), false);
    this.#content.end(this.#has_end);
    const given = this.#mode === "other" ? this.#line_start : this.#taken_bytes;
    if (this.#of?.stream === undefined) {
      this.#streams.refused_given = given;
      if (!this.#has_end) this.#streams.lose();
    } else {
      const stream = this.#streams[this.#of.stream];
      stream.end(this.#has_end);
      stream.given = given;
      this.#streams.torn_to = Math.max(this.#streams.torn_to, given);
    }
  }
}

function ofRecord(part: Part | string): Of {
  if (typeof part === "string") return { stream: undefined, fault: part };
  return { stream: part.stream, header: part.header };
}
