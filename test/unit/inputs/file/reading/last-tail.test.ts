/** The bytes before the place that was read to last, beside those of other places. */
import { expect, it } from "vitest";
import { overlap_bytes_max } from "../../../../../src/inputs/file/files/block-pool.ts";
import { fingerprintOf } from "../../../../../src/inputs/file/files/identity.ts";
import { LastTail } from "../../../../../src/inputs/file/reading/last-tail.ts";

const lengths = [0, 1, 100, overlap_bytes_max];

it.each(lengths)("last tail - %i bytes are there until one of them changes", (length) => {
  const tail = new LastTail();
  const bytes = Buffer.alloc(length + 10, "audit ");
  const kept = Buffer.from(bytes.subarray(0, length));
  const fingerprint = tail.keep(kept);
  expect(fingerprint).toEqual(fingerprintOf(bytes.subarray(0, length)));
  // It has a copy: what was kept is a buffer that is read into again.
  kept.fill(0);
  expect(tail.isAt(fingerprint, bytes)).toBe(true);
  if (length === 0) return;
  expect(tail.isAt(fingerprint, bytes.subarray(0, length - 1))).toBe(false);
  for (const at of [0, length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(tail.isAt(fingerprint, changed)).toBe(false);
  }
});

it("last tail - of another place the fingerprint decides", () => {
  const tail = new LastTail();
  const [one, other] = [Buffer.from("one file's end"), Buffer.from("another's end")];
  const before = tail.keep(one);
  tail.keep(other);
  expect(tail.isAt(before, one)).toBe(true);
  expect(tail.isAt(before, other)).toBe(false);
});
