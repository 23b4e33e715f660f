/** What buffers may have in memory together. */
import { expect, test } from "vitest";
import { BufferRoom } from "../../../../src/agent/sources/buffer-room.ts";

const options = { own_bytes_max: 100, own_bytes_min: 10, all_bytes_max: 150 };

test("room of buffers - one alone has its own limit, and all together have one, too", () => {
  const room = new BufferRoom(() => 1, options);
  room.add(99);
  expect([room.isFull(99), room.isFull(100)]).toEqual([false, true]);
  room.add(51);
  // However much the others have, a buffer has a little.
  expect([room.isFull(9), room.isFull(10)]).toEqual([false, true]);
});

test("room of buffers - who waits looks again when there is more, until it waits no more", () => {
  const room = new BufferRoom(() => 1, options);
  const looks: string[] = [];
  const waiting = (name: string): { look(): void } => ({ look: () => looks.push(name) });
  const [one, other] = [waiting("one"), waiting("other")];
  room.add(200);
  room.wait(one);
  room.wait(other);
  room.remove(20);
  expect(looks).toEqual(["one", "other"]);
  room.waitNoMore(one);
  room.remove(40);
  expect(looks).toEqual(["one", "other", "other"]);
  expect(room.isFull(99)).toBe(false);
});

test("room of buffers - with many of them each writes less at once, but never too little", () => {
  let buffers = 0;
  const room = new BufferRoom(() => buffers, { ...options, all_bytes_max: 1024 * 1024 });
  const portions = [0, 1, 2, 4, 60, 2].map((count) => {
    buffers = count;
    return room.portion_bytes_max / 1024;
  });
  expect(portions).toEqual([1024, 1024, 512, 256, 112, 512]);
});
