/**
 * What it costs to look for all credentials with all packs in clean audit events, beside the redaction of one path; and how long
 * lines of an attack hold the event loop.
 *
 *     node bench/micro/redact.ts
 *
 * Both chains run in turns on the same events, and what is measured is processor time: compare them within one run. Values are
 * changed and the events are copied, as for an output.
 */
import { compileChain } from "../../src/chain/compile.ts";
import type { Chain } from "../../src/chain/chain.ts";
import { chainOptions } from "../../src/chain/options.ts";
import { loadPlugins } from "../../src/chain/plugins/load-plugins.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { Records } from "../../src/event/block.ts";
import { LogEvent } from "../../src/event/log-event.ts";
import { silentLogger } from "../../src/platform/log.ts";
import { RandomSource } from "../../test/support/random/random-source.ts";
import { clean_formats } from "../../test/support/secrets/clean-events.ts";
import { hostile, megabyte, pack, patterns, within } from "../support/hostile-lines.ts";

const events = 500;
const rounds = 60;

const fields = ["requestHeader.Authorization"];

const plugins = await loadPlugins();

function chainOf(options: object): Promise<Chain> {
  return compileChain(chainOptions.parse([{ redact: options }]), plugins, { log: silentLogger });
}

const by_path = await chainOf({ fields });
const by_detectors = await chainOf({ fields, pack, detect: ["credentials"] });

function recordsOf(lines: readonly Buffer[]): Records {
  const starts = new Int32Array(lines.length);
  const ends = new Int32Array(lines.length);
  let at = 0;
  for (const [number, line] of lines.entries()) {
    starts[number] = at;
    at += line.length;
    ends[number] = at;
  }
  const origin = { input: "bench", stream: "bench", metadata: {} };
  const bytes = Buffer.concat(lines);
  return new Records({
    origin,
    bytes,
    starts,
    ends,
    count: lines.length,
    offset: 0,
    read_at_ms: 0,
  });
}

/** Microseconds of processor time. */
function timeOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const target = Buffer.allocUnsafe(1 << 16);

function runAll(chain: Chain, records: Records): void {
  for (let number = 0; number < records.count; number += 1) {
    const event = new LogEvent(records, number, chain.scanner);
    chain.run(event);
    event.copyTo(target, 0);
  }
}

function measureCleanEvents(name: string, lines: readonly string[]): void {
  const records = recordsOf(lines.map((line) => Buffer.from(line)));
  const chains = [by_path, by_detectors];
  const times = chains.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [number, chain] of chains.entries()) {
      const used = timeOf(() => {
        for (let again = 0; again < 4; again += 1) runAll(chain, records);
      });
      times[number]!.push((1000 * used) / (4 * events));
    }
  }
  const at = (part: number): number[] =>
    times.map((all) => all.toSorted((a, b) => a - b)[Math.floor(part * all.length)]!);
  const columns = [at(0), at(0.25), at(0.5)].flatMap(([one, all]) => [one!, all!, all! - one!]);
  const bytes = String(Math.round(records.bytes.length / events)).padStart(6);
  console.log(name.padEnd(12), bytes, ...columns.map((each) => each.toFixed(0).padStart(7)));
}

const random = new RandomSource(20_250_321);
const clean = (format: string): string[] =>
  Array.from({ length: events }, () => clean_formats[format]!(random));
console.log("one path; with detect: [credentials] and all packs; the difference: ns an event");
console.log("events        bytes   best                    lower quartile          median");
measureCleanEvents(
  "weka",
  Array.from({ length: events }, (_, number) => wekaEvent(number)),
);
for (const format of ["s3_audit", "cloudtrail", "kubernetes"]) {
  measureCleanEvents(format, clean(format));
}

async function measureHostileLines(): Promise<void> {
  const chain = await chainOf({ fields, pack, detect: ["credentials"], patterns, within });
  console.log(
    "\nlines of an attack: credentials, all packs, 100 patterns, within: [json, url, base64]",
  );
  console.log("in the line                      bytes   ms, CPU  ns a byte  of a quarter of it");
  for (const [name, make] of Object.entries(hostile)) {
    const [quarter, whole] = [megabyte / 4, megabyte].map((length) => {
      const records = recordsOf([Buffer.from(make(length))]);
      const used = timeOf(() => chain.run(new LogEvent(records, 0, chain.scanner)));
      return { bytes: records.bytes.length, used };
    });
    const perByte = ({ bytes, used }: { bytes: number; used: number }): string =>
      ((1000 * used) / bytes).toFixed(0).padStart(10);
    const columns = [String(whole!.bytes).padStart(7), (whole!.used / 1000).toFixed(0).padStart(9)];
    console.log(name.padEnd(30), ...columns, perByte(whole!), perByte(quarter!));
  }
}

await measureHostileLines();
