/**
 * What watching costs: a daemon that is given events at a steady rate, with nobody who looks, and with `tallyman tap` at its highest
 * rate and ten who have the page open, in turn. Compared are phases of one run, so that a machine whose speed drifts favours
 * neither.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";
import { median } from "../parts/throughput.ts";
import { openPages, openTap, pages } from "./watching.ts";

const tick_ms = 10;
const settling_ms = 2000;
/** Events that are written again and again; one in eight is filtered. */
const samples = Array.from({ length: 400 }, (_, number) => `${wekaEvent(number)}\n`);
const kept = samples.map((event) => !event.includes('"name":"HeadObject"'));

export interface WatchersOptions {
  /** Events a second. */
  readonly rate: number;
  readonly rounds: number;
  readonly seconds: number;
}

interface Phase {
  readonly events_per_second: number;
  readonly cpu_us_per_event: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export async function measureWatchers(options: WatchersOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const sink = await SinkProcess.start();
  const config_file = join(directory, "config.yaml");
  const log_file = join(directory, "audit.log");
  writeFileSync(log_file, "");
  writeFileSync(config_file, configText(directory, log_file, sink.port));
  const daemon = new DaemonProcess(config_file);
  const bench = new SteadyLoad({ log_file, sink, daemon, ...options });
  const alone: Phase[] = [];
  const watched: Phase[] = [];
  try {
    await daemon.running();
    await bench.phase();
    for (let round = 0; round < options.rounds; round += 1) {
      alone.push(await bench.phase());
      const tap = await bench.until(openTap(config_file));
      const looking = openPages(join(directory, "state", "admin.sock"));
      watched.push(await bench.phase());
      looking.stop();
      await tap.stop();
    }
  } finally {
    await daemon.stop();
    await sink.stop();
    bench.close();
    rmSync(directory, { recursive: true, force: true });
  }
  print(alone, watched, options);
}

interface SteadyLoadDeps extends WatchersOptions {
  readonly log_file: string;
  readonly sink: SinkProcess;
  readonly daemon: DaemonProcess;
}

class SteadyLoad {
  readonly #deps: SteadyLoadDeps;
  readonly #file: number;
  /** When each mark was written, wall-clock time. */
  readonly #marks: number[] = [];
  #written = 0;
  #expected = 0;

  constructor(deps: SteadyLoadDeps) {
    this.#deps = deps;
    this.#file = openSync(deps.log_file, "a");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Goes on writing until something has happened. */
  async until<Value>(happened: Promise<Value>): Promise<Value> {
    const writing = new AbortController();
    const over = happened.finally(() => writing.abort());
    while (!writing.signal.aborted) await this.#load(settling_ms / 10);
    return over;
  }

  /** Some seconds at the rate, after some for all to settle, and until all has arrived. */
  async phase(): Promise<Phase> {
    const { sink, daemon, seconds } = this.#deps;
    await this.#load(settling_ms);
    await sink.arrived(this.#expected, daemon);
    await sink.marks();
    const cpu_before = daemon.use().cpu_seconds;
    const [events_before, begun_ms] = [this.#written, now_ms()];
    await this.#load(seconds * 1000);
    const totals = await sink.arrived(this.#expected, daemon);
    const events = this.#written - events_before;
    const latencies = (await sink.marks())
      .map(([mark, at_ms]) => at_ms - this.#marks[mark]!)
      .toSorted((one, other) => one - other);
    const at = (part: number): number => latencies[Math.floor(part * (latencies.length - 1))]!;
    return {
      events_per_second: (events / (totals.last_at_ms - begun_ms)) * 1000,
      cpu_us_per_event: ((daemon.use().cpu_seconds - cpu_before) / events) * 1e6,
      p50_ms: at(0.5),
      p99_ms: at(0.99),
    };
  }

  async #load(for_ms: number): Promise<void> {
    const begun_ms = now_ms();
    let written = 0;
    for (let passed_ms = 0; passed_ms < for_ms;) {
      await new Promise((resolve) => setTimeout(resolve, tick_ms));
      passed_ms = now_ms() - begun_ms;
      // What a busy machine has not let it write is not made up for: the agent would get it at once.
      const due = Math.min((passed_ms / 1000) * this.#deps.rate - written, this.#deps.rate / 20);
      written = (passed_ms / 1000) * this.#deps.rate;
      this.#write(Math.floor(due));
    }
  }

  #write(count: number): void {
    let text = "";
    for (let at = 0; at < count; at += 1) {
      const sample = (this.#written + at) % samples.length;
      text += samples[sample];
      if (kept[sample]!) this.#expected += 1;
    }
    text += `{"mark":${this.#marks.length},"api":{"name":"PutObject","statusCode":200}}\n`;
    this.#written += count + 1;
    this.#expected += 1;
    this.#marks.push(now_ms());
    writeSync(this.#file, text);
  }
}

function print(alone: readonly Phase[], watched: readonly Phase[], options: WatchersOptions): void {
  const { rate, rounds, seconds } = options;
  const asked = rate.toLocaleString("en-US");
  console.log(
    `Steadily ${asked} events/s, ${rounds} pairs of ${seconds} s; beside a tap at 1,000 events/s and ${pages} pages; medians:\n`,
  );
  console.log("| | events/s | CPU us per event | p50 ms | p99 ms |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (const [name, phases] of [
    ["alone", alone],
    ["watched", watched],
  ] as const) {
    const of = (figure: (phase: Phase) => number): number => median(phases.map(figure));
    const figures = [
      Math.round(of((phase) => phase.events_per_second)).toLocaleString("en-US"),
      of((phase) => phase.cpu_us_per_event).toFixed(2),
      of((phase) => phase.p50_ms).toFixed(1),
      of((phase) => phase.p99_ms).toFixed(1),
    ];
    console.log(`| ${[name, ...figures].join(" | ")} |`);
  }
  const ratio = (figure: (phase: Phase) => number): string => {
    const ratios = alone.map((phase, at) => figure(watched[at]!) / figure(phase));
    return `${((median(ratios) - 1) * 100).toFixed(1)} %`;
  };
  const differences = [
    ratio((phase) => phase.events_per_second),
    ratio((phase) => phase.cpu_us_per_event),
    ratio((phase) => phase.p50_ms),
    ratio((phase) => phase.p99_ms),
  ];
  console.log(`| median difference in a pair | ${differences.join(" | ")} |\n`);
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

/** Wall-clock time, as the sink has it. */
function now_ms(): number {
  return performance.timeOrigin + performance.now();
}
