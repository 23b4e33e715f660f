/**
 * The chain alone: one filter and one redact on events of a realistic size, beside JSON.parse.
 *
 *     node bench/micro/chain.ts
 */
import { compileChain } from "../../src/chain/compile.ts";
import { loadPlugins } from "../../src/chain/plugins/load-plugins.ts";
import { chainOptions } from "../../src/chain/options.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { Block } from "../../src/event/block.ts";
import { LogEvent } from "../../src/event/log-event.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { silentLogger } from "../../src/platform/log.ts";

const events_count = 1000;
const rounds = 300;

/** Runs `once` until it is warm, then measures; prints nanoseconds an event. */
function measure(name: string, once: () => void): void {
  for (let round = 0; round < rounds / 3; round += 1) once();
  const started = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) once();
  const nanoseconds = Number(process.hrtime.bigint() - started) / (rounds * events_count);
  console.log(`${name.padEnd(52)} ${nanoseconds.toFixed(0).padStart(6)} ns an event`);
}

function blockOf(records: readonly string[]): Block {
  const buffers = records.map((record) => Buffer.from(record));
  const starts = new Int32Array(records.length);
  const ends = new Int32Array(records.length);
  let at = 0;
  buffers.forEach((buffer, number) => {
    starts[number] = at;
    at += buffer.length;
    ends[number] = at;
  });
  const stream = new Ledger().openStream("bench", undefined, 0);
  return new Block({
    origin: { input: "bench", stream: "bench", metadata: {} },
    receipt: stream.open(records.length, at, 0),
    bytes: Buffer.concat(buffers),
    starts,
    ends,
    count: records.length,
    offset: 0,
    read_at_ms: 1_742_539_047_915,
  });
}

const records = Array.from({ length: events_count }, (_, number) => wekaEvent(number));
const broken = records.map((record) => record.slice(0, -1));
const block = blockOf(records);
const plugins = await loadPlugins();

async function measureChain(name: string, steps: unknown): Promise<void> {
  const facts = { log: silentLogger };
  const chain = await compileChain(chainOptions.parse(steps), plugins, facts);
  measure(name, () => {
    for (let number = 0; number < events_count; number += 1) {
      chain.run(new LogEvent(block, number, chain.scanner));
    }
  });
}

const filter = { filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' } };
const redact = { redact: { fields: ["requestHeader.Authorization"] } };
const library = { filter: { drop: "api.statusCode + 1 == 201 && api.name == 'HeadObject'" } };
const matches = { filter: { drop: 'api.name.matches("^Head(Object|Bucket)$")' } };

measure("JSON.parse", () => {
  for (const record of records) JSON.parse(record);
});
await measureChain("no steps (no scan)", []);
await measureChain("a condition on nothing (the scan alone)", [
  { filter: { drop: "nothing == 1" } },
]);
await measureChain("filter", [filter]);
await measureChain("redact", [redact]);
await measureChain("filter and redact", [filter, redact]);
await measureChain("filter and four redacted fields, one by **", [
  filter,
  { redact: { fields: ["requestHeader.Authorization", "a.b", "c.d", "**.token"] } },
]);
await measureChain("keys by a glob", [{ redact: { keys: ["*passw*", "*secret*"] } }]);
await measureChain("credentials", [{ redact: { detect: ["credentials"] } }]);
await measureChain("filter by the CEL library", [library]);
await measureChain("filter by a pattern", [matches]);

const text_chain = await compileChain(chainOptions.parse([redact]), plugins, {
  log: silentLogger,
});
measure("text mask on strict JSON", () => {
  for (const record of records) text_chain.maskText(record);
});
measure("text mask on broken JSON", () => {
  for (const record of broken) text_chain.maskText(record);
});
