/**
 * What it costs that a step runs in a process of its own: the same plugin with `isolate` and without, in turns on the same events.
 *
 *     node bench/micro/isolation.ts
 *
 * Processor time is that of this process and of the step's own process together. Compare the two steps within one run: on a busy
 * machine both processes wait for a processor, and each takes longer for the same.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Chain } from "../../src/chain/chain.ts";
import { compileChain } from "../../src/chain/compile.ts";
import { chainOptions } from "../../src/chain/options.ts";
import { loadPlugins } from "../../src/chain/plugins/load-plugins.ts";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { Records } from "../../src/event/block.ts";
import { LogEvent } from "../../src/event/log-event.ts";
import { silentLogger } from "../../src/platform/log.ts";

const events = 500;
const rounds = 60;
const warm_rounds = 6;
/** What Linux counts processor time in, for other processes. */
const ticks_per_second = 100;

const plugin = `export default {
  name: "site",
  create: (options, context) => {
    const path = context.path("api.bucket");
    return (event) => {
      if (event.get(path) !== undefined) event.set("site", "north");
      return event;
    };
  },
};
`;

interface Use {
  readonly wall_us: number;
  readonly own_us: number;
}

function recordsOf(lines: readonly Buffer[]): Records {
  const ends = new Int32Array(lines.length);
  let at = 0;
  for (const [number, line] of lines.entries()) ends[number] = at += line.length;
  return new Records({
    origin: { input: "bench", stream: "bench", metadata: {} },
    bytes: Buffer.concat(lines),
    starts: ends.map((end, number) => end - lines[number]!.length),
    ends,
    count: lines.length,
    offset: 0,
    read_at_ms: 0,
  });
}

/** Microseconds an event. */
function useOf(chain: Chain, records: Records): Use {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  for (let number = 0; number < records.count; number += 1) {
    const end = chain.run(new LogEvent(records, number, chain.scanner));
    if (end !== undefined) throw new Error("the step ended an event");
  }
  const wall_us = Number(process.hrtime.bigint() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall_us: wall_us / records.count, own_us: (user + system) / records.count };
}

/** Microseconds of processor time of the processes that this one has started. */
function timeOfChildren(): number {
  const ids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  const ticks = ids.flatMap((id) => {
    // Behind the name, which may hold blanks, user and system time are the 12th and 13th.
    const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return [Number(fields[11]), Number(fields[12])];
  });
  return (ticks.reduce((sum, each) => sum + each, 0) * 1e6) / ticks_per_second;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
try {
  writeFileSync(join(directory, "site.mjs"), plugin, { mode: 0o600 });
  const plugins = await loadPlugins(directory);
  const chainOf = (step: object): Promise<Chain> =>
    compileChain(chainOptions.parse([{ site: {}, ...step }]), plugins, { log: silentLogger });
  const chains = { "in the agent": await chainOf({}), isolated: await chainOf({ isolate: true }) };
  const records = recordsOf(Array.from({ length: events }, (_, at) => Buffer.from(wekaEvent(at))));
  const uses: Record<string, Use[]> = { "in the agent": [], isolated: [] };
  let children_before = 0;
  for (let round = -warm_rounds; round < rounds; round += 1) {
    if (round === 0) children_before = timeOfChildren();
    for (const [name, chain] of Object.entries(chains)) {
      const use = useOf(chain, records);
      if (round >= 0) uses[name]!.push(use);
    }
  }
  const of_children = (timeOfChildren() - children_before) / (rounds * events);
  console.log(`\nA step on events of 1 KB, µs an event, ${rounds} rounds of ${events} in turns:\n`);
  console.log("| step | wall clock, median | least | own processor time, median | least |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (const [name, all] of Object.entries(uses)) {
    const [wall, own] = [all.map(({ wall_us }) => wall_us), all.map(({ own_us }) => own_us)];
    const figures = [middle(wall), Math.min(...wall), middle(own), Math.min(...own)];
    console.log(`| ${name} | ${figures.map((each) => each.toFixed(1)).join(" | ")} |`);
  }
  console.log(`\nThe step's own process: ${of_children.toFixed(1)} µs of processor time an event.`);
  for (const chain of Object.values(chains)) await chain.dispose();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
