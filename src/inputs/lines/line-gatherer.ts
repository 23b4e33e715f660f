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
import { Records, type Origin } from "../../event/block.ts";
import { characterBoundary, knownOf, unfinished } from "../framing/contract/found.ts";
import type {
  Framer,
  FramingState,
  RecordPositions,
  RecordScan,
} from "../framing/contract/framer.ts";
import { mayBecomeMark, textStart } from "./encoding.ts";
import { copyOf, keptOf, stateIn, type CutRecord, type Gathered } from "./pieces.ts";

/** What a piece is made for at least, so that a client that writes byte by byte does not make it grow each time. */
const piece_bytes_min = 4096;

/** Looked at each time that records are given out, so that what is changed there holds from then on. */
export interface LineGathererDeps {
  readonly origin: Origin;
  /** Of the whole stream: a gatherer keeps the one that it began with. */
  readonly framer: Framer;
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
  /** The first bytes, while they may be a part of a byte order mark. */
  #beginning: { readonly bytes: Buffer; readonly read_at_ms: number } | undefined;
  readonly #pieces: (Gathered | CutRecord)[] = [];
  /** Bytes that came in so far. */
  #offset = 0;
  #held_bytes = 0;
  #is_ended = false;

  constructor(deps: LineGathererDeps) {
    this.#deps = deps;
    this.#framer = deps.framer;
    this.#scan = this.#framer.scan(undefined);
  }

  /** Which framing the stream has. */
  get framing_id(): string {
    return this.#framer.id;
  }

  /** Whether all that comes in has come in. */
  get is_ended(): boolean {
    return this.#is_ended;
  }

  /** Memory in use. Not what was given out, even where that is not accepted yet. */
  get held_bytes(): number {
    return this.#held_bytes;
  }

  /** Bytes that came in and were not given out. */
  get unread_bytes(): number {
    const bytes = this.#pieces.map((piece) =>
      piece.kind === "cut" ? piece.record.content_bytes : piece.length - piece.from,
    );
    return bytes.reduce((sum, each) => sum + each, this.#beginning?.bytes.length ?? 0);
  }

  /** Has what is given out from now on be that of another input. */
  goOn(deps: LineGathererDeps): void {
    this.#deps = deps;
  }

  /** Takes what came in. The chunk's buffer is kept, so it must not be used again. */
  push(received: Buffer, read_at_ms: number): void {
    const chunk = this.#offset === 0 ? this.#begin(received, read_at_ms) : received;
    if (chunk.length === 0) return;
    const last = this.#pieces.at(-1);
    const is_cut = last?.kind === "cut" && last.state === "open";
    const taken_bytes = is_cut ? this.#continueCut(last, chunk) : 0;
    this.#offset += taken_bytes;
    if (taken_bytes < chunk.length) this.#append(chunk.subarray(taken_bytes), read_at_ms);
    const gathered = this.#pieces.at(-1);
    // There is none where all of it was passed over.
    if (gathered !== undefined) gathered.read_at_ms = read_at_ms;
  }

  /** Says that nothing more comes in: what is left is a record, too, though an unfinished one. */
  end(): void {
    this.#is_ended = true;
    if (this.#beginning !== undefined)
      this.#append(this.#beginning.bytes, this.#beginning.read_at_ms);
    this.#beginning = undefined;
    const last = this.#pieces.at(-1);
    if (last?.kind === "cut" && last.state === "open") last.state = "unfinished";
  }

  /** The next records, in order; undefined where there is no whole one. */
  take(): Records | undefined {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined) return undefined;
      if (piece.kind === "cut") {
        if (piece.state === "open") return undefined;
        this.#remove(piece);
        const records = this.#cutRecords(piece);
        if (records === undefined) continue;
        return records;
      }
      const is_last = this.#is_ended && this.#pieces.length === 1;
      if (piece.from >= (is_last ? piece.length : piece.whole)) return undefined;
      const records = this.#wholeRecords(piece, is_last);
      if (records !== undefined) return records;
    }
  }

  /** Passes over a byte order mark, which is no part of the first record; it may come in parts. */
  #begin(received: Buffer, read_at_ms: number): Buffer {
    const bytes = this.#beginning ? Buffer.concat([this.#beginning.bytes, received]) : received;
    if (mayBecomeMark(bytes)) {
      this.#beginning = { bytes, read_at_ms };
      return bytes.subarray(0, 0);
    }
    this.#beginning = undefined;
    this.#offset = textStart(bytes);
    return bytes.subarray(this.#offset);
  }

  #append(chunk: Buffer, read_at_ms: number): void {
    let piece = this.#pieces.at(-1);
    // What was passed over at a piece's end is not in it, so that what follows has another place in the stream.
    if (piece?.kind !== "gathered" || piece.offset + piece.length !== this.#offset) {
      // The chunk is this piece's own, so that a chunk of whole records is never copied.
      const empty = { length: 0, from: 0, whole: 0, ended: 0, offset: this.#offset };
      piece = { kind: "gathered", bytes: chunk, ...empty, read_at_ms };
      this.#pieces.push(piece);
      this.#held_bytes += chunk.length;
    } else {
      this.#grow(piece, piece.length + chunk.length);
      chunk.copy(piece.bytes, piece.length);
    }
    const record_end = this.#scan.push(chunk);
    if (record_end >= 0) piece.whole = piece.ended = piece.length + record_end;
    piece.length += chunk.length;
    this.#offset += chunk.length;
    if (piece.length - piece.whole > this.#longest) this.#cut(piece);
  }

  /** Bytes of a record that may be gathered: the last of them may yet belong to its end, such as the CR of a line. */
  get #longest(): number {
    const { end_bytes_max = 2, raw_factor = 1 } = this.#framer;
    return this.#deps.positions.event_bytes_max * raw_factor + end_bytes_max - 1;
  }

  #grow(piece: Gathered, length: number): void {
    if (length <= piece.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * piece.length, piece_bytes_min));
    piece.bytes.copy(bytes, 0, 0, piece.length);
    this.#held_bytes += bytes.length - piece.bytes.length;
    piece.bytes = bytes;
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
    const offset = piece.offset + start;
    if (piece.from === from) this.#remove(piece);
    if (beginning.length <= this.#longest) {
      if (beginning.length > 0)
        this.#open(beginning, { offset, read_at_ms, ...(header && { entry: { state } }) });
      return;
    }
    const record = this.#framer.long(state);
    record.push(beginning);
    const bytes = keptOf(beginning, state, this.#framer, this.#deps.positions);
    this.#pieces.push({ kind: "cut", bytes, record, offset, read_at_ms, state: "open" });
    this.#held_bytes += bytes.length;
  }

  /** Takes what of the chunk belongs to the record, its end included, and says how much that was. */
  #continueCut(piece: CutRecord, chunk: Buffer): number {
    const { record } = piece;
    const taken_bytes = record.push(chunk);
    if (record.is_ended) {
      piece.state = "ended";
      this.#scan = this.#framer.scan(record.state);
    }
    return taken_bytes;
  }

  /** A piece that is nothing yet but the beginning of a record. */
  #open(beginning: Buffer, place: Pick<Gathered, "offset" | "read_at_ms" | "entry">): void {
    const bytes = copyOf(beginning);
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
    // No more comes of what is before a record that was cut.
    const is_quiet = this.#pieces.length > 1;
    const window = { bytes, from, is_last, is_whole: !is_last, is_quiet, state };
    const framed = this.#framer.frame(window, positions);
    // Where scan and framer disagree, a record's end is that of the framer: to ask again would never end.
    if (framed.end === from && framed.count === 0 && !is_last) piece.whole = from;
    piece.from = framed.end;
    this.#state = framed.state;
    this.nul_bytes += framed.nul_bytes;
    this.members += framed.members;
    if (piece.from === bytes.length) this.#finish(piece);
    const { count, truncations, made } = framed;
    const known = knownOf(framed);
    if (count === 0) return undefined;
    return new Records({
      origin,
      bytes: made?.bytes ?? bytes.subarray(0, framed.end),
      offsets: made?.offsets,
      starts: positions.starts.slice(0, count),
      ends: positions.ends.slice(0, count),
      count,
      offset: piece.offset,
      read_at_ms: piece.read_at_ms,
      ...(truncations && { truncations }),
      ...(known && { known }),
    });
  }

  /** Lets go of a piece that was given out, but for the beginning of a record at its end. */
  #finish(piece: Gathered): void {
    this.#remove(piece);
    const beginning = piece.bytes.subarray(piece.from, piece.length);
    if (beginning.length === 0) return;
    const { read_at_ms } = piece;
    this.#open(beginning, { offset: piece.offset + piece.from, read_at_ms });
  }

  /** The record that was cut; undefined where it turned out to be none. */
  #cutRecords(piece: CutRecord): Records | undefined {
    const { bytes, offset, record, read_at_ms } = piece;
    this.#state = record.state;
    this.members += record.members ?? 0;
    if (record.is_passed_over === true) return undefined;
    const verdict = record.verdict?.(undefined);
    const header = piece.state === "unfinished" ? unfinished : undefined;
    const known = (verdict || header) && { verdict, header };
    const original_sha256 = record.digest();
    const truncation = { original_bytes: record.content_bytes, original_sha256 };
    return new Records({
      origin: this.#deps.origin,
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(characterBoundary(bytes, 0, bytes.length)),
      count: 1,
      offset,
      read_at_ms,
      truncations: new Map([[0, truncation]]),
      ...(known && { known: [known] }),
    });
  }
}
