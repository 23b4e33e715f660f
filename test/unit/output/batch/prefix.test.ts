/** The envelope of an event with a place in a lane: three more fields, and nothing else changes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FieldValue, Metadata } from "../../../../src/event/event.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Lane } from "../../../../src/ledger/lanes/lane.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { Batch } from "../../../../src/output/batch/batch.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { Handover } from "../../../../src/output/batch/handover.ts";
import { RawEncoder } from "../../../../src/output/batch/raw.ts";
import { readEnvelopes } from "../../../support/events/envelopes.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { json_text } from "../../../support/random/json-arbitraries.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const of_lane = { stream: "s", input: "audit", output: "splunk", index: undefined };
const encoder = new EventEncoder();

/** A lane that notes what it is shown. */
function watchedLane(id = "k7q2m5xa") {
  const lane = new Lane(id, 3, of_lane);
  const seen: [number, string][] = [];
  lane.recorder = {
    record: (number, bytes, start, end) =>
      void seen.push([number, bytes.toString("utf8", start, end)]),
    spoil: () => true,
  };
  return { lane, seen };
}

function eventOf(
  record: string,
  number: number,
  { lane = watchedLane().lane, metadata = {} } = {},
) {
  const event = makeEvents(new Ledger(), [record], { metadata })[0]!;
  event.place = { lane, number };
  return event;
}

function batchOf(event: LogEvent, by: EventEncoder | RawEncoder = encoder): Batch {
  const batch = new Batch(by.pathOf(event), undefined, Buffer.alloc(by.sizeMax(event)));
  expect(batch.add(event, by)).toBe(true);
  return batch;
}

test("placed envelope - has lane, block and number among the fields, and the record's bytes", () => {
  const metadata = { host: "h", index: "i", fields: { site: "b" } };
  const record = '{"time":"2025-03-21T06:37:27.5Z","n":1.0}';
  expect(batchOf(eventOf(record, 12 * 1024 + 33, { metadata })).body.toString()).toBe(
    '{"host":"h","index":"i","time":1742539047.5,' +
      '"fields":{"site":"b","tally_lane":"k7q2m5xa.3","tally_block":"12","tally_i":"33"},' +
      `"event":${record}}\n`,
  );
});

test.each([0, 9, 10, 99, 100, 999, 1000, 1023, 1024, 2 ** 40 + 7])(
  "placed envelope - says the number %i",
  (number) => {
    const { events } = readEnvelopes(batchOf(eventOf("{}", number)).body);
    const { tally_block: block, tally_i: at } = events[0]!.fields as Record<string, string>;
    expect(Number(block) * 1024 + Number(at)).toBe(number);
    expect(at).toMatch(/^(?:0|[1-9]\d*)$/);
  },
);

test("placed envelope - goes from lane to lane and from block to block with the same metadata", () => {
  const metadata = { host: "h" };
  const [one, two] = [watchedLane("aaaaaaaa").lane, watchedLane("bbbbbbbb").lane];
  const places: [Lane, number][] = [
    [one, 1023],
    [one, 1024],
    [two, 1024],
    [one, 5],
  ];
  for (const [lane, number] of places) {
    const { fields } = readEnvelopes(batchOf(eventOf("{}", number, { lane, metadata })).body)
      .events[0]!;
    expect(fields).toEqual({
      tally_lane: lane.name,
      tally_block: `${Math.floor(number / 1024)}`,
      tally_i: `${number % 1024}`,
    });
  }
});

test.each([
  ['{"a":1}', '{"a":1}'],
  ["no JSON", "no JSON"],
  ['"a string\\n"', "a string\n"],
  [' "blanks before" ', "blanks before"],
  ["null", "null"],
  ["  ", '"  "'],
])("placed envelope - shows the bytes of %j as Splunk has them", (record, shown) => {
  const { lane, seen } = watchedLane();
  const event = eventOf(record, 7, { lane });
  // Where it does not fit, it is not seen.
  expect(encoder.encode(event, Buffer.alloc(20), 0)).toBe(-1);
  const sent = readEnvelopes(batchOf(event).body).events[0]!.event.toString();
  const raw = sent.trim().startsWith('"') ? (JSON.parse(sent) as unknown) : sent;
  expect(seen).toEqual([[7, shown]]);
  expect(raw).toBe(shown);
});

const scalars = fc.oneof(fc.string(), fc.boolean(), fc.integer());
const metadatas: fc.Arbitrary<Metadata> = fc.record(
  {
    host: fc.string(),
    index: fc.string(),
    fields: fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc.oneof(scalars, fc.array(scalars)) as fc.Arbitrary<FieldValue>,
    ),
  },
  { requiredKeys: [] },
);

test("placed envelope - handed over it is the same to the byte, and what is kept of it has no place", () => {
  fc.assert(
    fc.property(json_text, metadatas, fc.nat(5000), (record, metadata, number) => {
      const { lane } = watchedLane();
      const batch = batchOf(eventOf(record, number, { lane, metadata }));
      const sent = batch.body.toString("latin1");
      const unplaced = eventOf(record, number, { lane, metadata });
      unplaced.place = undefined;
      const plain = batchOf(unplaced);
      expect(encoder.decode(batch.body)).toEqual(encoder.decode(plain.body));
      expect(encoder.recover(batch.body)).toEqual(encoder.recover(plain.body));
      const given: LogEvent[] = [];
      const successor = { add: (event: LogEvent) => void given.push(event) };
      const clock = new ManualClock();
      new Handover({ encoder, successor, clock }).give(batch.split(1));
      expect(given[0]!.place).toEqual({ lane, number });
      expect(batchOf(given[0]!).body.toString("latin1")).toBe(sent);
    }),
    { numRuns: 300 },
  );
});

test("placed envelope - in raw mode there is none: the number is spoiled", () => {
  const { lane, seen } = watchedLane();
  const event = eventOf('{"a":1}', 4, { lane });
  const batch = batchOf(event, new RawEncoder());
  expect(batch.body.toString()).toBe('{"a":1}\n');
  expect(seen).toEqual([]);
  expect(event.block.receipt.placed).toMatchObject([
    { lane, holes: [{ number: 4, reason: "no_fields" }] },
  ]);
  expect(batch.takeFirst().place).toBeUndefined();
});
