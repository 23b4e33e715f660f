/**
 * What is left of an outage: 5,000 events/s are written while the sink is away for 10 s and for a while after; how long after
 * the last line has been written everything has arrived.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { DaemonProcess, passThroughConfig, SinkProcess } from "../support/processes.ts";

const events_per_second = 5000;
const outage_s = 10;
const after_s = 5;
const steps_per_second = 10;

/** Seconds from the last line that was written to the last arrival. */
export async function secondsBehindAfterOutage(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const log_file = join(directory, "audit.log");
  const config_file = join(directory, "config.yaml");
  writeFileSync(log_file, "");
  // Its port is used again, so that the sink comes back where it was.
  const first = await SinkProcess.start();
  const { port } = first;
  writeFileSync(config_file, passThroughConfig(directory, log_file, port));
  const daemon = new DaemonProcess(config_file);
  try {
    await daemon.running();
    await first.stop();
    await write(log_file, 0, outage_s);
    const sink = await SinkProcess.start(["--port", String(port)]);
    try {
      await write(log_file, outage_s, outage_s + after_s);
      const written_at_ms = performance.timeOrigin + performance.now();
      const events = events_per_second * (outage_s + after_s);
      const totals = await sink.arrived(events, daemon);
      return Math.max(0, totals.last_at_ms - written_at_ms) / 1000;
    } finally {
      await sink.stop();
    }
  } finally {
    await daemon.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes what is due from one second to another, in real time. */
async function write(log_file: string, from_s: number, to_s: number): Promise<void> {
  const per_step = events_per_second / steps_per_second;
  const started_ms = performance.now();
  for (let step = from_s * steps_per_second; step < to_s * steps_per_second; step += 1) {
    let text = "";
    for (let each = 0; each < per_step; each += 1) text += `${wekaEvent(step * per_step + each)}\n`;
    appendFileSync(log_file, text);
    const due_ms = started_ms + ((step + 1) / steps_per_second - from_s) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due_ms - performance.now())));
  }
}
