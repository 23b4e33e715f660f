/**
 * A fleet as a whole: agents, three real servers of NATS, aggregators, and a sink that counts. Under way the leader, an aggregator and an
 * agent are killed, all servers are rolled one by one, one store is lost, and the stream is filled to its limit and emptied.
 *
 *     node bench/fleet-run/run.ts [--agents 20] [--aggregators 3] [--events 2000000] [--small] [--keep]
 *
 * It takes about 1.2 KB of disk for each event. Ends with 1 where an event is missing at the sink, more came twice than was in flight, or
 * the books do not agree by lane.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LaneRow } from "../../src/cli/fleet/books/add-up.ts";
import type { AgentReport, AggregatorReport } from "../../src/platform/nats/books/report.ts";
import { endProcess } from "../../src/platform/process/process-guard.ts";
import { main } from "../support/processes.ts";
import { incidents, type Incident } from "./incidents.ts";
import { Parties, until, type Sizes } from "./parties.ts";
import { Shares } from "./shares.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "20" },
    aggregators: { type: "string", default: "3" },
    events: { type: "string", default: "2000000" },
    /** Batches, buffers and waits for few events. */
    small: { type: "boolean", default: false },
    /** Leaves the directory behind, to look into. */
    keep: { type: "boolean", default: false },
  },
});
const KiB = 1024;
const MiB = 1024 * KiB;
const patience_ms = 180_000;
const sample_ms = 300;

const counts = { agents: Number(values.agents), aggregators: Number(values.aggregators) };
const sizes: Sizes = values.small
  ? {
      ...counts,
      batch_bytes: 64 * KiB,
      unconfirmed_bytes: 2 * MiB,
      stream_bytes: 256 * KiB,
      wait_ms: 4000,
      receipt_timeout_ms: 20_000,
    }
  : {
      ...counts,
      batch_bytes: MiB,
      unconfirmed_bytes: 64 * MiB,
      stream_bytes: 48 * MiB,
      wait_ms: 60_000,
      receipt_timeout_ms: 120_000,
    };

interface Books {
  readonly agree: boolean;
  readonly lanes: readonly LaneRow[];
  readonly reports: readonly (AgentReport | AggregatorReport)[];
}

class Run {
  readonly #parties: Parties;
  readonly #shares: Shares;
  readonly #started_ms = performance.now();
  #arrived = 0;
  #arrived_ms = performance.now();
  /** The most that was in flight while somebody was lost, each time, all together. */
  in_flight = 0;

  constructor(parties: Parties, shares: Shares) {
    this.#parties = parties;
    this.#shares = shares;
  }

  /** Events that came twice, and different ones. */
  async arrived(): Promise<{ distinct: number; repeats: number }> {
    const { file } = await this.#parties.sink.totals();
    if (file.distinct > this.#arrived) {
      this.#arrived = file.distinct;
      this.#arrived_ms = performance.now();
    } else if (performance.now() - this.#arrived_ms > patience_ms)
      throw new Error(`no more events arrive: ${file.distinct} have`);
    return file;
  }

  /** As long as some arrive. */
  async until(isDone: (distinct: number) => boolean): Promise<void> {
    await until(async () => isDone((await this.arrived()).distinct), Infinity);
  }

  async through({ what, share, begin, happen }: Incident): Promise<void> {
    const before = (await this.arrived()).distinct;
    await begin?.(this.#parties);
    const written = this.#shares.write(share);
    if (begin === undefined) await this.until((distinct) => distinct > before);
    const twice = (await this.arrived()).repeats;
    const is_over = new AbortController();
    const sampled = this.#sample(is_over.signal);
    const begun_ms = performance.now();
    await happen(this.#parties);
    const seconds = (performance.now() - begun_ms) / 1000;
    is_over.abort();
    const most = await sampled;
    // Nobody has to repeat anything where nobody was lost.
    if (begin === undefined) this.in_flight += most;
    this.say(`${what}: over in ${seconds.toFixed(1)} s; at most ${count(most)} were in flight`);
    await written;
    const { distinct, repeats } = await this.arrived();
    this.say(`  ${count(distinct)} of ${count(this.#shares.written)} are there`);
    if (repeats > twice) this.say(`  ${count(repeats - twice)} came again`);
  }

  say(what: string): void {
    const seconds = (performance.now() - this.#started_ms) / 1000;
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  }

  async #sample(stop: AbortSignal): Promise<number> {
    let most = await this.#parties.inFlight();
    while (!stop.aborted) {
      await new Promise((resolve) => setTimeout(resolve, sample_ms));
      most = Math.max(most, await this.#parties.inFlight());
    }
    return most;
  }
}

/** When nothing is on its way any more; or as they are, if that does not come. */
async function booksOf(config_file: string, events: number): Promise<Books> {
  for (const end_ms = performance.now() + patience_ms; ;) {
    const asked = ["fleet", "books", "-c", config_file, "--all", "--json"];
    const { stdout } = spawnSync(process.execPath, [main, ...asked], { encoding: "utf8" });
    const books = JSON.parse(stdout) as Books;
    const delivered = sumOf(books.lanes, (lane) => lane.delivered);
    const is_at_rest = books.lanes.every(({ on_the_way }) => on_the_way === 0);
    if ((is_at_rest && delivered === events) || performance.now() > end_ms) return books;
  }
}

/** What is wrong. */
async function faultsOf(
  parties: Parties,
  run: Run,
  { lanes, agree, reports }: Books,
): Promise<string[]> {
  const { distinct, repeats } = await run.arrived();
  const faults: string[] = [];
  const check = (is_so: boolean, fault: string): void => void (is_so || faults.push(fault));
  const aggregators = reports.filter((each) => each.role === "aggregator");
  const received = sumOf(aggregators, ({ fates }) => fates.received);
  const delivered = sumOf(aggregators, ({ fates }) => fates.delivered);
  console.log(
    `The sink has ${count(distinct)} of ${count(events)} events, and ${count(repeats)} twice.`,
  );
  console.log(`In flight while somebody was lost: ${count(run.in_flight)} in all.`);
  for (const { agent, lane, ...row } of lanes)
    console.log(
      `${agent} ${lane}: ${count(row.delivered)} delivered, ${count(row.settled)} at aggregators, ${count(row.repeated)} repeated`,
    );
  check(distinct === events, `${events - distinct} events are missing at the sink`);
  check(repeats <= run.in_flight, "more came twice than was in flight");
  check(agree, "the books do not agree");
  check(lanes.length === sizes.agents, `the books have ${lanes.length} lanes`);
  for (const { agent, delivered: own, settled, missing } of lanes)
    check(
      own === events / sizes.agents && settled === own && missing === 0,
      `the lane of ${agent} does not have what was written`,
    );
  check(received === delivered, "an aggregator has not delivered what it has received");
  check(repeats >= received - events, "aggregators have delivered more than the sink has");
  for (const member of [...parties.agents, ...parties.aggregators]) {
    const status = await member.end("SIGTERM");
    check(status === 0, `${member.name} has ended with ${status}`);
  }
  return faults;
}

function sumOf<Each>(all: readonly Each[], of: (each: Each) => number): number {
  return all.reduce((sum, each) => sum + of(each), 0);
}

function count(whole: number): string {
  return whole.toLocaleString("en-US");
}

async function ship(parties: Parties, shares: Shares): Promise<string[]> {
  const run = new Run(parties, shares);
  for (const incident of incidents) await run.through(incident);
  await shares.write(1);
  await run.until((distinct) => distinct === events);
  run.say("all events have arrived");
  // The last message stays.
  await parties.holds(1);
  run.say("the stream is empty");
  const books = await booksOf(parties.aggregators[0]!.config_file, events);
  return faultsOf(parties, run, books);
}

const events = Math.ceil(Number(values.events) / sizes.agents) * sizes.agents;
// The servers end with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => endProcess(1));
const directory = mkdtempSync(join(tmpdir(), "tallyman-fleet-"));
let parties: Parties | undefined;
try {
  parties = await Parties.start(directory, sizes);
  const files = parties.agents.map(({ log_file }) => log_file);
  const faults = await ship(parties, new Shares(files, events / sizes.agents));
  console.log(faults.length === 0 ? "Nothing is missing, and the books agree." : faults.join("\n"));
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await parties?.kill();
  if (values.keep) console.log(`Left behind: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}
