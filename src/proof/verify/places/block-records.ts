/**
 * What the seals say of blocks, in a temporary file: in the order of the seals, a record for each piece and for each hole in a block,
 * with the place of the record before it of the same block. A block that has many is written once more, in one record, when it is
 * read: a log with an event a minute has a thousand pieces in a block, and is read again and again.
 */
import { digest_bytes, leafCount, locator_bytes } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import type { SealedPiece as PieceInSeal } from "../../format/seal.ts";
import type { ScratchFile } from "../spilling/scratch.ts";
import { setBits } from "./bits.ts";
import { block_bits_bytes } from "./block-state.ts";
import { SealedPiece } from "./sealed-piece.ts";

/** Of a record: what it is, its count, its first number, the record before, and when it was sealed. */
const header_bytes = 40;
const before_at = 16;
const times_at = 24;
/** What is read at once: a record with all leaves of a block fits into it. */
const read_bytes = 640;
const [piece_record, events_record, hole_record, packed_record] = [1, 2, 3, 4];
/** Of more records than these one is made. */
const unpacked_max = 4;
/** Different pieces of one block that are looked at: four of each number alone. */
export const pieces_max = 4 * block_events;

/** What all seals together say of a block. */
export interface ReadBlock {
  readonly pieces: readonly SealedPiece[];
  readonly holes: Uint8Array | undefined;
  /** Whether it was found now that it has more pieces than are looked at. */
  readonly is_crowded: boolean;
  /** Where its last record is now. */
  readonly last: number;
}

interface Gathered {
  /** The records of different pieces, the last one first. */
  readonly pieces: Buffer[];
  holes: Uint8Array | undefined;
  is_crowded: boolean;
}

export class BlockRecords {
  readonly #file: ScratchFile;

  constructor(file: ScratchFile) {
    this.#file = file;
  }

  /** `before`: the block's last record, 0 for none. Gives where the new one is. */
  addPiece(
    piece: PieceInSeal,
    { from, to }: { readonly from: string; readonly to: string },
    before: number,
  ): number {
    const { first, count, sum, leaves, events } = piece;
    const header = headerOf(events === undefined ? piece_record : events_record, first, count);
    header.writeDoubleBE(before, before_at);
    header.writeDoubleBE(Date.parse(from), times_at);
    header.writeDoubleBE(Date.parse(to), times_at + 8);
    const last = 1 + this.#file.append(header);
    for (const text of [sum, leaves, events]) {
      if (text !== undefined) this.#file.append(Buffer.from(text, "base64"));
    }
    return last;
  }

  /** Numbers of one block. */
  addHole(first: number, count: number, before: number): number {
    const header = headerOf(hole_record, first, count);
    header.writeDoubleBE(before, before_at);
    return 1 + this.#file.append(header);
  }

  /** The block with this last record; all of its records are there. */
  read(last: number): ReadBlock {
    const gathered: Gathered = { pieces: [], holes: undefined, is_crowded: false };
    const known = new Set<string>();
    let records = 0;
    for (let next = last; next !== 0; records += 1) {
      const record = this.#file.read(next - 1, read_bytes);
      const kind = record.readUInt32BE(0);
      if (kind === packed_record) return this.#unpacked(record, last);
      if (kind === hole_record) addHoleBits(gathered, record);
      else this.#addPiece(gathered, { record, at: next - 1, known });
      next = record.readDoubleBE(before_at);
    }
    const { pieces, holes, is_crowded } = gathered;
    pieces.reverse();
    return {
      pieces: pieces.map((each) => pieceIn(each)),
      holes,
      is_crowded,
      last: records > unpacked_max ? this.#pack(gathered) : last,
    };
  }

  /** What another seal has said in the same words says nothing more. */
  #addPiece(
    gathered: Gathered,
    { record, at, known }: { record: Buffer; at: number; known: Set<string> },
  ): void {
    if (known.size >= pieces_max) {
      gathered.is_crowded = true;
      return;
    }
    const length = pieceLength(record, 0);
    const whole =
      length <= record.length ? record.subarray(0, length) : this.#file.read(at, length);
    const words = `${whole.toString("latin1", 0, before_at)}${whole.toString("latin1", header_bytes)}`;
    if (known.has(words)) return;
    known.add(words);
    gathered.pieces.push(whole);
  }

  /** Writes all of it as one record, and gives where. */
  #pack({ pieces, holes }: Gathered): number {
    const length = pieces.reduce((sum, each) => sum + each.length, block_bits_bytes);
    const header = headerOf(packed_record, length, pieces.length);
    const last = 1 + this.#file.append(header);
    this.#file.append(holes ?? new Uint8Array(block_bits_bytes));
    for (const each of pieces) this.#file.append(each);
    return last;
  }

  #unpacked(header: Buffer, last: number): ReadBlock {
    const bytes = this.#file.read(last - 1 + header_bytes, header.readDoubleBE(8));
    const bits = Uint8Array.from(bytes.subarray(0, block_bits_bytes));
    const pieces: SealedPiece[] = [];
    for (let at = block_bits_bytes; at < bytes.length;) {
      const length = pieceLength(bytes, at);
      pieces.push(pieceIn(bytes.subarray(at, at + length)));
      at += length;
    }
    return {
      pieces,
      holes: bits.some((each) => each !== 0) ? bits : undefined,
      is_crowded: false,
      last,
    };
  }
}

function headerOf(kind: number, first: number, count: number): Buffer {
  const header = Buffer.alloc(header_bytes);
  header.writeUInt32BE(kind, 0);
  header.writeUInt32BE(count, 4);
  header.writeDoubleBE(first, 8);
  return header;
}

function addHoleBits(gathered: Gathered, record: Buffer): void {
  const first = record.readDoubleBE(8) % block_events;
  gathered.holes ??= new Uint8Array(block_bits_bytes);
  setBits(gathered.holes, first, first + record.readUInt32BE(4));
}

/** How long the record of a piece is that begins there. */
function pieceLength(bytes: Buffer, at: number): number {
  const count = bytes.readUInt32BE(at + 4);
  const leaves = leafCount(bytes.readDoubleBE(at + 8), count);
  const events = bytes.readUInt32BE(at) === events_record ? count : 0;
  return header_bytes + digest_bytes + (leaves + events) * locator_bytes;
}

function pieceIn(record: Buffer): SealedPiece {
  const count = record.readUInt32BE(4);
  const first = record.readDoubleBE(8);
  const leaves_end = header_bytes + digest_bytes + leafCount(first, count) * locator_bytes;
  const has_events = record.readUInt32BE(0) === events_record;
  return new SealedPiece({
    first,
    count,
    from_ms: record.readDoubleBE(times_at),
    to_ms: record.readDoubleBE(times_at + 8),
    sum: record.subarray(header_bytes, header_bytes + digest_bytes),
    leaves: record.subarray(header_bytes + digest_bytes, leaves_end),
    events: has_events ? record.subarray(leaves_end) : undefined,
  });
}
