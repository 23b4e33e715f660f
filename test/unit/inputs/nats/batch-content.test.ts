/** From the body of a batch to records, and whether what becomes of them is what the agent would have sent itself. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Block } from "../../../../src/event/block.ts";
import { LogEvent } from "../../../../src/event/log-event.ts";
import { depth_max } from "../../../../src/event/scan/walker.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import {
  BatchContentReader,
  packedBodyOf,
  unpackedBody,
  unpackedHere,
} from "../../../../src/inputs/nats/batch-content.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { sumOf, type BatchHead } from "../../../../src/platform/nats/batch-head.ts";
import { makeEvents } from "../../../support/events/events.ts";

const records = [
  `{"id":12345678901234567890,"a":[1,2]}`,
  `{ "spaced" : "é\\u0041" ,\n "b" : null }`,
  `plain text`,
  `text with "quotes" and \\ backslashes`,
  `"a JSON string"`,
  `"{\\"json\\":\\"in a string\\"}"`,
  `"\\u0041 spelled"`,
  `{"event":{"time":1}}`,
  `[1,{"a":"b"}]`,
  `42`,
  `null`,
  ``,
  `  `,
  `2026-11-29T10:00:00Z something happened`,
  `{"broken":`,
  `\u00e9\u2028\ud83d\ude00`,
  Buffer.from([0x66, 0xff, 0x67]),
];

function encoded(events: readonly LogEvent[], encoder = new EventEncoder("beside")): Buffer {
  const target = Buffer.alloc(1024 * 1024);
  let at = 0;
  for (const event of events) {
    at = encoder.encode(event, target, at);
    expect(at).toBeGreaterThan(0);
  }
  return Buffer.from(target.subarray(0, at));
}

const fields = { host: "web-1", index: "main", fields: { tag: ["a", "b"], n: 1, on: true } };

function headOf(body: Buffer, count: number, more: Partial<BatchHead> = {}): BatchHead {
  return {
    agent: "agent-1",
    lane: "aaaabbbb",
    epoch: 2,
    first: 100,
    count,
    bytes: body.length,
    sum: sumOf(body),
    packing: "none",
    index: "main",
    placed: false,
    ...more,
  };
}

function eventsOf(
  body: Buffer,
  head: BatchHead,
  wanted: [number, number][] = [[100, 100 + head.count]],
): LogEvent[] {
  const content = new BatchContentReader().read(body, head, wanted);
  if (typeof content === "string") throw new Error(content);
  const ledger = new Ledger();
  const receipt = ledger.openStream("fleet", {}, {}).open(content.count, 1, {});
  const origin = { input: "fleet", stream: "agent-1/aaaabbbb", metadata: {} };
  const block = new Block({ ...content, origin, receipt, read_at_ms: 0 });
  return Array.from(
    { length: content.count },
    (_, number) => new LogEvent(block, number, new Scanner([])),
  );
}

describe("batch content", () => {
  const events = makeEvents(new Ledger(), records, { metadata: fields });

  test("every event becomes, byte for byte, what its agent would have sent", () => {
    const body = encoded(events);
    expect(encoded(eventsOf(body, headOf(body, records.length))).toString()).toBe(body.toString());
  });

  test.each(records.map((record, number) => [number, String(record)] as const))(
    "record %i: %j",
    (number) => {
      const body = encoded([events[number]!]);
      expect(encoded(eventsOf(body, headOf(body, 1))).toString()).toBe(body.toString());
    },
  );

  test.each([
    ["as deep as an event may be", `${"[".repeat(depth_max)}${"]".repeat(depth_max)}`, {}],
    ["with a source as long as a path may be", "{}", { source: `/${"ö\n".repeat(2000)}` }],
  ])("one %s is taken", (_, record, more) => {
    const body = encoded(
      makeEvents(new Ledger(), [record, record], { metadata: { ...fields, ...more } }),
    );
    expect(encoded(eventsOf(body, headOf(body, 2))).toString()).toBe(body.toString());
  });

  test("only the events that are wanted are given, with their numbers", () => {
    const body = encoded(events);
    const given = eventsOf(body, headOf(body, records.length), [
      [101, 103],
      [110, 111],
    ]);
    expect(given.map(({ offset }) => offset)).toEqual([101, 102, 110]);
    expect(encoded(given).toString()).toBe(
      encoded([events[1]!, events[2]!, events[10]!]).toString(),
    );
  });

  test("where the agent proves its lanes, Splunk gets the places of its events", () => {
    const body = encoded(events.slice(0, 1));
    const head = headOf(body, 1, { placed: true, first: 1029 });
    const given = eventsOf(body, head, [[1029, 1030]]);
    expect(encoded(given, new EventEncoder()).toString()).toContain(
      `"tally_lane":"aaaabbbb.2","tally_block":"1","tally_i":"5"}`,
    );
  });

  test("what an agent has not said is taken from the input", () => {
    const reader = new BatchContentReader();
    reader.describe({ index: "fleet", host: "unknown", fields: { from: "fleet" } });
    const body = encoded(
      makeEvents(new Ledger(), [`{}`, `{"a":1}`], { metadata: { host: "web-1" } }),
    );
    const content = reader.read(body, headOf(body, 2), [[100, 102]]);
    expect(content).toMatchObject({
      known: [0, 1].map(() => ({
        metadata: { index: "fleet", host: "web-1", fields: { from: "fleet" } },
      })),
    });
  });

  test.each([
    [
      "fewer events",
      { count: records.length - 1 },
      "it does not have as many events as its headers say",
    ],
    [
      "more events",
      { count: records.length + 1 },
      "it does not have as many events as its headers say",
    ],
  ])("refuses a batch with %s than it says", (_, more, reason) => {
    const body = encoded(events);
    const content = new BatchContentReader().read(body, headOf(body, records.length, more), [
      [100, 105],
    ]);
    expect(content).toBe(reason);
  });

  test.each([
    ["text", "hello\n"],
    ["an array", "[1,2]\n"],
    ["a foreign object", `{"a":1}\n`],
    ["a foreign key", `{"event":{},"time":1,"x":1}\n`],
    ["no event", `{"host":"h","time":1}\n`],
    ["fields that are not flat", `{"event":{},"fields":{"a":{"b":1}}}\n`],
    ["a broken envelope", `{"event":{"a":1,"time":1}\n`],
  ])("refuses a batch that holds %s", (_, text) => {
    const body = Buffer.from(text);
    expect(typeof new BatchContentReader().read(body, headOf(body, 1), [[100, 101]])).toBe(
      "string",
    );
  });
});

describe("the body of a batch", () => {
  const body = Buffer.from(`{"event":1,"time":1}\n`);
  const packed = gzipSync(body);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

  /** In both ways, which have to say the same. */
  async function bodyOf(data: Buffer, head: BatchHead): Promise<Buffer | string> {
    const came = packedBodyOf(data, head);
    if (typeof came === "string") return came;
    const unpacked = await unpackedBody(came, head);
    expect(unpackedHere(came, head)).toEqual(unpacked);
    return unpacked;
  }

  test("is unpacked", async () => {
    const head = headOf(packed, 1, { bytes: body.length, packing: "gzip" });
    expect(await bodyOf(packed, head)).toEqual(body);
    expect(await bodyOf(body, headOf(body, 1))).toEqual(body);
  });

  test.each([
    ["another checksum", packed, { sum: sumOf(body), bytes: body.length }],
    ["more bytes than it says", packed, { bytes: body.length - 1 }],
    ["fewer bytes than it says", packed, { bytes: body.length + 1 }],
    ["a broken packing", packed.subarray(0, 10), { bytes: body.length }],
    ["a bomb", bomb, { bytes: 100 }],
    [
      "a bomb that lies",
      Buffer.concat([bomb.subarray(0, -4), Buffer.from([100, 0, 0, 0])]),
      { bytes: 100 },
    ],
  ])("is refused with %s", async (_, data, more) => {
    const head = headOf(data, 1, { packing: "gzip", ...more });
    expect(typeof (await bodyOf(data, head))).toBe("string");
  });
});
