/**
 * tallyman beside the other shippers that are on the PATH, in turn within each round: the same file, the same sink, wall time
 * from the start of the process to the last arrival, so start-up is in it.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { SinkProcess, useOf } from "../support/processes.ts";
import { median, writeEvents } from "../parts/throughput.ts";
import { type Contestant, type Course, type Prepared, type Race, races } from "./contestant.ts";
import { fluent_bit } from "./fluent-bit.ts";
import { rsyslog } from "./rsyslog.ts";
import { syslog_ng } from "./syslog-ng.ts";
import { tallyman } from "./tallyman.ts";

const contestants: readonly Contestant[] = [tallyman, fluent_bit, syslog_ng, rsyslog];
/** Every event has it once. Some programs put no line ends between events, so these cannot be counted. */
const marker = "requestID";
/** Nothing has arrived for so long: then the rest will not. */
const quiet_ms_max = 30_000;
const poll_ms = 20;

export interface RaceOptions {
  events: number;
  rounds: number;
  /** The name of one case, instead of all. */
  race?: string | undefined;
}

/** What one contestant took for one case. */
export interface Run {
  events_per_second: number;
  cpu_seconds_per_gb: number;
  rss_peak_mb: number;
}

export interface Result {
  readonly race: Race;
  /** By contestant, tallyman first: all runs, or why there are none. */
  readonly runs: ReadonlyMap<string, readonly Run[] | string>;
}

export async function measureRivals(options: RaceOptions): Promise<void> {
  const results = await raceAll(options);
  console.log(
    `From the start of the process to the last of ${options.events.toLocaleString("en-US")} events, median of ${options.rounds}:`,
  );
  for (const { race, runs } of results) {
    console.log(`\n| ${race.name} | events/s | of tallyman's | CPU s per GB | peak RSS MB |`);
    console.log("| --- | ---: | ---: | ---: | ---: |");
    const own = medianOf(runs.get(tallyman.name));
    for (const [name, each] of runs) console.log(rowOf(name, each, own));
  }
  console.log("");
}

function rowOf(name: string, runs: readonly Run[] | string, own: Run | undefined): string {
  const run = medianOf(runs);
  if (run === undefined) return `| ${name} | ${whyNone(runs)} | | | |`;
  const rate = Math.round(run.events_per_second).toLocaleString("en-US");
  const ratio = own === undefined ? "" : (run.events_per_second / own.events_per_second).toFixed(2);
  const { cpu_seconds_per_gb, rss_peak_mb } = run;
  return `| ${name} | ${rate} | ${ratio} | ${cpu_seconds_per_gb.toFixed(1)} | ${rss_peak_mb.toFixed(0)} |`;
}

/** Why a contestant has no figures. */
export function whyNone(runs: readonly Run[] | string | undefined): string {
  return typeof runs === "string" ? runs : "was not run";
}

/** The median of each figure; undefined where there are no runs. */
export function medianOf(runs: readonly Run[] | string | undefined): Run | undefined {
  if (runs === undefined || typeof runs === "string" || runs.length === 0) return undefined;
  return {
    events_per_second: median(runs.map((run) => run.events_per_second)),
    cpu_seconds_per_gb: median(runs.map((run) => run.cpu_seconds_per_gb)),
    rss_peak_mb: median(runs.map((run) => run.rss_peak_mb)),
  };
}

export async function raceAll({ events, rounds, race: name }: RaceOptions): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const log_file = join(directory, "s3-audit.log");
    writeEvents(log_file, events);
    const results: Result[] = [];
    for (const race of races.filter((each) => (name ?? each.name) === each.name)) {
      results.push({ race, runs: await raceOne(race, { directory, log_file, events, rounds }) });
    }
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Track {
  readonly directory: string;
  readonly log_file: string;
  readonly events: number;
  readonly rounds: number;
}

async function raceOne(race: Race, track: Track): Promise<Map<string, Run[] | string>> {
  const runs = new Map<string, Run[] | string>();
  for (const each of contestants) runs.set(each.name, whyNot(each, race, track) ?? []);
  for (let round = 0; round < track.rounds; round += 1) {
    for (const contestant of contestants) {
      const so_far = runs.get(contestant.name)!;
      if (typeof so_far === "string") continue;
      const run = await runOne(contestant, race, track);
      if (typeof run === "string") runs.set(contestant.name, run);
      else so_far.push(run);
    }
  }
  return runs;
}

/** Why the contestant does not take part in the case; undefined where it does. */
function whyNot(contestant: Contestant, race: Race, track: Track): string | undefined {
  const { program } = contestant;
  if (program !== undefined && !isOnPath(program)) return `${program} is not on the PATH`;
  const prepared = contestant.prepare(race, courseOf(track, 9));
  if (prepared === undefined) return "cannot do this";
  const [command, ...args] = prepared.check;
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return undefined;
  const lines = `${stderr}${stdout}`.split("\n").filter((line) => /error|fail|unknown/i.test(line));
  return `refuses its configuration: ${(lines[0] ?? "").trim().slice(0, 120)}`;
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function courseOf({ directory, log_file }: Track, port: number): Course {
  return { directory: mkdtempSync(join(directory, "run-")), log_file, port };
}

/** The figures of one run, or what went wrong. */
async function runOne(contestant: Contestant, race: Race, track: Track): Promise<Run | string> {
  const sink = await SinkProcess.start(["--marker", marker]);
  try {
    const prepared = contestant.prepare(race, courseOf(track, sink.port))!;
    return await timed(prepared, sink, track);
  } finally {
    await sink.stop();
  }
}

async function timed(
  { command: [command, ...args] }: Prepared,
  sink: SinkProcess,
  { events, log_file }: Track,
): Promise<Run | string> {
  const started_at_ms = performance.timeOrigin + performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close");
  try {
    const arrived = await allArrived(sink, child, events);
    if (arrived.events < events) {
      const last = said.trim().split("\n").at(-1)!.slice(0, 120);
      return `${arrived.events} events arrived and no more. ${last}`;
    }
    const gigabytes = statSync(log_file).size / 1e9;
    const { cpu_seconds, rss_peak_mb } = useOf(child.pid!);
    return {
      events_per_second: (1000 * events) / (arrived.last_at_ms - started_at_ms),
      cpu_seconds_per_gb: cpu_seconds / gigabytes,
      rss_peak_mb,
    };
  } finally {
    child.kill("SIGTERM");
    await closed;
  }
}

async function allArrived(
  sink: SinkProcess,
  child: ChildProcess,
  events: number,
): Promise<{ events: number; last_at_ms: number }> {
  let changed_ms = performance.now();
  let before = 0;
  for (;;) {
    const totals = await sink.totals();
    const has_ended = child.exitCode !== null || child.signalCode !== null;
    if (totals.events !== before) changed_ms = performance.now();
    before = totals.events;
    const is_stuck = performance.now() - changed_ms > quiet_ms_max;
    if (totals.events >= events || has_ended || is_stuck) return totals;
    await new Promise((resolve) => setTimeout(resolve, poll_ms));
  }
}

/** What the machine runs on, for whoever reads the figures. */
export function machineOf(): string {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
  return `${model ?? process.arch}, Node ${process.version}`;
}
