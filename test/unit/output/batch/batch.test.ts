/** A batch, and one that is kept under compression beside one that is not: nobody can tell them apart. */
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Lane } from "../../../../src/ledger/lanes/lane.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { Batch } from "../../../../src/output/batch/batch.ts";
import { compress as compressBody } from "../../../../src/output/batch/compress.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { makeEvents } from "../../../support/events/events.ts";

function batchOf(records: readonly string[]): Batch {
  const batch = new Batch("/services/collector/event", undefined, Buffer.alloc(64 * 1024));
  const encoder = new EventEncoder();
  for (const event of makeEvents(new Ledger(), records))
    expect(batch.add(event, encoder)).toBe(true);
  return batch;
}

/** Keeps it compressed, and has its buffer filled by another batch. */
function compress(batch: Batch): boolean {
  const buffer = batch.keepCompressed(gzipSync(batch.body));
  buffer?.fill(0xff);
  return buffer !== undefined;
}

const look = (batch: Batch): string[] =>
  Array.from({ length: batch.open }, (_, number) => batch.sentAt(number).toString());

/** What may be asked of a batch, each with a number of events. */
const asked: Readonly<Record<string, (batch: Batch, count: number) => unknown>> = {
  body: (batch, count) => batch.bodyOf(count).toString(),
  bytes: (batch, count) => batch.bytesOf(count),
  events: look,
  all: (batch) => batch.body.toString(),
  first: (batch) => batch.takeFirst().encoded.toString(),
  split: (batch, count) => look(batch.split(count)),
};

test("batch - kept under compression, it gives the same as before", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("compress", ...Object.keys(asked)), fc.nat()));
  const records = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(records, steps, (texts, all) => {
      const lines = texts.map((text, number) => JSON.stringify({ number, text }));
      const [kept, plain] = [batchOf(lines), batchOf(lines)];
      for (const [step, number] of all) {
        if (plain.open === 0) break;
        const count = 1 + (number % plain.open);
        if (step === "compress") compress(kept);
        else expect(asked[step]!(kept, count)).toEqual(asked[step]!(plain, count));
      }
    }),
  );
});

test("batch - its buffer is given away while nobody else can read it, and never twice", () => {
  const lines = ["1", "2", "3"];
  const whole = batchOf(lines);
  const { buffer } = whole;
  expect(whole.keepCompressed(gzipSync(whole.body))).toBe(buffer);
  expect(whole.buffer).toHaveLength(0);
  const [taken, split, ended] = [batchOf(lines), batchOf(lines), batchOf(["1"])];
  taken.takeFirst();
  split.split(1);
  ended.takeFirst();
  for (const batch of [taken, split, ended]) expect(compress(batch)).toBe(false);
});

test("batch - says where its first open event stands in its lane, as its parts do", () => {
  const of = { stream: "s", input: "audit", output: "o", index: undefined };
  const lane = new Lane("ABCDEFGH", 1, of, 7);
  const batch = new Batch("/", undefined, Buffer.alloc(1024));
  const encoder = new EventEncoder("beside");
  for (const event of makeEvents(new Ledger(), ["1", "2", "3", "4"])) {
    event.place = lane.take();
    batch.add(event, encoder);
  }
  expect(batch.place).toEqual({ lane, number: 7 });
  expect(batch.takeFirst().place).toEqual({ lane, number: 7 });
  const parts = [batch.split(2), batch.split(1)];
  expect(parts.map(({ place }) => place!.number)).toEqual([8, 10]);
  expect(batch.place).toBeUndefined();
});

test("batch - what is kept of a small one under compression shares its memory with nothing", async () => {
  for (const bytes of [0, 10, 1000, 20_000]) {
    const compressed = await compressBody(Buffer.alloc(bytes, "event "));
    expect(compressed.buffer.byteLength).toBe(compressed.length);
    expect(gunzipSync(compressed)).toHaveLength(bytes);
  }
});
