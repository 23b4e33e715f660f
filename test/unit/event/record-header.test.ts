/**
 * What a record's header says goes along as its metadata and its time, unless the configuration or the event says otherwise.
 */
import { expect, test } from "vitest";
import { Records, type RecordHeader } from "../../../src/event/block.ts";
import type { Metadata } from "../../../src/event/event.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { timeRule } from "../../support/events/time-rules.ts";

const read_at = "1764363600";
const read_at_ms = Number(read_at) * 1000;
const timestamp = "2025-11-28T20:00:00.123456789Z";
const header_time = "1764360000.123456789";

interface Case {
  readonly text?: string;
  readonly headers: readonly (RecordHeader | undefined)[];
  readonly metadata?: Metadata;
  readonly time?: unknown;
}

/** Events of one text, each with a header of its own. */
function eventsOf({ text = "started", headers, metadata = {}, time: options }: Case) {
  const time = timeRule(options);
  const scanner = new Scanner([], { time });
  const bytes = Buffer.from(text);
  const records = new Records({
    origin: { input: "a", stream: "/a", metadata, time },
    bytes,
    starts: new Int32Array(headers.length),
    ends: new Int32Array(headers.length).fill(bytes.length),
    count: headers.length,
    offset: 0,
    read_at_ms,
    known: headers.map((header) => header && { header }),
  });
  const events = headers.map((_, number) => new LogEvent(records, number, scanner));
  return { events, scanner };
}

test("record header - what the configuration sets goes before its fields, and host before nothing but the header's", () => {
  const metadata = { host: "node", index: "k8s", fields: { stream: "mine", cluster: "a" } };
  const header = { host: "pod", fields: { stream: "stdout", tag: "web" } };
  const { events } = eventsOf({ headers: [header, undefined, { timestamp }], metadata });
  expect(events.map((event) => event.metadata)).toEqual([
    { host: "pod", index: "k8s", fields: { stream: "mine", tag: "web", cluster: "a" } },
    metadata,
    metadata,
  ]);
});

test("record header - each record has its own, also where the fields of its neighbours are the same object", () => {
  const [stdout, stderr] = [{ stream: "stdout" }, { stream: "stderr" }];
  const headers = [{ fields: stdout }, { fields: stdout, host: "b" }, { fields: stderr }, {}];
  const { events } = eventsOf({ headers });
  expect(events.map(({ host, fields }) => [host, fields])).toEqual([
    [undefined, stdout],
    ["b", stdout],
    [undefined, stderr],
    [undefined, undefined],
  ]);
});

test.each<[string, string, Case]>([
  ["text has that of the header", header_time, { headers: [{ timestamp }] }],
  ["JSON without a time has it, too", header_time, { text: '{"a":1}', headers: [{ timestamp }] }],
  ["JSON with a time has its own", "1", { text: '{"time":1}', headers: [{ timestamp }] }],
  [
    "text with a time at its head has its own",
    "1752480000",
    { text: "2025-07-14T08:00:00Z started", headers: [{ timestamp }] },
  ],
  [
    "`from: read` ignores both",
    read_at,
    { text: '{"time":1}', headers: [{ timestamp }], time: { from: "read" } },
  ],
  ["without either it is that of reading", read_at, { headers: [{ fields: {} }] }],
])("record header - %s", (_, expected, given) => {
  const { events, scanner } = eventsOf(given);
  expect(Number(events[0]!.time)).toBe(Number(expected));
  expect(events[0]!.time).toContain(expected);
  expect(scanner.times.faults).toEqual([]);
});

test("record header - a time that cannot be read is counted once, and the event has that of reading", () => {
  const { events, scanner } = eventsOf({ headers: [{ timestamp: "2025-99-28T20:00:00Z" }] });
  expect([events[0]!.time, events[0]!.time].map(Number)).toEqual([
    Number(read_at),
    Number(read_at),
  ]);
  expect(scanner.times.faults).toMatchObject([
    { path: undefined, events: 1, shape: "9999-99-99T99:99:99Z" },
  ]);
});
