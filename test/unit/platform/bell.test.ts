import { expect, test } from "vitest";
import { Bell } from "../../../src/platform/bell.ts";

test("all that wait are woken by one ring, and those that begin to wait between the ring and the waking by the next", async () => {
  const bell = new Bell();
  const woken: string[] = [];
  const wait = (name: string): void => void bell.rung().then(() => woken.push(name));
  wait("first");
  wait("second");
  bell.ring();
  wait("late");
  await Promise.resolve();
  expect(woken).toEqual(["first", "second"]);
  bell.ring();
  await Promise.resolve();
  expect(woken).toEqual(["first", "second", "late"]);
});

test("a ring that nobody waits for wakes nobody later", async () => {
  const bell = new Bell();
  bell.ring();
  let is_woken = false;
  void bell.rung().then(() => (is_woken = true));
  await Promise.resolve();
  expect(is_woken).toBe(false);
});
