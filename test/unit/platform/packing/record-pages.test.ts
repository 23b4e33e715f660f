/** Records are there until they are deleted, wherever their bytes are moved to; and their slots are found by texts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordPages } from "../../../../src/platform/packing/record-pages.ts";
import { SlotIndex } from "../../../../src/platform/packing/slot-index.ts";

/** Adds a text of that length, or deletes one. */
const action = fc.oneof(
  fc.record({ length: fc.oneof(fc.nat(40), fc.nat(90_000), fc.nat(400_000)) }),
  fc.record({ deleted: fc.nat() }),
);

describe("record pages", () => {
  it("have what was added and not deleted, and an index finds it", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const pages = new RecordPages();
        const index = new SlotIndex();
        const texts = new Map<number, string>();
        let number = 0;
        for (const each of actions) {
          if ("length" in each) {
            const text = `${(number += 1)} `.padEnd(each.length, "x");
            const slot = pages.add(Buffer.from(text));
            expect(texts.has(slot)).toBe(false);
            texts.set(slot, text);
            index.add(text, slot);
          } else if (texts.size > 0) {
            const [slot, text] = [...texts][each.deleted % texts.size]!;
            pages.delete(slot);
            texts.delete(slot);
            index.delete(text, slot);
            expect(pages.has(slot)).toBe(false);
            expect(() => pages.at(slot)).toThrow();
          }
        }
        expect(pages.count).toBe(texts.size);
        for (const [slot, text] of texts) {
          expect(pages.at(slot).equals(Buffer.from(text))).toBe(true);
          expect(index.find(text, (found) => found === slot)).toBe(slot);
          expect(index.find(`${text}y`, () => true)).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("use slots again", () => {
    const pages = new RecordPages();
    const record = Buffer.alloc(250);
    const slots = Array.from({ length: 10_000 }, () => pages.add(record));
    for (const slot of slots) if (slot % 10 > 0) pages.delete(slot);
    for (let round = 0; round < 50_000; round += 1) pages.delete(pages.add(record));
    expect([pages.count, pages.slots]).toEqual([1000, 10_000]);
  });
});
