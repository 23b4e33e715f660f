/** Inputs that fall silent: said once, and once when they are heard again. */
import { expect, test } from "vitest";
import { SilenceWatch, type HeardInput } from "../../../../src/agent/sources/silence-watch.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const minute_ms = 60_000;

function setUp(changes: Partial<HeardInput> = {}) {
  const clock = new ManualClock();
  const log = new CollectedLog();
  const watch = new SilenceWatch(clock, log);
  const now = { name: "audit", expect_every: 10 * minute_ms, events: 0, held: false, ...changes };
  const look = (): void => watch.look([{ ...now, isHeld: () => now.held }]);
  look();
  /** Looks each minute, as the agent does each second. */
  const pass = (minutes: number): void => {
    for (let at = 0; at < minutes; at += 1) {
      clock.pass(minute_ms);
      look();
    }
  };
  const codes = (): string[] => log.lines.map(({ code }) => code);
  return { clock, log, watch, now, look, pass, codes };
}

test("silence - counts from the start, is said once, and once when it is over", () => {
  const { watch, now, pass, codes, log, clock } = setUp();
  const start = new Date(clock.now()).toISOString();
  pass(10);
  expect(codes()).toEqual([]);
  expect(watch.of("audit")).toEqual({
    expect_every_ms: 600_000,
    silent_ms: 600_000,
    is_silent: false,
  });
  pass(50);
  expect(codes()).toEqual(["input_silent"]);
  expect(log.lines[0]!.facts).toEqual({ input: "audit", since: start, expect_every_s: 600 });
  expect(watch.of("audit")!.is_silent).toBe(true);
  now.events += 1;
  pass(1);
  expect(codes()).toEqual(["input_silent", "input_heard"]);
  expect(watch.of("audit")).toMatchObject({ silent_ms: 0, is_silent: false });
  expect(watch.take()).toEqual([
    { event: "silent", input: "audit", since: start, expect_every_s: 600 },
    { event: "heard", input: "audit", since: start, expect_every_s: 600, duration_s: 61 * 60 },
  ]);
  expect(watch.take()).toEqual([]);
  pass(11);
  expect(codes().length).toBe(3);
});

test("silence - events in time keep it from being said, however few", () => {
  const { now, pass, codes } = setUp();
  for (let hour = 0; hour < 20; hour += 1) {
    pass(9);
    now.events += 1;
    pass(1);
  }
  expect(codes()).toEqual([]);
});

test("silence - survives a reload: another chain counts from 0, another name is another input", () => {
  const { now, pass, look, codes, watch } = setUp({ events: 500 });
  pass(11);
  expect(codes()).toEqual(["input_silent"]);
  // The new chain has been given nothing yet.
  now.events = 0;
  pass(5);
  expect(codes()).toEqual(["input_silent"]);
  now.events = 3;
  pass(1);
  expect(codes()).toEqual(["input_silent", "input_heard"]);
  // And one that was given something before it was looked at.
  pass(11);
  now.events = 1;
  pass(1);
  expect(codes()).toEqual(["input_silent", "input_heard", "input_silent", "input_heard"]);
  pass(9);
  now.name = "other";
  look();
  pass(9);
  expect(codes().length).toBe(4);
  expect(watch.of("audit")).toBeUndefined();
  pass(2);
  expect(codes().length).toBe(5);
});

test("silence - the time that is allowed may change, and counts from the last event", () => {
  const { now, pass, codes, watch } = setUp();
  pass(11);
  Object.assign(now, { expect_every: 60 * minute_ms });
  pass(10);
  expect(codes()).toEqual(["input_silent"]);
  Object.assign(now, { expect_every: undefined });
  pass(100);
  expect(watch.of("audit")).toMatchObject({ is_silent: false, expect_every_ms: undefined });
  Object.assign(now, { expect_every: 10 * minute_ms });
  pass(1);
  expect(codes()).toEqual(["input_silent", "input_silent"]);
});

test("silence - an input that is not read for want of room is not silent; that counts from its end", () => {
  const { now, pass, codes } = setUp({});
  now.held = true;
  pass(60);
  expect(codes()).toEqual([]);
  now.held = false;
  pass(8);
  expect(codes()).toEqual([]);
  pass(12);
  expect(codes()).toEqual(["input_silent"]);
});

test("silence - where nobody expects anything, nothing is said", () => {
  const { pass, codes, watch } = setUp({ expect_every: undefined });
  pass(1000);
  expect(codes()).toEqual([]);
  expect(watch.of("audit")).toMatchObject({ silent_ms: 60_000_000, is_silent: false });
});
