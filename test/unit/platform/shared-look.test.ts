/** Looks that hang cost one thread, whoever asks how often. */
import { expect, test } from "vitest";
import { SharedLook } from "../../../src/platform/shared-look.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";

test("shared look - while one hangs no other is begun, and nobody waits longer than said", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const hanging = Promise.withResolvers<number>();
  const look = new SharedLook(() => {
    looks += 1;
    return looks === 1 ? hanging.promise : Promise.resolve(2);
  }, clock);
  const first = look.take(100);
  const second = look.take(100);
  clock.pass(100);
  expect(await first).toBeUndefined();
  expect(await second).toBeUndefined();
  expect(looks).toBe(1);
  const third = look.take(100);
  hanging.resolve(1);
  expect(await third).toBe(1);
  expect(await look.take(100)).toBe(2);
});
