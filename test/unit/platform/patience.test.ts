/** Waits that end: by what is waited for, by an abort, or by the time. */
import { expect, onTestFinished, test } from "vitest";
import { atMost, unlessAborted, untilAborted, Bell } from "../../../src/platform/patience.ts";
import { CountingClock } from "../../support/clocks/fast-clock.ts";

const never = new Promise<void>(() => undefined);

test("patience - what ends is waited for, and leaves nothing behind", async () => {
  const clock = new CountingClock();
  await untilAborted(Promise.resolve(), new AbortController().signal);
  await atMost(Promise.resolve(), 3_600_000, clock);
  // The sleep ends a moment after it was let go.
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.waiting).toBe(0);
});

test("patience - what does not end is waited for until the abort, before or during", async () => {
  const stop = new AbortController();
  const waiting = untilAborted(never, stop.signal);
  stop.abort();
  await waiting;
  await untilAborted(never, stop.signal);
});

test("patience - what does not end is waited for as long as was said", async () => {
  await atMost(never, 1, new CountingClock());
});

test("patience - what fails is not hidden", async () => {
  const failing = (): Promise<void> => Promise.reject(new Error("broken"));
  await expect(untilAborted(failing(), new AbortController().signal)).rejects.toThrow("broken");
  await expect(atMost(failing(), 3_600_000, new CountingClock())).rejects.toThrow("broken");
});

test("patience - what fails when it is waited for no more does no harm", async () => {
  const unhandled: unknown[] = [];
  const note = (cause: unknown): void => void unhandled.push(cause);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const [aborted, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await untilAborted(aborted.promise, AbortSignal.abort());
  await atMost(late.promise, 1, new CountingClock());
  aborted.reject(new Error("broken"));
  late.reject(new Error("broken"));
  // Node says so once it has run what was due.
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

test("patience - gives what the promise gives, or fails with the reason of the abort", async () => {
  const stop = new AbortController();
  expect(await unlessAborted(Promise.resolve(1), stop.signal)).toBe(1);
  const waiting = unlessAborted(never, stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(unlessAborted(never, stop.signal)).rejects.toThrow("enough");
});

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
