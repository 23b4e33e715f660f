/** The memory for bodies: how much is held at most, who waits, and that nobody waits for ever. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyMemory, BodyShare } from "../../../../../src/inputs/hec/body/body-memory.ts";

test("hec - a request waits while the memory is used up, and goes on when some is given back", async () => {
  const memory = new BodyMemory(100);
  const [first, second, third] = [1, 2, 3].map(() => new BodyShare(memory));
  expect(first!.take(60)).toBe(undefined);
  expect(second!.take(40)).toBe(undefined);
  // The first in line may go beyond the limit, the next waits.
  await second!.take(10);
  expect(second!.take(10)).toBe(undefined);
  const waiting = third!.take(10);
  expect([memory.waiting, memory.used_bytes]).toEqual([1, 120]);
  second!.release();
  await waiting;
  expect([memory.waiting, memory.used_bytes]).toEqual([0, 70]);
  third!.release();
  first!.release();
  first!.release();
  expect(memory.used_bytes).toBe(0);
});

test("hec - who gives up while it waits is no longer waited for", async () => {
  const memory = new BodyMemory(10);
  const [first, second, third] = [1, 2, 3].map(() => new BodyShare(memory));
  expect(first!.take(10)).toBe(undefined);
  await second!.take(5);
  const waiting = third!.take(5);
  third!.release();
  await waiting;
  expect(memory.waiting).toBe(0);
  expect(third!.take(5)).toBe(undefined);
  second!.release();
  first!.release();
  expect(memory.used_bytes).toBe(0);
});

test("hec - however requests interleave, all end, and no more is held than the limit and one request", async () => {
  const limit = 100;
  const request_bytes_max = 80;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.scheduler(),
      async (requests, scheduler) => {
        const memory = new BodyMemory(limit);
        let most = 0;
        const run = async (parts: number[]): Promise<void> => {
          const share = new BodyShare(memory);
          for (const part of parts) {
            await scheduler.schedule(Promise.resolve());
            const wait = share.take(part);
            if (wait !== undefined) await wait;
            most = Math.max(most, memory.used_bytes);
          }
          share.release();
        };
        const all = Promise.all(requests.map((parts) => run(parts)));
        await scheduler.waitFor(all);
        expect(most).toBeLessThanOrEqual(limit + request_bytes_max);
        expect([memory.used_bytes, memory.waiting]).toEqual([0, 0]);
      },
    ),
  );
});
