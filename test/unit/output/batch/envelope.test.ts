/** Event mode's encoder: what Splunk reads from it must be exactly what stood in the record. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import type { FieldValue, Metadata } from "../../../../src/event/event.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { sampled } from "../../../support/effort.ts";
import { readEnvelopes, type IndexedEvent } from "../../../support/events/envelopes.ts";
import { makeEvents, type EventsFacts } from "../../../support/events/events.ts";

function eventOf(record: string | Buffer, facts?: EventsFacts): LogEvent {
  return makeEvents(new Ledger(), [record], facts)[0]!;
}

function encoded(event: LogEvent): Buffer {
  const encoder = new EventEncoder();
  const target = Buffer.alloc(encoder.sizeMax(event));
  const end = encoder.encode(event, target, 0);
  expect(end).toBeGreaterThan(0);
  return target.subarray(0, end);
}

/** What Splunk indexes of the one event. */
function indexed(event: LogEvent): IndexedEvent {
  const reading = readEnvelopes(encoded(event));
  expect(reading).toMatchObject({ code: 0 });
  expect(reading.events).toHaveLength(1);
  return reading.events[0]!;
}

test("envelope - holds exactly Splunk's keys, the digits of the time, and the record's own bytes", () => {
  const record = '{"time":"2025-03-21T06:37:27.915055685Z","id":12345678901234567890,"n":1.0}';
  const metadata = { host: "h", source: "s", sourcetype: "t", index: "i", fields: { site: "b" } };
  expect(encoded(eventOf(record, { metadata })).toString()).toBe(
    '{"host":"h","source":"s","sourcetype":"t","index":"i","fields":{"site":"b"},' +
      `"time":1742539047.915055685,"event":${record}}\n`,
  );
});

test("envelope - keeps odd spacing, escapes, number digits and repeated keys", () => {
  for (const record of [
    '{ "a" :\t1.0 , "a":"\\u00e9\\/", "e":1E400 }',
    "[1, 2,3 ]",
    "12345678901234567890.10",
    "true",
    '"\\ud800"',
    '  {"a":"leading blanks"} ',
  ]) {
    expect(encoded(eventOf(record)).toString()).toContain(`"event":${record}}\n`);
  }
});

test.each([
  ["null", '"null"'],
  [" null ", '" null "'],
  ['""', '"\\"\\""'],
  ['"   "', '"\\"   \\""'],
  ['"\\t\\u0020\\n"', '"\\"\\\\t\\\\u0020\\\\n\\""'],
  ['"\u3000"', '"\\"\u3000\\""'],
  ["{}", '"{}"'],
  ["{ }", '"{ }"'],
])("envelope - %s, which Splunk would refuse, goes as text", (record, event) => {
  expect(indexed(eventOf(record)).event.toString()).toBe(event);
});

test.each([
  ["", '""'],
  ["   ", '"   "'],
  ["\0\0\0", '"\\u0000\\u0000\\u0000"'],
  ["\u00a0\u200b", '"\u00a0\u200b"'],
])("envelope - a record without anything to see goes as its spelling: %j", (record, text) => {
  const { event } = indexed(eventOf(record));
  expect(JSON.parse(event.toString())).toBe(text);
});

const any_bytes = "envelope - any bytes arrive: JSON byte for byte, everything else as its text";
sampled(any_bytes, { sample: 30, all: 2000 }, (runs) => {
  const record = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: "binary", maxLength: 100 }).map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .string({
        unit: fc.constantFrom(" ", "\t", "\0", '"', "\\", "{", "}", "\u00a0", "x", "\x7f"),
      })
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(record, (bytes) => {
      const event = eventOf(bytes);
      const got = indexed(event).event;
      // Blanks around a value are not part of it for a reader.
      const value = bytes.toString("latin1").replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
      if (event.invalid === undefined && got.toString("latin1") === value) return;
      const text = bytes.toString("utf8");
      const arrived = JSON.parse(got.toString()) as string;
      if (arrived === text) return;
      // Only what is blank is spelt out.
      expect(text).toMatch(/^[\s\p{Cc}\p{Cf}]*$/u);
      expect(JSON.parse(arrived)).toBe(text);
    }),
    { numRuns: runs },
  );
});

sampled(
  "envelope - a JSON record is only ever rewritten where its value is empty or blank",
  { sample: 100, all: 400 },
  (runs) => {
    fc.assert(
      fc.property(fc.json(), (record) => {
        const got = indexed(eventOf(record)).event.toString();
        const value = JSON.parse(record) as unknown;
        const blank =
          value === null ||
          (typeof value === "string" && /^[\s\p{Cc}\p{Cf}]*$/u.test(value)) ||
          record === "{}";
        expect(got).toBe(blank ? JSON.stringify(record) : record);
      }),
      { numRuns: runs },
    );
  },
);

sampled(
  "envelope - any metadata arrives as it is, and never breaks the envelope",
  { sample: 100, all: 500 },
  (runs) => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const scalar = fc.oneof(text, fc.integer(), fc.boolean());
    const field = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })) as fc.Arbitrary<FieldValue>;
    const metadata = fc.record(
      {
        host: text,
        source: text,
        sourcetype: text,
        index: text,
        fields: fc.dictionary(text, field),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Metadata>;
    fc.assert(
      fc.property(metadata, (wanted) => {
        const got = indexed(eventOf('{"a":1}', { metadata: wanted }));
        for (const key of ["host", "source", "sourcetype", "index"] as const) {
          expect(got[key]).toBe(wanted[key]?.toWellFormed() || undefined);
        }
        const fields = Object.keys(wanted.fields ?? {}).length > 0 ? wanted.fields : undefined;
        expect(JSON.stringify(got.fields)).toBe(JSON.stringify(fields));
      }),
      { numRuns: runs },
    );
  },
);

test("envelope - a key that is not Splunk's is never sent", () => {
  const metadata = { host: "h", channel: "c", severity: "high" } as Metadata;
  expect(encoded(eventOf('{"a":1}', { metadata })).toString()).toBe(
    '{"host":"h","time":1742539047.915,"event":{"a":1}}\n',
  );
});

test("envelope - a nested field becomes text, since it would cost the whole batch", () => {
  const fields = { a: { b: 1 }, c: null, d: Number.NaN, e: [1, [2]] } as unknown;
  const metadata = { fields } as Metadata;
  expect(indexed(eventOf('{"a":1}', { metadata })).fields).toEqual({
    a: '{"b":1}',
    c: "null",
    d: "NaN",
    e: [1, "[2]"],
  });
});

test("envelope - a truncated event says how long it was, and its digest", () => {
  const truncations = new Map([[0, { original_bytes: 9_000_000, original_sha256: "ab12" }]]);
  const metadata = { host: "h", fields: { site: "b" } };
  const got = indexed(eventOf('{"cut":"of', { metadata, truncations }));
  expect(got.fields).toEqual({
    site: "b",
    tallyman_original_bytes: 9_000_000,
    tallyman_original_sha256: "ab12",
  });
  expect(JSON.parse(got.event.toString())).toBe('{"cut":"of');
});

sampled(
  "envelope - where it does not fit it says so, and never writes past the end",
  { sample: 100, all: 400 },
  (runs) => {
    const record = fc.oneof(
      fc.json(),
      fc.string({ unit: fc.constantFrom("\0", '"', "\\", "x", " ", "é") }),
    );
    fc.assert(
      fc.property(record, fc.nat(400), (text, size) => {
        const event = eventOf(text);
        const whole = encoded(event);
        const target = Buffer.alloc(size);
        const end = new EventEncoder().encode(event, target, 0);
        if (end === -1) return;
        expect(target.subarray(0, end).equals(whole)).toBe(true);
      }),
      { numRuns: runs },
    );
  },
);

test("envelope - events of different metadata in turn each keep their own", () => {
  const ledger = new Ledger();
  const hosts = ["a", "b", "a", "c", "b"];
  const encoder = new EventEncoder();
  const events = hosts.map((host) => makeEvents(ledger, ['{"x":1}'], { metadata: { host } })[0]!);
  const target = Buffer.alloc(1000);
  let at = 0;
  for (const event of events) at = encoder.encode(event, target, at);
  const reading = readEnvelopes(target.subarray(0, at));
  expect(reading.events.map(({ host }) => host)).toEqual(hosts);
});

test("envelope - what a step has edited is what is sent", () => {
  const event = eventOf('{"secret":"x","n":1.0}');
  event.replace("secret", "***");
  event.host = "other";
  event.time = "1.5";
  expect(encoded(event).toString()).toBe(
    '{"host":"other","sourcetype":"weka:s3:audit","time":1.5,"event":{"secret":"***","n":1.0}}\n',
  );
});
