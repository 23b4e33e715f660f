/**
 * What watching costs: a daemon that is given events at a steady rate, with nobody who looks, and with a tap at its highest rate and
 * ten who have the page open, in turn. Compared are phases of one run, in the order alone, watched, watched, alone, so that a machine
 * whose speed drifts favours neither. Beside each difference stands where it lies with a probability of 95 %: only where that is
 * narrower than what is asked for, the run can answer.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../parts/throughput.ts";
import { intervalOf } from "../support/bootstrap.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";
import { SteadyLoad, type Phase } from "./steady-load.ts";
import { pages, Watchers } from "./watching.ts";

export interface WatchersOptions {
  /** Events a second. */
  readonly rate: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly profile_directory: string | undefined;
}

interface Pair {
  readonly alone: Phase;
  readonly watched: Phase;
}

export async function measureWatchers(options: WatchersOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const sink = await SinkProcess.start();
  const config_file = join(directory, "config.yaml");
  const log_file = join(directory, "audit.log");
  writeFileSync(log_file, "");
  writeFileSync(config_file, configText(directory, log_file, sink.port));
  const { profile_directory, rounds } = options;
  if (profile_directory !== undefined) mkdirSync(profile_directory, { recursive: true });
  const flags =
    profile_directory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile_directory}`];
  const daemon = new DaemonProcess(config_file, flags);
  const load = new SteadyLoad({ log_file, sink, daemon, ...options });
  const pairs: Pair[] = [];
  try {
    await daemon.running();
    const watchers = new Watchers(join(directory, "state", "admin.sock"), true);
    const alone = async (): Promise<Phase> => {
      await load.until(watchers.rest());
      return load.phase();
    };
    const watched = async (): Promise<Phase> => {
      await load.until(watchers.watch());
      return load.phase();
    };
    // Until then code is compiled.
    await alone();
    await watched();
    for (let round = 0; round < rounds; round += 1) {
      if (round % 2 === 0) pairs.push({ alone: await alone(), watched: await watched() });
      else {
        const second = await watched();
        pairs.push({ alone: await alone(), watched: second });
      }
    }
    await watchers.stop();
  } finally {
    await daemon.stop();
    await sink.stop();
    load.close();
    rmSync(directory, { recursive: true, force: true });
  }
  print(pairs, options);
}

/** What is compared: a name, and the figure of some phases. */
const figures: readonly [string, (phases: readonly Phase[]) => number, digits: number][] = [
  ["events/s", (phases) => median(phases.map((phase) => phase.events_per_second)), 0],
  ["CPU µs per event", (phases) => median(phases.map((phase) => phase.cpu_us_per_event)), 2],
  ["p50 ms", (phases) => partOf(phases, 0.5), 2],
  ["p99 ms", (phases) => partOf(phases, 0.99), 1],
  ["mean ms", meanOf, 2],
];

/** Of the latencies of all phases together, that which so many are below. */
function partOf(phases: readonly Phase[], part: number): number {
  const all = Float64Array.from(phases.flatMap(({ latencies_ms }) => latencies_ms)).sort();
  return all[Math.floor(part * (all.length - 1))]!;
}

function meanOf(phases: readonly Phase[]): number {
  const all = phases.flatMap(({ latencies_ms }) => latencies_ms);
  return all.reduce((sum, each) => sum + each, 0) / all.length;
}

function print(pairs: readonly Pair[], { rate, rounds, seconds }: WatchersOptions): void {
  const asked = rate.toLocaleString("en-US");
  const alone = pairs.map((pair) => pair.alone);
  const watched = pairs.map((pair) => pair.watched);
  const count = watched.reduce((sum, { latencies_ms }) => sum + latencies_ms.length, 0);
  console.log(
    `Steadily ${asked} events/s, ${rounds} pairs of ${seconds} s; beside a tap at 1,000 events/s and ${pages} pages. Latencies: ` +
      `${count.toLocaleString("en-US")} of all watched phases together.\n`,
  );
  console.log(
    "| | alone | watched | difference | 95 % of it |\n| --- | ---: | ---: | ---: | ---: |",
  );
  for (const [name, of, digits] of figures) {
    const difference = intervalOf(pairs, (some) => {
      const [one, other] = [some.map((pair) => pair.alone), some.map((pair) => pair.watched)];
      return (of(other) / of(one) - 1) * 100;
    });
    const shown = [of(alone), of(watched)].map((value) =>
      value.toLocaleString("en-US", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
    );
    const { value, low, high } = difference;
    const interval = `${low.toFixed(1)} to ${high.toFixed(1)} %`;
    console.log(`| ${[name, ...shown, `${value.toFixed(1)} %`, interval].join(" | ")} |`);
  }
  const waiting = [alone, watched].map((phases) =>
    (median(phases.map((phase) => phase.waiting)) * 100).toFixed(1),
  );
  console.log(`| agent's wait for a core, % | ${waiting.join(" | ")} | | |`);
  const more = intervalOf(pairs, (some) =>
    median(some.map((pair) => pair.watched.cpu_ms_per_second - pair.alone.cpu_ms_per_second)),
  );
  console.log(
    `\nWatching costs ${more.value.toFixed(1)} ms of a processor a second (${more.low.toFixed(1)} to ${more.high.toFixed(1)}).\n`,
  );
}

function configText(directory: string, log_file: string, port: number): string {
  return `state_dir: ${directory}/state
lifecycle: { enabled: false }
inputs: { s3_audit: { paths: ["${log_file}"] } }
chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
  - redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }
output: { url: "http://127.0.0.1:${port}", token: bench }
`;
}
