/** Times of events: where they are found, and what is counted of those that cannot be read or be right. */
import { expect, test } from "vitest";
import { EventTimes, type TimeFaultCount } from "../../../../src/event/time/event-times.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import { timeRule } from "../../../support/events/time-rules.ts";
import { eventOf } from "../../../support/events/single-event.ts";

/** 2025-07-20T00:00:00.123Z */
const read_at = "1752969600.123";
const read_at_ms = 1_752_969_600_123;

/** The times of these records, and the faults that were counted. */
function read(records: readonly string[], options?: unknown) {
  const time = timeRule(options);
  const scanner = new Scanner([], { time });
  const reported: TimeFaultCount[] = [];
  scanner.times.onFirst = (count) => reported.push({ ...count });
  const times = records.map((record) => {
    const event = eventOf(record, { scanner, read_at_ms, time });
    // Asked twice, it is counted once.
    expect(event.time).toBe(event.time);
    return event.time;
  });
  return { times, reported, faults: scanner.times.faults };
}

function timeOf(record: string, options?: unknown): string {
  return read([record], options).times[0]!;
}

test.each([
  ['{"timestamp":{"$date":"2025-07-14T08:00:00.000Z"}}', "1752480000.000"],
  ['{"timestamp":{"$date":1752480000123}}', "1752480000.123"],
  ['{"timestamp":{"$date":{"$numberLong":"1752480000123"}}}', "1752480000.123"],
  ['{"timestamp":1.7524800e9}', "1752480000"],
  ['{"timestamp":"14\\/Jul\\/2025:08:00:00 +0000"}', "1752480000"],
  ['{"time":null,"timestamp":"2025-07-14T08:00:00Z"}', "1752480000"],
  ['{"time":"soon","timestamp":"2025-07-14T08:00:00Z"}', "1752480000"],
])("times - of %s", (record, time) => {
  expect(read([record])).toMatchObject({ times: [time], faults: [] });
});

test.each([
  ["2025-07-14T08:00:00Z [info] started", "1752480000"],
  ["2025-07-14 08:00:00,123 UTC ERROR x", "1752480000.123"],
  ["[2025-07-14 08:00:00 +0000] x", "1752480000"],
  ["INFO 2025-07-14T08:00:00Z x", "1752480000"],
  ["<34>1 2025-07-14T08:00:00.003Z host app - - - x", "1752480000.003"],
  ['192.0.2.1 - ann [14/Jul/2025:08:00:00 +0000] "GET / HTTP/1.1" 200 5', "1752480000"],
  ["type=SYSCALL msg=audit(1752480000.123:4711): arch=c000003e", "1752480000.123"],
  ["1752480000.123 x", "1752480000.123"],
])("times - at the head of %s", (line, time) => {
  expect(timeOf(line)).toBe(time);
});

test("times - the head of a line may need a zone, or a year", () => {
  const line = "<34>Jul 14 08:00:00 host su: failed";
  expect(timeOf(line)).toBe(read_at);
  expect(read([line]).faults).toMatchObject([{ fault: "no_zone", path: undefined, events: 1 }]);
  expect(timeOf(line, { zone: "Europe/Berlin" })).toBe("1752472800");
  const german = { format: "%d.%m.%Y %H:%M", zone: "UTC" };
  expect(timeOf("14.11.2023 08:00 x", german)).toBe("1699948800");
  // No time at the head is no fault: most texts have none.
  for (const text of ["x", "17524800001 x", "2025-07-14T08:00:00Zx", '{"time":"2025-07-14T08']) {
    expect(read([text])).toMatchObject({ times: [read_at], faults: [] });
  }
});

test("times - none but that of reading, where it is configured so", () => {
  const record = '{"time":"2025-07-14T08:00:00Z"}';
  expect(timeOf(record, { from: "read" })).toBe(read_at);
  expect(timeOf("2025-07-14T08:00:00Z x", { from: "read" })).toBe(read_at);
  expect(timeOf(record, [])).toBe(read_at);
});

test("times - those that cannot be read are counted by reason, and reported once with their shape", () => {
  const { times, faults, reported } = read([
    '{"timestamp":"2025-07-14T08:00:00.123"}',
    '{"timestamp":"2025-07-14T09:00:00.123"}',
    '{"timestamp":"tomorrow at 8, Péter"}',
    '{"timestamp":"1952-07-14T08:00:00Z"}',
    '{"timestamp":{"s":1}}',
    '{"timestamp":true}',
    '{"timestamp":""}',
    '{"other":1}',
  ]);
  expect(new Set(times)).toEqual(new Set([read_at]));
  expect(Object.fromEntries(faults.map(({ fault, events }) => [fault, events]))).toEqual({
    no_zone: 2,
    unknown_form: 4,
    out_of_range: 1,
  });
  expect(reported.map(({ fault, path, shape }) => [fault, path, shape])).toEqual([
    ["no_zone", "timestamp", "9999-99-99T99:99:99.999"],
    ["unknown_form", "timestamp", "aaaaaaaa aa 9, aaaaa"],
    ["out_of_range", "timestamp", "9999-99-99T99:99:99Z"],
  ]);
});

test("times - those that can hardly be right are kept, counted and reported", () => {
  const { times, faults } = read([
    '{"time":"2025-07-19T00:00:00Z"}',
    '{"time":"2025-07-21T00:00:00Z"}',
    '{"time":"2025-07-21T00:00:01Z"}',
    '{"time":"2024-07-22T00:00:00Z"}',
    '{"time":"2021-01-01T00:00:00Z"}',
    '{"time":"2021-01-02T00:00:00Z"}',
  ]);
  expect(times[2]).toBe("1753056001");
  expect(times[4]).toBe("1609459200");
  expect(faults).toMatchObject([
    { fault: "ahead", events: 1, path: "time", shape: "9999-99-99T99:99:99Z" },
    { fault: "back", events: 1 },
  ]);
});

test("times - counts go on after a reload, and are recent only where times are read as before", () => {
  const zoneless = '{"time":"2025-07-14T08:00:00"}';
  const rule = timeRule();
  const first = new Scanner([], { time: rule });
  void eventOf(zoneless, { scanner: first, time: rule }).time;
  const same = new EventTimes(rule.options);
  same.countFrom(first.times);
  expect(same.faults).toMatchObject([{ fault: "no_zone", events: 1, recent_events: 1 }]);
  const other = timeRule({ field: ["time"] });
  const scanner = new Scanner([], { time: other });
  const reported: string[] = [];
  scanner.times.onFirst = ({ fault }) => reported.push(fault);
  scanner.times.countFrom(same);
  expect(scanner.times.faults).toMatchObject([{ fault: "no_zone", events: 1, recent_events: 0 }]);
  void eventOf(zoneless, { scanner, time: other }).time;
  expect(scanner.times.faults).toMatchObject([{ fault: "no_zone", events: 2, recent_events: 1 }]);
  expect(reported).toEqual(["no_zone"]);
});
