/** Digests of leaves of an export's events. */
import { hash } from "node:crypto";
import { leaf_events, leaf_prefix, leafOf, length_bytes } from "../../format/pieces.ts";
import { textsOf, type Cell } from "./cell.ts";
import type { SealedPiece } from "./sealed-piece.ts";

const scratch_bytes = 256 * 1024;

export class LeafDigest {
  readonly #scratch = Buffer.allocUnsafeSlow(scratch_bytes);
  readonly #is_json_equal: boolean;
  /** What was made of the cell that was looked at last. */
  readonly #made = new Map<number, Buffer>();
  #cell: Cell | undefined;

  /** `is_json_equal`: whether an event counts as the same if its JSON is, apart from blanks between its tokens. */
  constructor(is_json_equal = false) {
    this.#is_json_equal = is_json_equal;
  }

  /**
   * The digest of the part of a cell from one number to the other, by the first text of each place, if it is that of the piece's leaf;
   * undefined where it is not, or where there is a hole in it, whose bytes nobody has.
   */
  leafOfCell(cell: Cell, from: number, to: number, piece: SealedPiece): Buffer | undefined {
    const made = this.#madeOf(cell, from, to);
    if (made !== undefined && piece.isLeaf(piece.leafAt(from), made)) return made;
    let at = this.#scratch.writeUInt8(leaf_prefix, 0);
    for (let number = from; number < to; number += 1) {
      const place = number % leaf_events;
      const bytes = cell.bytes[place];
      if (bytes === undefined || cell.block.isHole(number)) return undefined;
      const [start, end] = [cell.starts[place]!, cell.ends[place]!];
      if (at + length_bytes + end - start > scratch_bytes)
        return this.#longLeaf(cell, from, to, piece);
      at = this.#scratch.writeUInt32BE(end - start, at);
      at += bytes.copy(this.#scratch, at, start, end);
    }
    const digest = hash("sha256", this.#scratch.subarray(0, at), "buffer");
    if (cell.segments.length > 1) this.#made.set(spanOf(from, to), digest);
    if (piece.isLeaf(piece.leafAt(from), digest)) return digest;
    return this.#is_json_equal ? this.#longLeaf(cell, from, to, piece) : undefined;
  }

  /** Pieces that overlap have the same leaves, as a rule: what one hashes is not hashed for each of thousands. */
  #madeOf(cell: Cell, from: number, to: number): Buffer | undefined {
    if (cell.segments.length === 1) return undefined;
    if (cell !== this.#cell) {
      this.#cell = cell;
      this.#made.clear();
    }
    return this.#made.get(spanOf(from, to));
  }

  #longLeaf(cell: Cell, from: number, to: number, piece: SealedPiece): Buffer | undefined {
    const first = from % leaf_events;
    const texts = textsOf(cell).slice(first, first + to - from);
    if (texts.includes(undefined)) return undefined;
    const right = texts.map((each) => each![0]!);
    return this.matching(right, piece, piece.leafAt(from));
  }

  /** The digest of these texts, if it is that of the leaf. */
  matching(texts: readonly Buffer[], piece: SealedPiece, leaf: number): Buffer | undefined {
    const digest = this.of(texts);
    if (piece.isLeaf(leaf, digest)) return digest;
    if (!this.#is_json_equal) return undefined;
    const compact = this.of(texts.map(compactJson));
    return piece.isLeaf(leaf, compact) ? compact : undefined;
  }

  of(texts: readonly Buffer[]): Buffer {
    const scratch = this.#scratch;
    let at = scratch.writeUInt8(leaf_prefix, 0);
    for (const text of texts) {
      if (at + length_bytes + text.length > scratch_bytes) return leafOf(texts);
      at = scratch.writeUInt32BE(text.length, at);
      scratch.set(text, at);
      at += text.length;
    }
    return hash("sha256", scratch.subarray(0, at), "buffer");
  }
}

/** A part of a cell as one number. */
function spanOf(from: number, to: number): number {
  return (from % leaf_events) * (leaf_events + 1) + (to - from);
}

/** The JSON without blanks between its tokens; other text as it is. Nothing else is changed, digits neither. */
export function compactJson(bytes: Buffer): Buffer {
  const text = bytes.toString();
  if (!isJson(text)) return bytes;
  return Buffer.from(text.replaceAll(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/gs, "$1"));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
