/**
 * The second look: all copies of the events of some cells, gathered from the export once more. Few of them are gathered in memory;
 * where there are many, they go to temporary files first, by block, and are gathered from one file after the other; from a
 * file with too many for that, they go to others once more.
 */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import { cell_states, cellIn } from "../places/block-state.ts";
import { rivals_max } from "../places/cell.ts";
import type { LaneState, SealedLanes } from "../places/sealed-lanes.ts";
import type { Scratch, ScratchFile } from "../spilling/scratch.ts";
import type { CellWithTexts } from "./cell-judge.ts";

/** What one part may take in memory. */
const part_bytes_max = 16 * 1024 * 1024;
/** About what a text takes beside its bytes, and a cell beside its texts. */
const text_bytes = 160;
const cell_bytes = 400;
const parts_max = 256;
const buffer_bytes = 16 * 1024;
const header_bytes = 20;
/** Parts of parts of parts have no more than one block each. */
const depth_max = 3;

/** Takes the events of the export, and gives the cells that have to be looked at again. */
export class SecondLook {
  readonly #lanes: SealedLanes;
  readonly #by_id: readonly LaneState[];
  readonly #scratch: Scratch;
  readonly #memory = new GatheredTexts();
  readonly #parts: Parts | undefined;

  /** About so many cells, with so many bytes of text each, are to come. */
  constructor(lanes: SealedLanes, scratch: Scratch, expected: { cells: number; bytes: number }) {
    this.#lanes = lanes;
    this.#by_id = [...lanes.all.values()];
    this.#scratch = scratch;
    const { cells, bytes } = expected;
    const held = cells * (bytes + leaf_events * text_bytes + cell_bytes);
    if (held > part_bytes_max) this.#parts = new Parts(scratch, held, 0);
  }

  /** An event in a place that may be sealed. */
  add(lane: LaneState, number: number, text: Buffer): void {
    const block = this.#lanes.blocks.find(lane, number);
    if (block?.isSealed(number) !== true) return;
    if (block.cell(cellIn(number)) !== cell_states.again) return;
    if (this.#parts === undefined) this.#memory.add(lane.id, number, text);
    else this.#parts.add(lane.id, number, text);
  }

  *cells(): Iterable<CellWithTexts> {
    if (this.#parts === undefined) yield* this.#cellsOf(this.#memory);
    else yield* this.#cellsIn(this.#parts);
  }

  *#cellsIn(parts: Parts): Iterable<CellWithTexts> {
    for (const file of parts.files) {
      const depth = parts.depth + 1;
      if (file.size > 2 * part_bytes_max && depth < depth_max) {
        const smaller = new Parts(this.#scratch, file.size, depth);
        for (const { lane, number, text } of eventsIn(file)) smaller.add(lane, number, text);
        this.#scratch.close(file);
        yield* this.#cellsIn(smaller);
      } else {
        const gathered = new GatheredTexts();
        for (const { lane, number, text } of eventsIn(file)) gathered.add(lane, number, text);
        this.#scratch.close(file);
        yield* this.#cellsOf(gathered);
      }
    }
  }

  *#cellsOf(gathered: GatheredTexts): Iterable<CellWithTexts> {
    for (const [id, cells] of gathered.cells) {
      const lane = this.#by_id[id]!;
      for (const [first, texts] of cells) {
        yield { lane, block: this.#lanes.blocks.find(lane, first)!, first, texts };
      }
    }
  }
}

/** All different texts of some cells. */
class GatheredTexts {
  /** By lane and first number: of each place its texts. */
  readonly cells = new Map<number, Map<number, (Buffer[] | undefined)[]>>();

  add(lane: number, number: number, text: Buffer): void {
    const cells = this.cells.get(lane) ?? new Map<number, (Buffer[] | undefined)[]>();
    this.cells.set(lane, cells);
    const first = number - (number % leaf_events);
    const places = cells.get(first) ?? Array.from<Buffer[] | undefined>({ length: leaf_events });
    cells.set(first, places);
    const texts = (places[number - first] ??= []);
    if (texts.length >= rivals_max || texts.some((each) => each.equals(text))) return;
    texts.push(Buffer.from(text));
  }
}

/** Temporary files with events: those of one block are in the same one. */
class Parts {
  readonly files: readonly ScratchFile[];
  readonly depth: number;
  readonly #header = Buffer.allocUnsafe(header_bytes);

  constructor(scratch: Scratch, bytes: number, depth: number) {
    const length = Math.min(parts_max, Math.ceil(bytes / part_bytes_max));
    this.files = Array.from({ length }, () => scratch.open(buffer_bytes));
    this.depth = depth;
  }

  add(lane: number, number: number, text: Buffer): void {
    const file = this.files[this.#partOf(lane, Math.floor(number / block_events))]!;
    const header = this.#header;
    header.writeUInt32BE(lane, 0);
    header.writeDoubleBE(number, 4);
    header.writeDoubleBE(text.length, 12);
    file.append(header);
    file.append(text);
  }

  /** What is in one part at one depth is in several at the next. */
  #partOf(lane: number, block: number): number {
    let mixed = (lane * 0x9e37_79b1 + block) | 0;
    for (let round = 0; round <= this.depth; round += 1) {
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85eb_ca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
      mixed ^= mixed >>> 16;
    }
    return (mixed >>> 0) % this.files.length;
  }
}

/** What was added to a part, in its order. A text holds until the next. */
function* eventsIn(file: ScratchFile): Iterable<{ lane: number; number: number; text: Buffer }> {
  const { size } = file;
  for (let at = 0; at < size;) {
    const header = file.read(at, header_bytes);
    const length = header.readDoubleBE(12);
    const text = file.read(at + header_bytes, length);
    yield { lane: header.readUInt32BE(0), number: header.readDoubleBE(4), text };
    at += header_bytes + length;
  }
}
