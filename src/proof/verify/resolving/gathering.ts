/**
 * The second look: all copies of the events of some cells, gathered from the export once more. Few of them are gathered in memory;
 * where there are many, they go to temporary files first, by block, and are gathered from one file after the other.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import { addText, cellIn, kindOf, makeCell, type Cell } from "../places/cell.ts";
import { cell_states, type BlockState, type LaneState } from "../places/sealed-lanes.ts";

const part_bytes_max = 32 * 1024 * 1024;
const parts_max = 512;
const buffer_bytes = 64 * 1024;
const header_bytes = 20;

/** Cells with all copies of their events. */
export class GatheredCells {
  readonly #cells = new Map<BlockState, Map<number, Cell>>();

  add(lane: LaneState, block: BlockState, number: number, text: Buffer): void {
    const first = number - (number % leaf_events);
    const cells = this.#cells.get(block) ?? new Map<number, Cell>();
    this.#cells.set(block, cells);
    const cell = cells.get(first) ?? makeCell(first, lane, block);
    cells.set(first, cell);
    if (kindOf(cell, number, text) !== "known") addText(cell, number, text, [0, text.length]);
  }

  *[Symbol.iterator](): Iterator<Cell> {
    for (const cells of this.#cells.values()) yield* cells.values();
  }
}

/** Takes the events of the export, and gives the cells that have to be looked at again. */
export class SecondLook {
  readonly #lanes: readonly LaneState[];
  readonly #memory = new GatheredCells();
  readonly #parts: Part[] = [];

  /** `bytes`: about so much text is to come. */
  constructor(lanes: Iterable<LaneState>, bytes: number) {
    this.#lanes = [...lanes];
    if (bytes <= part_bytes_max) return;
    const count = Math.min(parts_max, Math.ceil(bytes / part_bytes_max));
    const directory = mkdtempSync(join(tmpdir(), "tallyman-verify-"));
    try {
      for (let number = 0; number < count; number += 1) {
        this.#parts.push(new Part(join(directory, String(number))));
      }
    } finally {
      // They stay open, and nobody else finds them.
      rmSync(directory, { recursive: true });
    }
  }

  /** An event in a place that is sealed. */
  add(lane: LaneState, block: BlockState, number: number, text: Buffer): void {
    if (block.cells[cellIn(number)] !== cell_states.again) return;
    if (this.#parts.length === 0) {
      return this.#memory.add(lane, block, number, Buffer.from(text));
    }
    const at = (lane.id * 31 + Math.floor(number / block_events)) % this.#parts.length;
    this.#parts[at]!.add(lane.id, number, text);
  }

  *cells(): Iterable<Cell> {
    yield* this.#memory;
    for (const part of this.#parts) {
      const cells = new GatheredCells();
      for (const { lane: id, number, text } of part.events()) {
        const lane = this.#lanes[id]!;
        cells.add(lane, lane.blocks.get(Math.floor(number / block_events))!, number, text);
      }
      yield* cells;
    }
  }

  close(): void {
    for (const part of this.#parts) part.close();
  }
}

/** A temporary file with events: lane, number and length, then the text. */
class Part {
  readonly #descriptor: number;
  readonly #buffer = Buffer.allocUnsafe(buffer_bytes);
  #used = 0;
  #size = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "wx+", 0o600);
  }

  add(lane: number, number: number, text: Buffer): void {
    const header = Buffer.allocUnsafe(header_bytes);
    header.writeDoubleBE(number, 0);
    header.writeUInt32BE(lane, 8);
    header.writeDoubleBE(text.length, 12);
    this.#write(header);
    this.#write(text);
  }

  *events(): Iterable<{ lane: number; number: number; text: Buffer }> {
    this.#flush();
    let at = 0;
    while (at < this.#size) {
      const header = this.#read(at, header_bytes);
      const length = header.readDoubleBE(12);
      const text = this.#read(at + header_bytes, length);
      yield { lane: header.readUInt32BE(8), number: header.readDoubleBE(0), text };
      at += header_bytes + length;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(bytes: Buffer): void {
    if (this.#used + bytes.length > buffer_bytes) this.#flush();
    if (bytes.length > buffer_bytes) return this.#append(bytes);
    bytes.copy(this.#buffer, this.#used);
    this.#used += bytes.length;
  }

  #flush(): void {
    this.#append(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#size + at);
    }
    this.#size += bytes.length;
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      const more = readSync(this.#descriptor, bytes, read, length - read, at + read);
      if (more === 0) throw new Error("a temporary file of verify has become shorter");
      read += more;
    }
    return bytes;
  }
}
