/**
 * What a slow reader gets of 60,000 lines over 20 rotations by rename: from tallyman, and from a library for tailing
 * files. The measurement behind docs/decisions/own-file-follower.md.
 *
 *     npm install --no-save @logdna/tail-file
 *     node bench/parts/followers.ts
 */
import { once } from "node:events";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";

const rotations = 20;
const lines_per_file = 3000;
const rotate_interval_ms = 250;
/** How long the reader takes for what it is given at a time. */
const reader_delay_ms = 20;
/** Nothing has come for so long: then nothing more will. */
const quiet_ms = 8000;

/** Writes a file full of lines, renames it, and begins the next; every old file is kept. */
async function writeRotating(path: string): Promise<void> {
  let number = 0;
  for (let rotation = 0; rotation < rotations; rotation += 1) {
    for (let part = 0; part < 10; part += 1) {
      let text = "";
      for (const end = number + lines_per_file / 10; number < end; number += 1) {
        text += `${wekaEvent(number)}\n`;
      }
      appendFileSync(path, text);
      await delay(rotate_interval_ms / 10);
    }
    if (rotation < rotations - 1) renameSync(path, `${path}.${rotation}`);
  }
}

/** Resolves when `count` has stood still. */
async function untilQuiet(count: () => number | Promise<number>): Promise<number> {
  for (let before = -1; ;) {
    const now = await count();
    if (now === before) return now;
    before = now;
    await delay(quiet_ms);
  }
}

async function readWithTallyman(path: string, directory: string): Promise<number> {
  const sink = await SinkProcess.start(["--latency-ms", String(reader_delay_ms)]);
  const config_file = join(directory, "config.yaml");
  writeFileSync(
    config_file,
    `state_dir: ${directory}/state\nlifecycle: { enabled: false }\ninputs: { log: { paths: ["${path}"] } }\n` +
      `output: { url: "http://127.0.0.1:${sink.port}", token: bench, max_in_flight: 1, batch: { max_bytes: 64KiB } }\n`,
  );
  const daemon = new DaemonProcess(config_file);
  await daemon.running();
  await writeRotating(path);
  const lines = await untilQuiet(async () => (await sink.totals()).events);
  await daemon.stop();
  await sink.stop();
  return lines;
}

interface Tail extends Readable {
  start(): Promise<void>;
  quit(): Promise<void>;
}

async function readWithLibrary(path: string): Promise<number> {
  const TailFile = createRequire(import.meta.url)("@logdna/tail-file") as new (
    path: string,
  ) => Tail;
  const tail = new TailFile(path);
  let lines = 0;
  const reading = (async () => {
    for await (const chunk of tail as AsyncIterable<Buffer>) {
      for (const byte of chunk) if (byte === 10) lines += 1;
      await delay(reader_delay_ms);
    }
  })();
  await tail.start();
  await writeRotating(path);
  await untilQuiet(() => lines);
  const ended = once(tail, "close");
  await tail.quit();
  await Promise.race([Promise.all([reading, ended]), delay(1000)]);
  return lines;
}

for (const [name, read] of [
  ["tallyman", readWithTallyman],
  ["@logdna/tail-file", readWithLibrary],
] as const) {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const path = join(directory, "audit.log");
  writeFileSync(path, "");
  const lines = await read(path, directory);
  console.log(`${name}: ${lines} of ${rotations * lines_per_file} lines`);
  rmSync(directory, { recursive: true, force: true });
}
process.exit();
