/** Events at a steady rate for an agent, and what became of them: how fast they arrived, and what they cost. */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import type { DaemonProcess, SinkProcess } from "../support/processes.ts";

/** Between two writes, each of which ends with a mark. */
const tick_ms = 5;
const settling_ms = 500;
/** Events that are written again and again; one in eight is filtered. */
const samples = Array.from({ length: 400 }, (_, number) => `${wekaEvent(number)}\n`);
const kept = samples.map((event) => !event.includes('"name":"HeadObject"'));

export interface Phase {
  readonly events_per_second: number;
  /** Of all threads of the agent. */
  readonly cpu_us_per_event: number;
  readonly cpu_ms_per_second: number;
  /** For how much of the time its main thread was ready to run and had no processor. */
  readonly waiting: number;
  /** From the write of each mark to its arrival. */
  readonly latencies_ms: readonly number[];
}

export interface SteadyLoadOptions {
  readonly log_file: string;
  readonly sink: SinkProcess;
  readonly daemon: DaemonProcess;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
}

export class SteadyLoad {
  readonly #options: SteadyLoadOptions;
  #file: number;
  /** When each mark was written, wall-clock time. */
  readonly #marks: number[] = [];
  #written = 0;
  #expected = 0;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#file = openSync(options.log_file, "a");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Goes on writing until something has happened. */
  async until<Value>(happened: Promise<Value>): Promise<Value> {
    const writing = new AbortController();
    const over = happened.finally(() => writing.abort());
    while (!writing.signal.aborted) await this.#load(settling_ms / 5);
    return over;
  }

  /** Some seconds at the rate, after some for all to settle, and until all has arrived. */
  async phase(): Promise<Phase> {
    const { sink, daemon, seconds } = this.#options;
    await this.#load(settling_ms);
    await sink.arrived(this.#expected, daemon);
    this.#rotate();
    await this.#load(settling_ms);
    await sink.arrived(this.#expected, daemon);
    await sink.marks();
    const before = threadsOf(daemon.pid);
    const [events_before, begun_ms] = [this.#written, now_ms()];
    await this.#load(seconds * 1000);
    const totals = await sink.arrived(this.#expected, daemon);
    const after = threadsOf(daemon.pid);
    const [events, took_ms] = [this.#written - events_before, totals.last_at_ms - begun_ms];
    const marks = await sink.marks();
    return {
      events_per_second: (events / took_ms) * 1000,
      cpu_us_per_event: ((after.cpu_ms - before.cpu_ms) / events) * 1000,
      cpu_ms_per_second: ((after.cpu_ms - before.cpu_ms) / took_ms) * 1000,
      waiting: (after.waiting_ms - before.waiting_ms) / took_ms,
      latencies_ms: marks.map(([mark, at_ms]) => at_ms - this.#marks[mark]!),
    };
  }

  /** What was delivered needs no room on the disk: at 100,000 events/s it would be 100 MB a second. */
  #rotate(): void {
    const { log_file } = this.#options;
    closeSync(this.#file);
    rmSync(log_file);
    this.#file = openSync(log_file, "a");
  }

  async #load(for_ms: number): Promise<void> {
    const { rate } = this.#options;
    const begun_ms = now_ms();
    let written = 0;
    for (let passed_ms = 0; passed_ms < for_ms;) {
      await new Promise((resolve) => setTimeout(resolve, tick_ms));
      passed_ms = now_ms() - begun_ms;
      // What a busy machine has not let it write is not made up for: the agent would get it at once.
      const due = Math.min((passed_ms / 1000) * rate - written, rate / 20);
      written = (passed_ms / 1000) * rate;
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

interface ThreadTimes {
  /** Of all threads. */
  readonly cpu_ms: number;
  /** Of the main one, for a processor. */
  readonly waiting_ms: number;
}

/** By the scheduler's own account, which is finer than the ticks of /proc/PID/stat. */
function threadsOf(pid: number): ThreadTimes {
  let cpu_ms = 0;
  let waiting_ms = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
    const [running_ns, waiting_ns] = text.split(" ").map(Number) as [number, number];
    cpu_ms += running_ns / 1e6;
    if (thread === String(pid)) waiting_ms = waiting_ns / 1e6;
  }
  return { cpu_ms, waiting_ms };
}

/** Wall-clock time, as the sink has it. */
function now_ms(): number {
  return performance.timeOrigin + performance.now();
}
