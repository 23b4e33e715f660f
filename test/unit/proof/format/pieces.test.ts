/** Frames, leaves and pieces, against digests that were computed by hand, and against themselves in any order of adding. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PieceBuilder, pieceOfEvents } from "../../../../src/proof/format/piece-builder.ts";
import {
  blockEnd,
  eventLocator,
  leafCount,
  leafOf,
  pieceOf,
  sumOf,
} from "../../../../src/proof/format/pieces.ts";

const abc = [Buffer.from('{"n":1}'), Buffer.from("two"), Buffer.from("dreißig")];

describe("pieces", () => {
  test("pieces - a leaf is the digest of 0x00 and the frames", () => {
    const bytes = "00000000077b226e223a317d0000000374776f0000000864726569c39f6967";
    const digest = createHash("sha256").update(Buffer.from(bytes, "hex")).digest("hex");
    expect(leafOf(abc).toString("hex")).toBe(digest);
    expect(digest).toBe("8bc55b5b0a33921e1e8f2701c9dc9aea924a4021e8970dbdce90cafff3d54322");
  });

  test("pieces - a piece has the sum over its leaves, and their locators", () => {
    const piece = pieceOfEvents(15, abc, "event");
    const leaves = [leafOf(abc.slice(0, 1)), leafOf(abc.slice(1))];
    expect(piece).toMatchObject({ first: 15, count: 3, sum: sumOf(Buffer.concat(leaves)) });
    expect(piece.leaves).toEqual(Buffer.concat(leaves.map((leaf) => leaf.subarray(0, 8))));
    expect(piece.events).toEqual(Buffer.concat(abc.map((event) => eventLocator(event))));
    expect(piece.sum.toString("hex")).toBe(
      "82ae4f9d2f26a6dec044392445bd91a7bb45e88c98d2b658f8918143283a63ec",
    );
  });

  test.each([
    [0, 0, 0],
    [0, 1, 1],
    [0, 16, 1],
    [0, 17, 2],
    [15, 2, 2],
    [5, 11, 1],
    [1008, 16, 1],
    [0, 1024, 64],
  ])("pieces - of %i and %i events have %i leaves", (first, count, leaves) => {
    expect(leafCount(first, count)).toBe(leaves);
  });

  test("pieces - none goes beyond its block", () => {
    const builder = new PieceBuilder(1022, "leaf");
    builder.add(abc[0]!, 0, 3);
    expect(builder.is_full).toBe(false);
    builder.add(abc[0]!, 0, 3);
    expect(builder.is_full).toBe(true);
    expect(blockEnd(1022)).toBe(builder.next);
    expect(() => builder.add(abc[0]!, 0, 3)).toThrow("full");
  });

  test("pieces - many builders at once hash as each would alone, wherever they are looked at", () => {
    // Beyond what the buffer that they share takes, too.
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 200 }),
      fc.constantFrom(65_530, 65_536, 70_000, 200_000),
    );
    const step = fc.record({ builder: fc.nat(2), length: lengths, is_looked_at: fc.boolean() });
    const starts = fc.tuple(fc.nat(40), fc.nat(40), fc.constant(1010));
    fc.assert(
      fc.property(starts, fc.array(step, { maxLength: 80 }), (firsts, steps) => {
        const builders = firsts.map((first) => new PieceBuilder(first, "event"));
        const events = firsts.map((): Buffer[] => []);
        for (const { builder: at, length, is_looked_at } of steps) {
          const builder = builders[at]!;
          if (builder.is_full) continue;
          const event = Buffer.alloc(length, events[at]!.length);
          events[at]!.push(event);
          builder.add(Buffer.concat([Buffer.from("<"), event, Buffer.from(">")]), 1, 1 + length);
          if (is_looked_at) builder.digests();
        }
        for (const [at, builder] of builders.entries()) {
          expect(pieceOf(builder.digests())).toEqual(plainPiece(firsts[at]!, events[at]!));
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** By the words of docs/formats/proof.md, with no thought for speed. */
function plainPiece(first: number, events: readonly Buffer[]): unknown {
  const leaves = Map.groupBy(events, (event) => Math.floor((first + events.indexOf(event)) / 16));
  const digests = [...leaves.values()].map(leafOf);
  return {
    first,
    count: events.length,
    sum: sumOf(Buffer.concat(digests)),
    leaves: Buffer.concat(digests.map((each) => each.subarray(0, 8))),
    events: Buffer.concat(events.map((each) => eventLocator(each))),
  };
}
