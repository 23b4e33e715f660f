/**
 * The encoder alone: events of a realistic size into batch buffers, beside JSON.stringify of the envelope.
 *
 *     node bench/micro/encoder.ts
 */
import { Block } from "../../src/event/block.ts";
import { LogEvent } from "../../src/event/log-event.ts";
import { Scanner } from "../../src/event/scanner.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { Batch } from "../../src/output/batch/batch.ts";
import { EventEncoder } from "../../src/output/batch/envelope.ts";

const events_count = 1000;
const rounds = 400;
const metadata = { host: "web-1", source: "/var/log/audit.log", sourcetype: "weka:s3:audit" };

/** Runs `once` until it is warm, then measures; prints nanoseconds an event. */
function measure(name: string, once: () => void): void {
  for (let round = 0; round < rounds / 4; round += 1) once();
  const started = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) once();
  const nanoseconds = Number(process.hrtime.bigint() - started) / (rounds * events_count);
  console.log(`${name.padEnd(44)} ${nanoseconds.toFixed(0).padStart(6)} ns an event`);
}

function eventsOf(records: readonly Buffer[]): LogEvent[] {
  const ends = new Int32Array(records.length);
  const starts = new Int32Array(records.length);
  let at = 0;
  records.forEach((record, number) => {
    starts[number] = at;
    at += record.length;
    ends[number] = at;
  });
  const bytes = Buffer.concat(records);
  const receipt = new Ledger()
    .openStream("bench", undefined, 0)
    .open(records.length, bytes.length, 0);
  const block = new Block({
    origin: { input: "bench", stream: "bench", metadata },
    receipt,
    bytes,
    starts,
    ends,
    count: records.length,
    offset: 0,
    read_at_ms: 1_742_539_047_915,
  });
  const scanner = new Scanner([]);
  const events = records.map((_, number) => new LogEvent(block, number, scanner));
  // The scan is the chain's cost, and has been paid when an event comes to the encoder.
  for (const event of events) void event.invalid;
  return events;
}

const json = Array.from({ length: events_count }, (_, number) => Buffer.from(wekaEvent(number)));
const plain = json.map((record) => Buffer.from(`audit: ${record.toString().replaceAll('"', "'")}`));
const quoted = json.map((record) => Buffer.from(`audit: ${record.toString()}`));
const target = Buffer.allocUnsafeSlow(4 * 1024 * 1024);
const encoder = new EventEncoder();

function encodeAll(events: readonly LogEvent[]): void {
  let at = 0;
  for (const event of events) at = encoder.encode(event, target, at);
  if (at <= 0) throw new Error("the events do not fit");
}

function batchAll(events: readonly LogEvent[]): void {
  const batch = new Batch("/services/collector/event", undefined, target);
  for (const event of events) batch.add(event, encoder);
}

const json_bytes = json.reduce((sum, record) => sum + record.length, 0);
console.log(`${events_count} events of ${Math.round(json_bytes / events_count)} bytes`);
const json_events = eventsOf(json);
measure("JSON, embedded", () => encodeAll(json_events));
measure("JSON, embedded, into a batch", () => batchAll(json_events));
const plain_events = eventsOf(plain);
measure("text without anything to escape", () => encodeAll(plain_events));
const quoted_events = eventsOf(quoted);
measure("text full of quotes", () => encodeAll(quoted_events));
const objects = json.map((record) => JSON.parse(record.toString()) as unknown);
measure("yardstick: JSON.stringify of the envelope", () => {
  let text = "";
  for (const event of objects) text += JSON.stringify({ ...metadata, time: 1742539047.915, event });
  target.write(text);
});
