/** Times in conditions: the clock's, the event's, durations and literals, and what is refused. */
import { describe, expect, test } from "vitest";
import { compiledCondition } from "../../../support/events/conditions.ts";

const read_at = "2025-03-21T06:37:27.915Z";
/** As makeEvent has it: the event was read then, and nothing says another time. */
const clock = { now: () => Date.parse("2025-03-28T06:37:27.915Z") };
const record = '{"time":"yesterday","start":"2025-03-20T00:00:00Z","spent":7,"at":{"time":3}}';

function holds(expression: string, time?: string): boolean {
  return compiledCondition(expression, { clock }).holds(record, (event) => {
    if (time !== undefined) event.time = time;
  });
}

describe("times", () => {
  test.each([
    ['now() - time > duration("6d")', true],
    ['now() - time > duration("168h")', false],
    ['now() - time == duration("7d")', true],
    ['now() - time >= duration("1w")', true],
    ['now() - time != duration("6d23h59m59s1000ms")', false],
    ['time < now() - duration("1d")', true],
    ['time + duration("200h") > now()', true],
    [`time == timestamp("${read_at}")`, true],
    ['time == timestamp("2025-03-21T07:37:27.915+01:00")', true],
    ['time >= timestamp("2025-03-22T00:00:00Z")', false],
    ['duration("1h") + duration("30m") == duration("1.5h")', true],
    ['duration("1h") - duration("90m") == duration("-30m")', true],
    // What the library alone has.
    ["time.getFullYear() == 2025 && time.getMonth() == 2", true],
    ['time.getHours("Europe/Berlin") == 7', true],
    ['timestamp(start) < time && time - timestamp(start) > duration("1d")', true],
    ["timestamp(time) == time", true],
    ['time - duration("1ns") <= time', true],
    ['(now() - time > duration("6d")) ? spent == 7 : false', true],
  ])("times - %s is %s", (expression, expected) => {
    expect(holds(expression)).toBe(expected);
  });

  test("times - the event's time is the one that a step has set, to the millisecond", () => {
    expect(holds('now() - time < duration("1m")', "1743143847.915055685")).toBe(true);
    expect(holds("now() == time", "1743143847.915999999")).toBe(true);
    expect(holds("now() == time", "1743143847.9")).toBe(false);
    expect(holds("now() - time == duration('915ms')", "1743143847")).toBe(true);
  });

  test("times - an event that is not JSON has one", () => {
    const { holds: of } = compiledCondition('now() - time > duration("1d")', { clock });
    expect(of("no JSON")).toBe(true);
  });

  test.each([
    ['time == "yesterday"', true],
    ['event.time == "yesterday" && now() > timestamp(start)', true],
    ["at.time == 3 && now() > time", true],
    ["now() > time && has(event.time)", true],
    ["[1].exists(time, time == 1) && now() > time", true],
    ['event["time"] == "yesterday" && now() > time', true],
  ])("times - an event keeps its own values of that name: %s", (expression, expected) => {
    const condition = compiledCondition(expression, { clock });
    expect(condition.holds(record)).toBe(expected);
    expect(condition.notes).toEqual([]);
  });

  test.each([
    ['now() - time > duration("7x")', 'no duration; write it as duration("90s")'],
    ['now() - time > duration("")', "no duration"],
    ['now() - time > duration("100000000d")', "no duration"],
    ['time > timestamp("2025-03-21")', "no time; write it as timestamp("],
    ['time > timestamp("2025-02-30T00:00:00Z")', "no time"],
    ['time > timestamp("2025-03-21 00:00:00Z")', "no time"],
    ["now() - time > 604800", "a duration is compared with a number"],
    ['now() - time > "7d"', 'a duration is written duration("7d")'],
    ['now() - "7d" > time', 'a duration is written duration("7d")'],
    ["now() - 60 > time", 'a duration is written duration("90s")'],
    ['time > "2025-03-21" && now() > time', "a time is written timestamp("],
    ['duration("1h") + time < now()', "the time is written first"],
    ["now(1) > time", "now() takes nothing"],
  ])("times - %s is refused: %s", (expression, message) => {
    expect(() => holds(expression)).toThrow(message);
  });
});
