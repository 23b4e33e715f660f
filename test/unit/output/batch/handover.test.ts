/** Events that go from one output to another are sent to the byte as they would have been. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Truncation } from "../../../../src/event/block.ts";
import type { FieldValue, Metadata } from "../../../../src/event/event.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { Batch } from "../../../../src/output/batch/batch.ts";
import type { Encoder } from "../../../../src/output/batch/encoder.ts";
import { Delivered } from "../../../../src/output/delivered.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { Handover } from "../../../../src/output/batch/handover.ts";
import { pathFor, RawEncoder } from "../../../../src/output/batch/raw.ts";
import { sampled } from "../../../support/effort.ts";
import { makeEvents } from "../../../support/events/events.ts";
import {
  damaged_json,
  json_object_text,
  json_text,
} from "../../../support/random/json-arbitraries.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

interface Given {
  readonly record: Buffer;
  readonly metadata: Metadata;
  readonly truncation?: Truncation | undefined;
  readonly time?: string | undefined;
}

function eventOf({ record, metadata, truncation, time }: Given): LogEvent {
  const truncations = truncation && new Map([[0, truncation]]);
  const facts = { metadata, ...(truncations && { truncations }) };
  const event = makeEvents(new Ledger(), [record], facts)[0]!;
  if (time !== undefined) event.time = time;
  return event;
}

function batchOf(event: LogEvent, encoder: Encoder): Batch {
  const batch = new Batch(encoder.pathOf(event), undefined, Buffer.alloc(encoder.sizeMax(event)));
  expect(batch.add(event, encoder)).toBe(true);
  return batch;
}

/** Hands the batch over, and gives what the other encoder makes of its one event. */
function handedOver(batch: Batch, encoder: Encoder, other: Encoder): Batch {
  const given: Batch[] = [];
  const successor = { add: (event: LogEvent) => void given.push(batchOf(event, other)) };
  new Handover({ encoder, successor, clock: new ManualClock() }).give(batch);
  expect(given).toHaveLength(1);
  return given[0]!;
}

function sent(
  given: Given,
  encoder: Encoder,
  ...others: Encoder[]
): { body: string; path: string } {
  let batch = batchOf(eventOf(given), encoder);
  let from = encoder;
  for (const other of others) {
    batch = handedOver(batch, from, other);
    from = other;
  }
  return { body: batch.body.toString("latin1"), path: batch.path };
}

const event_mode = new EventEncoder();
const raw_mode = new RawEncoder();

const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", " ", "\n", "\t\u00a0", "\ufeff{}", "a\nb", '"', "\\", ',"event":', "\u2028"),
);
const records = fc.oneof(
  json_text.map((text) => Buffer.from(text)),
  json_object_text.map((text) => Buffer.from(text)),
  damaged_json,
  texts.map((text) => Buffer.from(text)),
  // JSON strings, of text that looks like JSON, too, and with blanks and odd escapes around and in them.
  fc.oneof(texts, json_text).map((text) => Buffer.from(JSON.stringify(text))),
  fc.oneof(texts, json_text).map((text) => Buffer.from(` ${JSON.stringify(text)}`)),
  fc.oneof(texts, json_text).map((text) => Buffer.from(JSON.stringify(JSON.stringify(text)))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '"h\\u0065llo"',
      '"\\ud800"',
      '"\xff"',
      '"\\/"',
      "null",
      '""',
      "{ }",
      "[".repeat(600),
      JSON.stringify("[".repeat(600)),
      "[".repeat(600) + "]".repeat(600),
      JSON.stringify("[".repeat(600) + "]".repeat(600)),
    )
    .map((text) => Buffer.from(text, "latin1")),
);
const scalars = fc.oneof(texts, fc.double(), fc.integer(), fc.boolean());
const fields = fc.dictionary(
  fc.oneof(fc.constantFrom("event", "time", "__proto__", "7", "ünï"), fc.string()),
  fc.oneof(scalars, fc.array(scalars, { maxLength: 3 })) as fc.Arbitrary<FieldValue>,
  { maxKeys: 4 },
);
const names = fc.option(texts, { nil: undefined });
const metadatas: fc.Arbitrary<Metadata> = fc.record({
  host: names,
  source: names,
  sourcetype: names,
  index: names,
  fields: fc.option(fields, { nil: undefined }),
});
const truncations = fc.record({
  original_bytes: fc.nat(),
  original_sha256: fc.string({ unit: fc.constantFrom("0", "9", "a", "f"), minLength: 4 }),
});
const times = fc
  .tuple(fc.nat(2 ** 31 - 1), fc.nat(9), fc.nat(999_999_999))
  .map(([seconds, digits, fraction]) => {
    const decimals = String(fraction).padStart(9, "0").slice(0, digits);
    return digits === 0 ? String(seconds) : `${seconds}.${decimals}`;
  });
const givens: fc.Arbitrary<Given> = fc.record({
  record: records,
  metadata: metadatas,
  truncation: fc.option(truncations, { nil: undefined }),
  time: fc.option(times, { nil: undefined }),
});

describe("bytes", () => {
  sampled(
    "handover - in event mode the bytes are the same, however often",
    { sample: 25, all: 800 },
    (runs) => {
      fc.assert(
        fc.property(givens, (given) => {
          const bytes = sent(given, event_mode);
          expect(sent(given, event_mode, event_mode)).toEqual(bytes);
          expect(sent(given, event_mode, event_mode, new EventEncoder())).toEqual(bytes);
        }),
        { numRuns: runs },
      );
    },
  );

  sampled(
    "handover - in raw mode the bytes and the path are the same",
    { sample: 15, all: 400 },
    (runs) => {
      fc.assert(
        fc.property(givens, (given) => {
          expect(sent(given, raw_mode, raw_mode)).toEqual(sent(given, raw_mode));
        }),
        { numRuns: runs },
      );
    },
  );

  test.each([
    ["text", "a plain line"],
    ["text with what has to be escaped", 'say "no" \\ to\tall'],
    ["half of an object", '{"a":'],
    ["an object with spaces", ' {"b" : 1, "a":\t2 }'],
    ["a string with odd escapes", '"h\\u0065llo"'],
    ["a string that holds JSON", '"{\\"a\\":1}"'],
    ["a string with a lone surrogate", '"\\ud800"'],
    ["digits", "12345678901234567890.10"],
  ])("handover - from event to raw mode %s is the line that it was", (_, line) => {
    const given = { record: Buffer.from(line), metadata: { host: "h", index: "i" } };
    expect(sent(given, event_mode, raw_mode)).toEqual(sent(given, raw_mode));
  });

  test("handover - from raw to event mode the time is read in the record, and metadata are those that were sent", () => {
    const record = Buffer.from('{"time":"2025-03-21T06:37:27.915055685Z","a":1}');
    const metadata = { host: "wéb 1&x", source: "/a b", sourcetype: "t", index: "i" };
    expect(sent({ record, metadata }, raw_mode, event_mode)).toEqual(
      sent({ record, metadata }, event_mode),
    );
    const text = Buffer.from("no time here");
    const { now } = { now: new ManualClock().now() };
    const { body } = sent({ record: text, metadata }, raw_mode, event_mode);
    expect(body).toContain(`"time":${now / 1000},"event":"no time here"`);
  });

  test("handover - a batch for raw mode goes by the metadata, indexed fields left out", () => {
    const metadata = { host: "h", index: "i", fields: { a: 1 } };
    const given = { record: Buffer.from("{}"), metadata, time: "1.5" };
    expect(sent(given, event_mode, raw_mode).path).toBe(pathFor(metadata));
  });
});

describe("events", () => {
  test("handover - each keeps its receipt, its origin and its place, and one that is settled stays", () => {
    const ledger = new Ledger();
    const one = makeEvents(ledger, ['{"n":1}', '{"n":2}', '{"n":3}'], { input: "one" });
    const two = makeEvents(ledger, ["four", "five"], { input: "two" });
    const batch = new Batch("/services/collector/event", undefined, Buffer.alloc(10_000));
    for (const event of [...one, ...two]) expect(batch.add(event, event_mode)).toBe(true);
    const account = ledger.account("delivered", "splunk");
    batch.settle(new Delivered(account, new ManualClock()), 2);
    const given: LogEvent[] = [];
    const successor = { add: (event: LogEvent) => void given.push(event) };
    const handover = new Handover({ encoder: event_mode, successor, clock: new ManualClock() });
    handover.give(batch);
    handover.give(batch);
    const left = [one[2]!, ...two];
    expect(given.map(({ text }) => text)).toEqual(['{"n":3}', "four", "five"]);
    expect(given.map(({ offset }) => offset)).toEqual(left.map(({ offset }) => offset));
    given.forEach((event, place) => {
      expect(event.block.receipt).toBe(left[place]!.block.receipt);
      expect(event.block.origin).toBe(left[place]!.block.origin);
      event.block.receipt.settle(account, 1);
    });
    expect(ledger.books().total).toMatchObject({ delivered: 5, in_flight: 0 });
    expect(ledger.books().balanced).toBe(true);
  });

  test("handover - events that were sent with the same metadata share it", () => {
    const events = ["a", "b", "a"].flatMap((host) => {
      return makeEvents(new Ledger(), ["1", "2", "3"], { metadata: { host } });
    });
    const batch = new Batch("/services/collector/event", undefined, Buffer.alloc(10_000));
    for (const event of events) batch.add(event, event_mode);
    const seen = new Set<Metadata>();
    const successor = { add: (event: LogEvent) => void seen.add(event.metadata) };
    new Handover({ encoder: event_mode, successor, clock: new ManualClock() }).give(batch);
    expect([...seen]).toEqual([{ host: "a" }, { host: "b" }]);
  });
});
