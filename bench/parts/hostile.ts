/**
 * How long lines of an attack hold the daemon's event loop: three lines of a megabyte of each shape, with all packs, credentials,
 * 100 patterns and all encodings. What the machine itself adds is the delay of ordinary events, which come first, twice: in a fresh
 * daemon code is loaded and compiled for them. A shape comes twice, too, as the first lines of a kind have code compiled.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { hostile, megabyte, pack, patterns, within } from "../support/hostile-lines.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";

const lines_each = 3;
const probe = new URL("../support/loop-delay.ts", import.meta.url).pathname;
const warm_up = "ordinary events, fresh daemon";
/** The first large line starts the thread for large events. */
const warm_up_large = "one large line, fresh daemon";

export interface HostileOptions {
  /** The shape to measure alone; all where undefined. */
  readonly variant: string | undefined;
  readonly profile_directory: string | undefined;
}

export async function measureHostile({
  variant,
  profile_directory,
}: HostileOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const [log_file, delays_file] = [join(directory, "audit.log"), join(directory, "delays")];
  const config_file = join(directory, "config.yaml");
  writeFileSync(log_file, "");
  const sink = await SinkProcess.start();
  const redact = { pack, detect: ["credentials"], patterns, within };
  writeFileSync(
    config_file,
    JSON.stringify({
      state_dir: join(directory, "state"),
      lifecycle: { enabled: false },
      inputs: { audit: { paths: [log_file], max_event_bytes: "4MiB" } },
      chain: [{ redact }],
      output: { url: `http://127.0.0.1:${sink.port}`, token: "bench" },
    }),
  );
  process.env["BENCH_DELAYS"] = delays_file;
  const profiling =
    profile_directory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile_directory}`];
  const daemon = new DaemonProcess(config_file, ["--import", probe, ...profiling]);
  console.log(
    `Hostile lines: ${lines_each} of 1 MB each; the most processor time of one turn of the event loop, and its longest delay`,
  );
  try {
    await daemon.running();
    const ordinary = Array.from({ length: 3000 }, (_, number) => wekaEvent(number));
    const shapes = Object.entries(hostile)
      .filter(([name]) => variant === undefined || name === variant)
      .map(([name, make]) => [name, Array<string>(lines_each).fill(make(megabyte))]);
    let events = 0;
    const measured = [
      [warm_up, ordinary],
      [warm_up_large, [hostile["AKIA"]!(megabyte)]],
      ["ordinary events", ordinary],
      ...shapes.flatMap((shape) => [shape, ["  again", shape[1]]]),
    ] as [string, string[]][];
    for (const [name, lines] of measured) {
      const began_ms = Date.now();
      appendFileSync(log_file, `${lines.join("\n")}\n`);
      events += lines.length;
      await sink.arrived(events, daemon);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const most = longestBetween(readFileSync(delays_file, "utf8"), began_ms, Date.now());
      const took_ms = Date.now() - began_ms - 300;
      const columns = [most.used_ms, most.delay_ms].map((ms) => ms.toFixed(0).padStart(6));
      console.log(
        `  ${name.padEnd(32)} ${columns[0]} ms of its own ${columns[1]} ms   delivered after ${took_ms} ms`,
      );
    }
    console.log("");
  } finally {
    await daemon.stop();
    await sink.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function longestBetween(
  text: string,
  from_ms: number,
  to_ms: number,
): { delay_ms: number; used_ms: number } {
  const there = text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number) as [number, number, number])
    .filter(([at_ms]) => at_ms >= from_ms && at_ms <= to_ms);
  const most = (column: 1 | 2): number => Math.max(0, ...there.map((each) => each[column]));
  return { delay_ms: most(1), used_ms: most(2) };
}
