/**
 * `tallyman demo`: the whole main job on this machine, without any set-up.
 *
 * A writer of realistic WEKA S3 audit events, the real agent as a process of its own with a real
 * configuration, and a receiver on loopback instead of Splunk. Ends by itself within 15 seconds or so.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../platform/clock.ts";
import { clearProgress, Progress } from "../terminal/progress.ts";
import { TallymanError } from "../../platform/errors.ts";
import { AgentProcess } from "./agent-process.ts";
import { DemoReceiver } from "./receiver.ts";
import { printEvent, printFlow, printResult, printThroughput, type Parts } from "./report.ts";
import { requestId } from "./weka-events.ts";
import { chain_text, indent, interruption, makeDirectory, token } from "./surroundings.ts";
import { DemoWriter } from "./writer.ts";

/** Events in all: enough to measure. A machine that is busy writes as many as it can in this time. */
const events_total = 100_000;
const writing_ms_max = 8000;
/** So long nothing may arrive until the demo is given up. */
const patience_ms = 20_000;
const poll_ms = 20;
const events_per_write = 500;
/** With --keep, after the first part. */
const keep_events_per_second = 1000;

/** What the command does. */
export async function demo({ keep }: { keep?: boolean }): Promise<void> {
  const stop = interruption();
  const directory = makeDirectory();
  const receiver = await DemoReceiver.start(token, `"requestID":"${requestId(0)}"`);
  const config_file = join(directory, "config.yaml");
  const log_file = join(directory, "s3-audit.log");
  writeFileSync(config_file, configText(directory, log_file, receiver.url), { mode: 0o600 });
  printFlow(indent(chain_text), receiver);
  const parts = {
    writer: new DemoWriter(log_file),
    receiver,
    agent: new AgentProcess(config_file),
  };
  const { writer, agent } = parts;
  const started_ms = systemClock.monotonic();
  try {
    await ship(parts, stop);
    printEvent(writer, receiver);
    printThroughput(writer, systemClock.monotonic() - started_ms);
    if (keep) await keepGoing(parts, stop);
    const status = await agent.stop();
    printResult(parts, status);
  } finally {
    await agent.stop();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function configText(directory: string, log_file: string, url: string): string {
  return `state_dir: ${directory}/state
lifecycle: { enabled: false } # only the events of the demo are to be counted

inputs:
  s3_audit:
    type: file
    paths: ["${log_file}"]
    metadata: { sourcetype: "weka:s3:audit", index: s3_audit }

${chain_text}
output:
  type: splunk_hec
  url: ${url}
  token: ${token}
`;
}

/** Writes all events, with a rotation in the middle, and waits until they have arrived. */
async function ship(parts: Parts, stop: AbortSignal): Promise<void> {
  const { writer, receiver } = parts;
  const progress = new Progress(systemClock, { what: "arrived", unit: "events" });
  const waiting = new Waiting(parts, stop);
  const more = async (pause_ms: number): Promise<void> => {
    progress.set(receiver.events, writer.expected);
    await waiting.pause(pause_ms);
  };
  try {
    // A file that is rotated before the agent has started is one that it has never seen.
    writer.write(events_per_write);
    while (receiver.events === 0 && !stop.aborted) await more(poll_ms);
    const end_ms = systemClock.monotonic() + writing_ms_max;
    const half_ms = end_ms - writing_ms_max / 2;
    const isDue = (events: number, at_ms: number): boolean =>
      writer.written >= events || systemClock.monotonic() >= at_ms;
    while (!isDue(events_total, end_ms) && !stop.aborted) {
      writer.write(events_per_write);
      await more(0);
      if (writer.rotations === 0 && isDue(events_total / 2, half_ms)) writer.rotate();
    }
    while (receiver.events < writer.expected && !stop.aborted) await more(poll_ms);
  } finally {
    clearProgress();
  }
  if (stop.aborted) throw new TallymanError("demo_failed", "the demo was interrupted.");
}

/** Waits for events to arrive, as long as some do. */
class Waiting {
  readonly #parts: Parts;
  readonly #stop: AbortSignal;
  #arrived = 0;
  #since_ms = systemClock.monotonic();

  constructor(parts: Parts, stop: AbortSignal) {
    this.#parts = parts;
    this.#stop = stop;
  }

  /** Throws where nothing arrives any more, or the agent has ended by itself: what interrupts the demo may end it, too. */
  async pause(pause_ms: number): Promise<void> {
    await systemClock.sleep(pause_ms);
    if (this.#stop.aborted) return;
    const { writer, receiver, agent } = this.#parts;
    const now_ms = systemClock.monotonic();
    if (receiver.events > this.#arrived) {
      this.#arrived = receiver.events;
      this.#since_ms = now_ms;
    }
    if (agent.running && now_ms - this.#since_ms < patience_ms) return;
    const why = agent.running ? "no more events arrived" : "the agent ended";
    const progress = `${why}: ${receiver.events} of ${writer.expected} arrived.`;
    throw new TallymanError("demo_failed", [progress, ...agent.complaints].join("\n"));
  }
}

async function keepGoing(parts: Parts, stop: AbortSignal): Promise<void> {
  const { writer, receiver, agent } = parts;
  console.log(`Continuing at ${keep_events_per_second} events/s; press Ctrl-C to stop.`);
  let ticks = 0;
  while (!stop.aborted && agent.running) {
    writer.write(keep_events_per_second / 20);
    await systemClock.sleep(50, stop);
    ticks += 1;
    if (ticks % 100 === 0) {
      console.log(
        `  written ${writer.written}, expected ${writer.expected}, arrived ${receiver.events}`,
      );
    }
  }
  const waiting = new Waiting(parts, new AbortController().signal);
  while (receiver.events < writer.expected) await waiting.pause(poll_ms);
}
