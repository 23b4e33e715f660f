/**
 * `tallyman tap` beside load: the rate at which a daemon catches up with a file while one watches, and while nobody does, in
 * turn within each round. The difference is what watching costs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../support/processes.ts";
import {
  catchUp,
  figuresOf,
  median,
  variantOf,
  writeEvents,
  type Measured,
} from "../parts/throughput.ts";

export interface TapBenchOptions {
  readonly events: number;
  readonly rounds: number;
}

export async function measureTap({ events, rounds }: TapBenchOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const alone: Measured[] = [];
  const watched: Measured[] = [];
  let shown = 0;
  try {
    const log_file = join(directory, "s3-audit.log");
    const variant = variantOf("filter + redact");
    const expected = events - writeEvents(log_file, events);
    const facts = { log_file, expected, events, profile_directory: undefined };
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await catchUp(directory, variant, facts));
      const tap: { of?: Watching } = {};
      const beside = (config_file: string): void => void (tap.of = watch(config_file));
      watched.push(await catchUp(directory, variant, { ...facts, beside }));
      shown += await tap.of!.lines();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const rate = (all: readonly Measured[]): number =>
    median(all.map(({ events_per_second }) => events_per_second));
  const difference = (rate(watched) / rate(alone) - 1) * 100;
  console.log(`Catching up, with and without \`tallyman tap\`, median of ${rounds}:\n`);
  console.log("| | events/s | MB/s | CPU s per GB | peak RSS MB |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  console.log(`| alone | ${figuresOf(alone).join(" | ")} |`);
  console.log(`| beside a tap | ${figuresOf(watched).join(" | ")} |`);
  console.log(
    `\nDifference of the rates: ${difference.toFixed(1)} %. The taps showed ${shown} events.\n`,
  );
}

interface Watching {
  /** How many events it has shown, when the agent has ended it. */
  lines(): Promise<number>;
}

/** Watches as soon as the agent can be asked. */
function watch(config_file: string): Watching {
  const run = async (): Promise<number> => {
    for (;;) {
      const child = spawn(process.execPath, [main, "tap", "-c", config_file], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      let lines = 0;
      child.stdout.on("data", (part: Buffer) => {
        lines += part.toString("latin1").split("\n").length - 1;
      });
      await once(child, "close");
      // It may have come before the agent was there.
      if (lines > 0) return lines;
    }
  };
  const done = run();
  return { lines: () => done };
}
