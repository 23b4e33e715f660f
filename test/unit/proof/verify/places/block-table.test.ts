/** Blocks are what they were, however little of them is kept in memory. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { pieceOfEvents } from "../../../../../src/proof/format/piece-builder.ts";
import type { Granularity } from "../../../../../src/proof/format/pieces.ts";
import { sealedPiece } from "../../../../../src/proof/format/seal.ts";
import { pieces_max } from "../../../../../src/proof/verify/places/block-records.ts";
import { cell_states } from "../../../../../src/proof/verify/places/block-state.ts";
import { BlockTable } from "../../../../../src/proof/verify/places/block-table.ts";
import { NumberSet } from "../../../../../src/proof/verify/places/number-set.ts";
import { Scratch, ScratchFile } from "../../../../../src/proof/verify/spilling/scratch.ts";

const span = { from: "2026-11-29T10:00:00.000Z", to: "2026-11-29T10:01:00.000Z" };
const blocks = 6;
/** Far behind the others, as where an export begins late. */
const late = 1024 * 1_000_000;

function newLane() {
  return { index: new Map<number, Float64Array>(), loaded: new Map(), long_holes: new NumberSet() };
}

/** Two lanes, whose pieces begin and end anywhere, overlap, and have holes between them. */
function tableOf(scratch: Scratch, granularity: Granularity, bytes_max?: number) {
  const table = new BlockTable(scratch, bytes_max);
  const lanes = [newLane(), newLane()];
  const digests: Buffer[] = [];
  for (const [at, lane] of lanes.entries()) {
    for (let block = 0; block < blocks; block += 1) {
      const start = at * late + block * 1024;
      for (const [first, count] of [
        [start, 40],
        [start + 30, 20],
        [start + 60, 9],
      ] as const) {
        const events = Array.from({ length: count }, (_, number) =>
          Buffer.from(`${first + number}`),
        );
        const piece = pieceOfEvents(first, events, granularity);
        digests.push(piece.sum);
        table.addPiece(lane, sealedPiece("aaaaaaaa.1", piece), span);
      }
    }
    table.addHoles(lane, at * late + 1020, 8);
  }
  return { table, lanes, digests };
}

/** How many blocks are gone through. */
function blocksOf(table: BlockTable, lane: ReturnType<typeof newLane>): number {
  return [...table.all(lane)].length;
}

const look = fc.record({
  lane: fc.nat(1),
  number: fc.nat(blocks * 1024 - 1),
  what: fc.constantFrom("see", "again", "good", "settle"),
});

describe("block table", () => {
  test("block table - a block of many pieces is read at once when it is read again", () => {
    const scratch = new Scratch();
    const table = new BlockTable(scratch, 1);
    const lanes = [newLane(), newLane()];
    for (let number = 0; number < 1024; number += 1) {
      for (const lane of lanes) {
        const piece = sealedPiece("aaaaaaaa.1", pieceOfEvents(number, [Buffer.from(`${number}`)]));
        table.addPiece(lane, piece, span);
        // What is sealed again in the same words is one piece.
        if (number < 9) table.addPiece(lane, piece, span);
      }
    }
    table.addHoles(lanes[0]!, 7, 1);
    const read = vi.spyOn(ScratchFile.prototype, "read");
    for (let round = 0; round < 10; round += 1) {
      for (const lane of lanes) {
        const block = table.find(lane, 5)!;
        expect(block.pieces.map(({ first }) => first)).toEqual(
          Array.from({ length: 1024 }, (_, at) => at),
        );
        expect([block.isSealed(6), block.isSealed(7), block.isHole(7)]).toEqual(
          lane === lanes[0] ? [true, false, true] : [true, true, false],
        );
        block.see(5);
      }
    }
    expect(read.mock.calls.length).toBeLessThan(2 * (1024 + 9 + 1) + 10 * 2 * 4);
    expect(table.find(lanes[1]!, 5)!.seen_count).toBe(1);
    vi.restoreAllMocks();
    scratch.closeAll();
  });

  test("block table - more pieces than are looked at are said", () => {
    const scratch = new Scratch();
    const table = new BlockTable(scratch);
    const lane = newLane();
    for (let at = 0; at < pieces_max + 10; at += 1) {
      table.addPiece(
        lane,
        sealedPiece("aaaaaaaa.1", pieceOfEvents(2048, [Buffer.from(`${at}`)])),
        span,
      );
    }
    expect(table.find(lane, 2048)!.pieces).toHaveLength(pieces_max);
    expect(table.crowded).toEqual([{ lane, first: 2048 }]);
    scratch.closeAll();
  });

  test("block table - a hole of many blocks is in each of them, and a block of nothing else is there", () => {
    const scratch = new Scratch();
    const table = new BlockTable(scratch);
    const lane = newLane();
    table.addPiece(lane, sealedPiece("aaaaaaaa.1", pieceOfEvents(1030, [Buffer.from("x")])), span);
    table.addHoles(lane, 1000, 2 ** 50);
    expect(blocksOf(table, lane)).toBe(1);
    for (const number of [1000, 1030, 5000, 2 ** 49]) {
      const block = table.find(lane, number)!;
      expect([block.isHole(number), block.isSealed(number)]).toEqual([true, false]);
    }
    expect(table.find(lane, 999)!.isHole(999)).toBe(false);
    expect(table.find(lane, 2 ** 51)).toBeUndefined();
    scratch.closeAll();
  });

  test.each(["leaf", "event"] as const)(
    "block table - what is written down and read again is the same, by %s",
    (granularity) => {
      fc.assert(
        fc.property(fc.array(look, { maxLength: 120 }), (looks) => {
          const scratch = new Scratch();
          const small = tableOf(scratch, granularity, 1);
          const large = tableOf(scratch, granularity);
          for (const { lane, number, what } of looks) {
            const results = [small, large].map(({ table, lanes, digests }) => {
              const block = table.find(lanes[lane]!, lane * late + number)!;
              const cell = Math.floor((number % 1024) / 16);
              if (what === "see") block.see(number);
              else if (what !== "settle") block.setCell(cell, cell_states[what]);
              else {
                const piece = block.pieces[number % block.pieces.length]!;
                block.is_changed = true;
                return piece.settle(number % 3, digests[number % digests.length]!);
              }
              return block.isSealed(lane * late + number);
            });
            expect(results[0]).toBe(results[1]);
          }
          const states = [small, large].map(({ table, lanes }) =>
            lanes.map((lane) =>
              [...table.all(lane)].map((block) => {
                const { at, seen_count, holes, pieces } = block;
                const spans = pieces.map((each) => [each.first, each.end, each.span]);
                const saved = block.save().toString("hex");
                return { at, seen_count, holes, spans, saved };
              }),
            ),
          );
          expect(states[0]).toEqual(states[1]);
          expect(states[0]![1]!.map(({ at }) => at)).toEqual(
            Array.from({ length: blocks }, (_, at) => 1_000_000 + at),
          );
          // Nothing of the small one stays but what was asked for last.
          expect(small.lanes[0]!.loaded.size + small.lanes[1]!.loaded.size).toBeLessThan(4);
          scratch.closeAll();
        }),
        { numRuns: 12 },
      );
    },
  );
});
