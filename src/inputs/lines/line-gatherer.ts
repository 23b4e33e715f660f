/**
 * Gathers a stream of bytes that comes in chunks, and gives out its whole lines, many at once.
 *
 * A piece is one buffer: lines, and at its end perhaps the beginning of one that is still coming in.
 *
 *     bytes  [ line\n line\n ... line\n beginning ]
 *              ^from                   ^whole    ^length
 *
 * A line longer than `max_event_bytes` is a piece of its own, of which no more is kept than is shipped.
 */
import { Records, type RecordInit, type Origin } from "../../event/block.ts";
import {
  characterBoundary,
  frame,
  frameToEnd,
  skipNuls,
  textStart,
  type RecordPositions,
} from "./framer.ts";
import { LineDigest } from "./line-digest.ts";

const line_feed = 10;
/** What a piece is made for at least, so that a client that writes byte by byte does not make it grow each time. */
const piece_bytes_min = 4096;

/** One buffer of lines. */
interface Lines {
  readonly kind: "lines";
  bytes: Buffer;
  length: number;
  /** Where the lines begin that were not given out. */
  from: number;
  /** After the last line end. */
  whole: number;
  /** Of `bytes[0]` in the stream. */
  readonly offset: number;
  /** When the last of it came in. */
  read_at_ms: number;
}

/** The beginning of a line that is too long, and what is known of all of it. */
interface CutLine {
  readonly kind: "cut";
  readonly bytes: Buffer;
  readonly digest: LineDigest;
  readonly offset: number;
  read_at_ms: number;
  state: "open" | "ended" | "unfinished";
}

/** Looked at each time that lines are given out, so that what is changed there holds from then on. */
export interface LineGathererDeps {
  readonly origin: Origin;
  /** Where records are noted while a piece is framed: one for all gatherers of an input. */
  readonly positions: RecordPositions;
  /** Of a line whose end never came. */
  readonly unfinished: RecordInit;
}

export class LineGatherer {
  /** NUL bytes before lines that were passed over. */
  nul_bytes = 0;
  #deps: LineGathererDeps;
  readonly #pieces: (Lines | CutLine)[] = [];
  /** Bytes that came in so far. */
  #offset = 0;
  #held_bytes = 0;
  #state: "open" | "ended" = "open";

  constructor(deps: LineGathererDeps) {
    this.#deps = deps;
  }

  /** Whether all that comes in has come in. */
  get is_ended(): boolean {
    return this.#state === "ended";
  }

  /** Memory in use. Not what was given out, even where that is not accepted yet. */
  get held_bytes(): number {
    return this.#held_bytes;
  }

  /** Bytes that came in and were not given out. */
  get unread_bytes(): number {
    const bytes = this.#pieces.map((piece) =>
      piece.kind === "cut" ? piece.digest.bytes : piece.length - piece.from,
    );
    return bytes.reduce((sum, each) => sum + each, 0);
  }

  /** Has what is given out from now on be that of another input. */
  goOn(deps: LineGathererDeps): void {
    this.#deps = deps;
  }

  /** Takes what came in. The chunk's buffer is kept, so it must not be used again. */
  push(chunk: Buffer, read_at_ms: number): void {
    const last = this.#pieces.at(-1);
    const is_cut = last?.kind === "cut" && last.state === "open";
    const taken_bytes = is_cut ? continueCut(last, chunk) : 0;
    this.#offset += taken_bytes;
    if (taken_bytes < chunk.length) this.#append(chunk.subarray(taken_bytes), read_at_ms);
    this.#pieces.at(-1)!.read_at_ms = read_at_ms;
  }

  /** Says that nothing more comes in: what is left is a line, too, though an unfinished one. */
  end(): void {
    this.#state = "ended";
    const last = this.#pieces.at(-1);
    if (last?.kind === "cut" && last.state === "open") last.state = "unfinished";
  }

  /** The next lines, in order; undefined where there is no whole one. */
  take(): Records | undefined {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined) return undefined;
      if (piece.kind === "cut") {
        if (piece.state === "open") return undefined;
        this.#remove(piece);
        return this.#cutRecords(piece);
      }
      const last = this.#state === "ended" && this.#pieces.length === 1;
      if (piece.from >= (last ? piece.length : piece.whole)) return undefined;
      const records = this.#lineRecords(piece, last);
      if (records !== undefined) return records;
    }
  }

  #append(chunk: Buffer, read_at_ms: number): void {
    let piece = this.#pieces.at(-1);
    if (piece?.kind !== "lines") {
      // The chunk is this piece's own, so that a chunk of whole lines is never copied.
      const empty = { length: 0, from: 0, whole: 0, offset: this.#offset };
      piece = { kind: "lines", bytes: chunk, ...empty, read_at_ms };
      this.#pieces.push(piece);
      this.#held_bytes += chunk.length;
    } else {
      this.#grow(piece, piece.length + chunk.length);
      chunk.copy(piece.bytes, piece.length);
    }
    const newline = chunk.lastIndexOf(line_feed);
    if (newline !== -1) piece.whole = piece.length + newline + 1;
    piece.length += chunk.length;
    this.#offset += chunk.length;
    // One byte more, as a CR at the end may yet belong to the line end.
    if (piece.length - piece.whole > this.#deps.positions.event_bytes_max + 1) this.#cut(piece);
  }

  #grow(piece: Lines, length: number): void {
    if (length <= piece.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * piece.length, piece_bytes_min));
    piece.bytes.copy(bytes, 0, 0, piece.length);
    this.#held_bytes += bytes.length - piece.bytes.length;
    piece.bytes = bytes;
  }

  /** Makes the beginning at the end of a piece, that is longer than what is shipped of a line, a piece of its own. */
  #cut(piece: Lines): void {
    const from = piece.whole === 0 ? beginningOf(piece) : piece.whole;
    const start = skipNuls(piece.bytes, from, piece.length);
    this.nul_bytes += start - from;
    const beginning = piece.bytes.subarray(start, piece.length);
    piece.length = piece.whole;
    const offset = piece.offset + start;
    if (piece.from === piece.whole) this.#remove(piece);
    const { event_bytes_max } = this.#deps.positions;
    if (beginning.length <= event_bytes_max + 1) {
      if (beginning.length > 0) this.#open(beginning, offset, piece.read_at_ms);
      return;
    }
    const digest = new LineDigest();
    digest.push(beginning);
    const bytes = copyOf(beginning.subarray(0, event_bytes_max));
    const { read_at_ms } = piece;
    this.#pieces.push({ kind: "cut", bytes, digest, offset, read_at_ms, state: "open" });
    this.#held_bytes += bytes.length;
  }

  /** A piece that is nothing yet but the beginning of a line. */
  #open(beginning: Buffer, offset: number, read_at_ms: number): void {
    const bytes = copyOf(beginning);
    const { length } = bytes;
    this.#pieces.push({ kind: "lines", bytes, length, from: 0, whole: 0, offset, read_at_ms });
    this.#held_bytes += length;
  }

  #remove(piece: Lines | CutLine): void {
    this.#pieces.splice(this.#pieces.indexOf(piece), 1);
    this.#held_bytes -= piece.bytes.length;
  }

  /** Frames what is whole of a piece; undefined where it holds no record. */
  #lineRecords(piece: Lines, last: boolean): Records | undefined {
    const bytes = piece.bytes.subarray(0, last ? piece.length : piece.whole);
    const { positions, origin } = this.#deps;
    const from = piece.from === 0 ? beginningOf(piece) : piece.from;
    const framed = (last ? frameToEnd : frame)(bytes, from, positions);
    piece.from = framed.end;
    this.nul_bytes += framed.nul_bytes;
    if (piece.from === bytes.length) this.#finish(piece);
    const { count, truncations } = framed;
    if (count === 0) return undefined;
    const is_unfinished = last && positions.ends[count - 1]! > piece.whole;
    return new Records({
      origin,
      bytes: bytes.subarray(0, framed.end),
      starts: positions.starts.slice(0, count),
      ends: positions.ends.slice(0, count),
      count,
      offset: piece.offset,
      read_at_ms: piece.read_at_ms,
      ...(truncations && { truncations }),
      ...(is_unfinished && this.#knownLast(count)),
    });
  }

  /** Lets go of a piece that was given out, but for the beginning of a line at its end. */
  #finish(piece: Lines): void {
    this.#remove(piece);
    const beginning = piece.bytes.subarray(piece.from, piece.length);
    if (beginning.length === 0) return;
    this.#open(beginning, piece.offset + piece.from, piece.read_at_ms);
  }

  #cutRecords(piece: CutLine): Records {
    const { bytes, offset, digest, read_at_ms } = piece;
    const truncation = { original_bytes: digest.bytes, original_sha256: digest.hex() };
    return new Records({
      origin: this.#deps.origin,
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(characterBoundary(bytes, 0, bytes.length)),
      count: 1,
      offset,
      read_at_ms,
      truncations: new Map([[0, truncation]]),
      ...(piece.state === "unfinished" && this.#knownLast(1)),
    });
  }

  #knownLast(count: number): { known: (RecordInit | undefined)[] } {
    const known = Array.from<RecordInit | undefined>({ length: count });
    known[count - 1] = this.#deps.unfinished;
    return { known };
  }
}

/** Where the text of a piece begins of which nothing was given out. */
function beginningOf({ offset, bytes, length }: Lines): number {
  return offset === 0 ? textStart(bytes.subarray(0, length)) : 0;
}

/** Takes what of the chunk belongs to the line, its line end included, and says how much that was. */
function continueCut(line: CutLine, chunk: Buffer): number {
  const newline = chunk.indexOf(line_feed);
  if (newline !== -1) line.state = "ended";
  line.digest.push(newline === -1 ? chunk : chunk.subarray(0, newline));
  return newline === -1 ? chunk.length : newline + 1;
}

/** A copy with memory of its own, so that it keeps no larger buffer alive. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
