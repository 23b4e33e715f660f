/** When outputs pause and resume: what is told, when, and how often. */
import { expect, test } from "vitest";
import { OutputWatch } from "../../../../src/agent/lifecycle/output-watch.ts";
import type { PauseEvent } from "../../../../src/agent/lifecycle/events.ts";
import type { OutputCondition } from "../../../../src/output/output.ts";

const since = "2025-03-21T06:37:27.915Z";
const sending: OutputCondition = { state: "sending", reason: undefined, since: undefined };
const paused: OutputCondition = { state: "paused", reason: "token", since };
const retrying: OutputCondition = { state: "retrying", reason: "busy", since };
const wall_ms = Date.parse("2025-03-21T06:40:00Z");

/** Looks once a second at what the output is, from second 0 on. */
function watch(conditions: readonly OutputCondition[]): { second: number; event: PauseEvent }[] {
  const outputs = new OutputWatch();
  return conditions.flatMap((condition, second) => {
    const events = outputs.look(new Map([["splunk", condition]]), wall_ms, second * 1000);
    return events.map((event) => ({ second, event }));
  });
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

test("output watch - tells of a pause at once, and of its end with how long it was", () => {
  expect(watch([sending, paused, paused, sending, sending])).toEqual([
    {
      second: 1,
      event: {
        event: "pause",
        output: "splunk",
        state: "paused",
        reason: "token",
        since,
        unreported: 0,
      },
    },
    {
      second: 3,
      event: {
        event: "resume",
        output: "splunk",
        state: "sending",
        reason: "token",
        since,
        duration_s: 2,
        unreported: 0,
      },
    },
  ]);
});

test("output watch - does not tell of retries that soon work", () => {
  expect(watch([...times(9, retrying), sending, ...times(9, retrying), sending])).toEqual([]);
});

test("output watch - tells of retries that go on, with the whole time", () => {
  const told = watch([...times(25, retrying), sending]);
  expect(told).toMatchObject([
    { second: 10, event: { event: "pause", state: "retrying", reason: "busy" } },
    { second: 25, event: { event: "resume", duration_s: 25 } },
  ]);
});

test("output watch - tells of another state of the same trouble", () => {
  const told = watch([...times(11, retrying), paused, sending]);
  expect(told).toMatchObject([
    { event: { event: "pause", state: "retrying" } },
    { event: { event: "pause", state: "paused", reason: "token", since } },
    { event: { event: "resume", duration_s: 12 } },
  ]);
});

test("output watch - a flapping output is told of six times a minute, with what was not told, and its last word is true", () => {
  const flapping = times(30, [paused, sending]).flat();
  const told = watch([...flapping, ...times(120, paused)]);
  expect(told.filter(({ second }) => second < 60)).toHaveLength(6);
  const later = told.filter(({ second }) => second >= 60);
  expect(later).toMatchObject([{ second: 60, event: { event: "pause", state: "paused" } }]);
  // 60 changes within the minute, 6 of them told, and this one.
  expect(later[0]!.event.unreported).toBe(54);
});

test("output watch - an output that is gone is forgotten", () => {
  const outputs = new OutputWatch();
  expect(outputs.look(new Map([["splunk", paused]]), wall_ms, 0)).toHaveLength(1);
  expect(outputs.look(new Map(), wall_ms, 1000)).toEqual([]);
  expect(outputs.look(new Map([["splunk", sending]]), wall_ms, 2000)).toEqual([]);
});
