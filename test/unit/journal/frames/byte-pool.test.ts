/** Buffers that journals share. */
import { expect, test } from "vitest";
import { BytePool } from "../../../../src/journal/frames/byte-pool.ts";

test("byte pool - gives what was given back, where it is large enough", () => {
  const pool = new BytePool();
  const [small, large] = [pool.take(1), pool.take(100_000)];
  pool.give(large);
  pool.give(small);
  expect(pool.take(50_000)).toBe(large);
  expect(pool.take(50_000)).not.toBe(small);
  expect(pool.take(1)).toBe(small);
});

test("byte pool - keeps no more than some MiB", () => {
  const pool = new BytePool();
  const taken = Array.from({ length: 20 }, () => pool.take(1024 * 1024));
  for (const bytes of taken) pool.give(bytes);
  const again = Array.from({ length: 20 }, () => pool.take(1024 * 1024));
  expect(again.filter((bytes) => taken.includes(bytes)).length).toBe(8);
});

test("byte pool - has each journal read less at a time where there are many", () => {
  const pool = new BytePool();
  const pieces = Array.from({ length: 70 }, () => {
    pool.join();
    return pool.piece_bytes / 1024;
  });
  expect([pieces[0], pieces[15], pieces[31], pieces[69]]).toEqual([256, 256, 128, 64]);
});
