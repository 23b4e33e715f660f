/**
 * Gathers a stream of bytes that comes in chunks, and gives out its whole records, many at once.
 *
 * A piece is one buffer: records, and at its end perhaps the beginning of one that is still coming in.
 *
 *     bytes  [ record\n record\n ... record\n beginning ]
 *              ^from                       ^whole    ^length
 *
 * A record longer than `max_event_bytes` is a piece of its own, of which no more is kept than is shipped.
 */
import type { Origin, Records } from "../../event/block.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import type {
  Framer,
  FramingState,
  RecordPositions,
  RecordScan,
} from "../framing/contract/framer.ts";
import { chosenFor } from "../framing/decoding/beginning.ts";
import type { ChosenEncoding } from "../framing/decoding/encodings.ts";
import { cutRecords, framedRecords, keptOf } from "./given-out.ts";
import {
  endQuietly,
  goesOn,
  grow,
  stateIn,
  unreadBytesOf,
  type CutRecord,
  type Gathered,
} from "./pieces.ts";
import { StreamDecoder } from "./stream-decoder.ts";

/** Looked at each time that records are given out, so that what is changed there holds from then on. */
export interface LineGathererDeps {
  readonly origin: Origin;
  /** Of the whole stream: a gatherer keeps the one that it began with. */
  readonly framer: Framer;
  /** Of streams that begin now. */
  readonly encoding: ChosenEncoding;
  /** Where records are noted while a piece is framed: one for all gatherers of an input. */
  readonly positions: RecordPositions;
}

export class LineGatherer {
  /** NUL bytes before records that were passed over. */
  nul_bytes = 0;
  /** Members of documents that were passed over. */
  members = 0;
  #deps: LineGathererDeps;
  readonly #framer: Framer;
  /** Where the framing stands behind what was given out, and behind the last record that has come in as a whole. */
  #state: FramingState = undefined;
  #scan: RecordScan;
  /** Everything here is UTF-8, as it gives it. */
  readonly decoder: StreamDecoder;
  readonly #pieces: (Gathered | CutRecord)[] = [];
  /** Bytes so far, of the mark at the beginning and of decoded text. */
  #offset = 0;
  #read_at_ms = 0;
  #held_bytes = 0;
  #is_ended = false;

  constructor(deps: LineGathererDeps) {
    this.#deps = deps;
    this.#framer = deps.framer;
    this.decoder = new StreamDecoder(chosenFor(deps.framer, deps.encoding));
    this.#scan = this.#framer.scan(undefined);
  }

  /** Which framing the stream has. */
  get framing_id(): string {
    return this.#framer.id;
  }

  /** How long nothing must have come in for `quiet`; undefined where it says nothing. */
  get flush_after_ms(): number | undefined {
    return this.#framer.flush_after_ms;
  }

  /** Whether all that comes in has come in. */
  get is_ended(): boolean {
    return this.#is_ended;
  }

  /** Memory in use. Not what was given out, even where that is not accepted yet. */
  get held_bytes(): number {
    const last = this.#pieces.at(-1);
    const record_bytes = last?.kind === "cut" ? (last.record.held_bytes ?? 0) : 0;
    return this.#held_bytes + record_bytes;
  }

  /** Bytes that came in and were not given out. */
  get unread_bytes(): number {
    return this.decoder.held_bytes + unreadBytesOf(this.#pieces);
  }

  /** Has what is given out from now on be that of another input. */
  goOn(deps: LineGathererDeps): void {
    this.#deps = deps;
  }

  /** Takes what came in. The chunk's buffer is kept, so it must not be used again. */
  push(received: Buffer, read_at_ms: number): void {
    this.#read_at_ms = read_at_ms;
    this.#take(this.decoder.push(received));
  }

  #take(chunk: Buffer): void {
    if (this.#offset === 0) this.#offset = this.decoder.mark_bytes;
    if (chunk.length === 0) return;
    let rest = chunk;
    for (let cut = this.#openCut; cut !== undefined && rest.length > 0; cut = this.#openCut) {
      rest = rest.subarray(this.#continueCut(cut, rest));
    }
    if (rest.length > 0) this.#append(rest, this.#read_at_ms);
    const gathered = this.#pieces.at(-1);
    // There is none where all of it was passed over.
    if (gathered !== undefined) gathered.read_at_ms = this.#read_at_ms;
  }

  /** Says that nothing more comes in: what is left is a record, too, though an unfinished one. */
  end(): void {
    this.#is_ended = true;
    this.#take(this.decoder.end());
    this.#endCuts(() => true);
  }

  /** Says that nothing has come in for as long as the framer asks about. */
  quiet(): void {
    this.#endCuts(({ record }) => record.endsQuietly?.() === true);
    const last = this.#pieces.at(-1);
    if (last?.kind === "gathered") endQuietly(last, this.#scan);
  }

  /** The next records, in order; undefined where there is no whole one. */
  take(): Records | undefined {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined) return undefined;
      if (piece.kind === "cut") {
        if (piece.state === "open") return undefined;
        this.#remove(piece);
        this.#state = piece.record.state;
        this.members += piece.record.members ?? 0;
        const records = cutRecords(piece, this.#deps.origin);
        if (records !== undefined) return records;
        continue;
      }
      const is_last = this.#is_ended && this.#pieces.length === 1;
      if (piece.from >= (is_last ? piece.length : piece.whole)) return undefined;
      const records = this.#wholeRecords(piece, is_last);
      if (records !== undefined) return records;
    }
  }

  /** The record at the end that is cut, and whose own end has not come. */
  get #openCut(): CutRecord | undefined {
    const last = this.#pieces.at(-1);
    return last?.kind === "cut" && last.state === "open" ? last : undefined;
  }

  #endCuts(ends: (cut: CutRecord) => boolean): void {
    for (let cut = this.#openCut; cut !== undefined && ends(cut); cut = this.#openCut) {
      cut.state = "unfinished";
      this.#goOnBehind(cut);
    }
  }

  #append(chunk: Buffer, read_at_ms: number): void {
    let piece = this.#pieces.at(-1);
    if (!goesOn(piece, this.#offset)) {
      // The chunk is this piece's own, so that a chunk of whole records is never copied.
      const empty = { length: 0, from: 0, whole: 0, ended: 0, offset: this.#offset };
      piece = { kind: "gathered", bytes: chunk, ...empty, read_at_ms };
      this.#pieces.push(piece);
      this.#held_bytes += chunk.length;
    } else {
      this.#held_bytes += grow(piece, piece.length + chunk.length);
      chunk.copy(piece.bytes, piece.length);
    }
    const record_end = this.#scan.push(chunk);
    const { bytes_before = 0 } = this.#scan;
    if (record_end >= 0)
      piece.whole = piece.ended = piece.length + (record_end > 0 ? record_end : -bytes_before);
    piece.is_quiet = false;
    piece.length += chunk.length;
    this.#offset += chunk.length;
    if (piece.length - piece.whole > this.#longest) this.#cut(piece);
  }

  /** Bytes of a record that may be gathered: the last of them may yet belong to its end, such as the CR of a line. */
  get #longest(): number {
    const { end_bytes_max = 2, raw_factor = 1 } = this.#framer;
    return this.#deps.positions.event_bytes_max * raw_factor + end_bytes_max - 1;
  }

  /** Makes the beginning at the end of a piece, that is longer than what is shipped of a record, a piece of its own. */
  #cut(piece: Gathered): void {
    const { read_at_ms } = piece;
    // What a framer holds back of the records before it is given out first.
    if (this.#framer.flush_after_ms !== undefined) piece.whole = piece.ended;
    const { whole: from } = piece;
    const bytes_so_far = piece.bytes.subarray(0, piece.length);
    const before = stateIn(piece, from, this.#scan.state);
    const header = this.#framer.headerAt?.(bytes_so_far, from, before);
    const { state } = header ?? { state: before };
    const start = header?.content ?? this.#framer.contentStart(bytes_so_far, from, before);
    if (header === undefined) this.nul_bytes += start - from;
    const beginning = bytes_so_far.subarray(start);
    piece.length = from;
    piece.behind = { state: before };
    const offset = piece.offset + start;
    if (piece.from === from) this.#remove(piece);
    if (beginning.length <= this.#longest) {
      if (beginning.length > 0)
        this.#open(beginning, { offset, read_at_ms, ...(header && { entry: { state } }) });
      return;
    }
    const record = this.#framer.long(state, this.#deps.positions.event_bytes_max);
    const taken_bytes = record.push(beginning);
    const bytes =
      record.held_bytes === undefined
        ? keptOf(this.#framer, this.#deps.positions, beginning, state)
        : Buffer.alloc(0);
    const cut: CutRecord = { kind: "cut", bytes, record, offset, read_at_ms, state: "open" };
    this.#pieces.push(cut);
    this.#held_bytes += bytes.length;
    if (!record.is_ended) return;
    cut.state = "ended";
    this.#goOnBehind(cut, beginning.subarray(taken_bytes));
  }

  /** Takes what of the chunk belongs to the record, its end included, and says how much that was. */
  #continueCut(piece: CutRecord, chunk: Buffer): number {
    const { record } = piece;
    const taken_bytes = record.push(chunk);
    this.#offset += taken_bytes;
    if (record.is_ended) {
      piece.state = "ended";
      this.#goOnBehind(piece);
    }
    return taken_bytes;
  }

  /** Goes on with what stands beside a record that is cut, and with bytes behind it that are counted already. */
  #goOnBehind({ record, read_at_ms }: CutRecord, behind?: Buffer): void {
    this.#scan = this.#framer.scan(record.state);
    const bytes = Buffer.concat(
      [record.beside?.bytes, behind].filter((each) => each !== undefined),
    );
    if (bytes.length === 0) return;
    this.#offset -= bytes.length;
    this.#append(bytes, read_at_ms);
  }

  /** A piece that is nothing yet but the beginning of a record. */
  #open(beginning: Buffer, place: Pick<Gathered, "offset" | "read_at_ms" | "entry">): void {
    const bytes = ownCopy(beginning);
    const { length } = bytes;
    const empty = { length, from: 0, whole: 0, ended: 0 };
    this.#pieces.push({ kind: "gathered", bytes, ...empty, ...place });
    this.#held_bytes += length;
  }

  #remove(piece: Gathered | CutRecord): void {
    this.#pieces.splice(this.#pieces.indexOf(piece), 1);
    this.#held_bytes -= piece.bytes.length;
  }

  /** Frames what is whole of a piece; undefined where it holds no record. */
  #wholeRecords(piece: Gathered, is_last: boolean): Records | undefined {
    const bytes = piece.bytes.subarray(0, is_last ? piece.length : piece.whole);
    const { positions, origin } = this.#deps;
    const { from } = piece;
    const state = stateIn(piece, from, this.#state);
    const behind = (piece.behind ?? this.#scan).state;
    // No more comes of what is before a record that was cut.
    const is_quiet = piece.is_quiet === true || this.#pieces.length > 1;
    const window = { bytes, from, is_last, is_whole: !is_last, is_quiet, state, behind };
    const framed = this.#framer.frame(window, positions);
    // Where scan and framer disagree, a record's end is that of the framer: to ask again would never end.
    if (framed.end === from && framed.count === 0 && !is_last) piece.whole = from;
    piece.from = framed.end;
    this.#state = framed.state;
    this.nul_bytes += framed.nul_bytes;
    this.members += framed.members;
    if (piece.from === bytes.length) this.#finish(piece);
    return framedRecords(framed, { bytes, positions, origin, piece });
  }

  /** Lets go of a piece that was given out, but for the beginning of a record at its end. */
  #finish(piece: Gathered): void {
    this.#remove(piece);
    const { from, offset, read_at_ms } = piece;
    const beginning = piece.bytes.subarray(from, piece.length);
    if (beginning.length > 0) this.#open(beginning, { offset: offset + from, read_at_ms });
  }
}
