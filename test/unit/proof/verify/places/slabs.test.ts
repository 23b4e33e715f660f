/** Texts stay in their slabs while they are needed, and the memory is used again then. */
import { expect, test } from "vitest";
import { keepText, Slabs, type Slab } from "../../../../../src/proof/verify/places/slabs.ts";
import { RandomSource } from "../../../../support/random/random-source.ts";
import { seed } from "../../../../support/seed.ts";

test("slabs - a text that is needed is never written over, and memory is bounded by what is needed", () => {
  const slabs = new Slabs();
  const random = new RandomSource(seed);
  const kept: { slab: Slab; start: number; text: Buffer }[] = [];
  let most = 0;
  for (let at = 0; at < 20_000; at += 1) {
    const length = random.chance(0.001) ? 300_000 : 1 + Math.floor(random.next() * 4000);
    const text = Buffer.alloc(length, at % 251);
    const slab = slabs.withRoom(length);
    kept.push({ slab, start: keepText(slab, { bytes: text, start: 0, end: length }), text });
    if (kept.length > 100) {
      const { slab: first, start, text: own } = kept.shift()!;
      expect(first.bytes.subarray(start, start + own.length).equals(own)).toBe(true);
      slabs.release(first);
    }
    most = Math.max(most, slabs.used_bytes);
  }
  for (const { slab } of kept) slabs.release(slab);
  expect(most).toBeLessThan(4 * 1024 * 1024);
  expect(slabs.used_bytes).toBe(256 * 1024);
});
