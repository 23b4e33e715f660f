/**
 * `tallyman demo`: the whole main job on this machine, without any set-up.
 *
 * A writer of realistic WEKA S3 audit events, the real agent as a process of its own with a real
 * configuration, and a receiver on loopback in the place of Splunk. Ends by itself within 15 seconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../platform/clock.ts";
import { messageOf, TallymanError } from "../platform/errors.ts";
import { AgentProcess } from "./demo/agent-process.ts";
import { DemoReceiver } from "./demo/receiver.ts";
import { printEvent, printResult, printThroughput, type Parts } from "./demo/report.ts";
import { requestId } from "./demo/weka-events.ts";
import { DemoWriter } from "./demo/writer.ts";

const token = "00000000-demo-demo-demo-000000000000";
/** Events in all; enough to measure, few enough for a slow machine. */
const events_total = 100_000;
const time_limit_ms = 14_000;
const poll_ms = 20;
/** With --keep, after the first part. */
const keep_events_per_second = 1000;

/** What the command does. */
export async function demo({ keep }: { keep?: boolean }): Promise<void> {
  const stop = interruption();
  const directory = makeDirectory();
  const receiver = await DemoReceiver.start(token, `"requestID":"${requestId(0)}"`);
  const config_file = join(directory, "config.yaml");
  const log_file = join(directory, "s3-audit.log");
  const config = configText(directory, log_file, receiver.url);
  writeFileSync(config_file, config, { mode: 0o600 });
  console.log(`The configuration, ${config_file}:\n\n${indent(config)}`);
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

/** Aborted by Ctrl-C and its like, and when nobody reads the output any more (`tallyman demo | head`). */
function interruption(): AbortSignal {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  process.stdout.on("error", abort);
  return stop.signal;
}

function makeDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), "tallyman-demo-"));
  } catch (cause) {
    const message = `the demo needs a directory in ${tmpdir()}: ${messageOf(cause)}`;
    throw new TallymanError("demo_failed", message, {}, { cause });
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

chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
  - redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }

output:
  type: splunk_hec
  url: ${url}
  token: ${token}
`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}

/** Writes all events, with a rotation in the middle, and waits until they have arrived. */
async function ship(parts: Parts, stop: AbortSignal): Promise<void> {
  const { writer, receiver } = parts;
  const deadline_ms = systemClock.monotonic() + time_limit_ms;
  while (writer.written < events_total && !stop.aborted) {
    writer.write(500);
    await pause(0, parts, { deadline_ms, stop });
    if (writer.written !== events_total / 2) continue;
    // A file that is rotated before the agent has started is one that it has never seen.
    while (receiver.events === 0 && !stop.aborted)
      await pause(poll_ms, parts, { deadline_ms, stop });
    writer.rotate();
  }
  while (receiver.events < writer.expected && !stop.aborted) {
    await pause(poll_ms, parts, { deadline_ms, stop });
  }
  if (stop.aborted) throw new TallymanError("demo_failed", "the demo was interrupted.");
}

/** Throws where it is too late, or the agent has ended by itself: what interrupts the demo may end it, too. */
async function pause(
  pause_ms: number,
  parts: Parts,
  { deadline_ms, stop }: { deadline_ms: number; stop: AbortSignal },
): Promise<void> {
  await systemClock.sleep(pause_ms);
  if (stop.aborted) return;
  const { writer, receiver, agent } = parts;
  if (agent.running && systemClock.monotonic() < deadline_ms) return;
  const why = agent.running ? "the demo did not end in time" : "the agent ended";
  const progress = `${why}: ${receiver.events} of ${writer.expected} events arrived.`;
  throw new TallymanError("demo_failed", [progress, ...agent.complaints].join("\n"));
}

async function keepGoing(parts: Parts, stop: AbortSignal): Promise<void> {
  const { writer, receiver, agent } = parts;
  console.log(`Going on at ${keep_events_per_second} events/s; Ctrl-C ends it.`);
  let ticks = 0;
  while (!stop.aborted && agent.running) {
    writer.write(keep_events_per_second / 20);
    await systemClock.sleep(50, stop);
    ticks += 1;
    if (ticks % 100 === 0) {
      console.log(
        `  written ${writer.written}, to arrive ${writer.expected}, arrived ${receiver.events}`,
      );
    }
  }
  const deadline_ms = systemClock.monotonic() + time_limit_ms;
  while (receiver.events < writer.expected) await pause(poll_ms, parts, { deadline_ms, stop });
}
