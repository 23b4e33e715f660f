/**
 * How fast `tallyman verify` is as a command, and what it holds; beside it, in the same run, another build of it, or what cannot be
 * done without: to parse each line, and to hash its event:
 *
 *     node bench/parts/verify.ts [--events 200000] [--rounds 3] [--beside OTHER/dist/tallyman.js] [--profile DIRECTORY] [--shuffled | --archive]
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Readable } from "node:stream";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { archive } from "../../test/support/proof/exports.ts";
import { ModelAgent } from "../../test/support/proof/model-agent.ts";
import { RandomSource } from "../../test/support/random/random-source.ts";
import { main, reporting } from "../support/processes.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200000" },
    rounds: { type: "string", default: "3" },
    beside: { type: "string" },
    profile: { type: "string" },
    shuffled: { type: "boolean", default: false },
    /** An archive of the agent's own, oldest first, in place of an export of Splunk. */
    archive: { type: "boolean", default: false },
    /** Used by the bench itself: only parses and hashes this file. */
    plain: { type: "string" },
  },
});
const events = Number(values.events);

/** Events of about 1,060 bytes, newest first, as Splunk exports them, or in any order. */
async function writeExport(file: string): Promise<string> {
  const agent = new ModelAgent({ seed: 1, lanes: 1 });
  agent.seal("start");
  for (let done = 0; done < events; done += 20_000) {
    const length = Math.min(20_000, events - done);
    agent.deliverTexts(Array.from({ length }, (_, at) => wekaEvent(done + at)));
    agent.seal("interval");
  }
  const out = createWriteStream(file);
  const rows = values.archive ? agent.all : agent.all.toReversed();
  const random = new RandomSource(1);
  if (values.shuffled) rows.sort(() => random.next() - 0.5);
  for (const [offset, result] of rows.entries()) {
    const lastrow = offset === rows.length - 1 && { lastrow: true };
    const line = JSON.stringify({ preview: false, offset, ...lastrow, result });
    if (!out.write(values.archive ? archive([result]) : `${line}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
  return agent.fingerprint;
}

/** What cannot be done without. */
async function parseAndHash(file: string): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { result, event } = JSON.parse(line) as { result?: { _raw: string }; event?: unknown };
    createHash("sha256")
      .update(result?._raw ?? JSON.stringify(event))
      .digest();
  }
}

interface Use {
  readonly rate: number;
  readonly cpu_us: number;
  readonly peak_mb: number;
}

async function measured(words: readonly string[], profile?: string): Promise<Use> {
  const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const started_ms = performance.now();
  const child = spawn(process.execPath, [...profiling, "--import", reporting, ...words], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const read = (stream: unknown, take: (text: string) => void): void => {
    (stream as Readable).setEncoding("utf8").on("data", take);
  };
  let [report, said] = ["", ""];
  read(child.stdio[3], (text) => (report += text));
  read(child.stdout, (text) => (said += text));
  const [status] = (await once(child, "close")) as [number];
  if (status !== 0) throw new Error(`${words.join(" ")}: ${status}: ${said}`);
  const seconds = (performance.now() - started_ms) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(report) as NodeJS.ResourceUsage;
  return {
    rate: events / seconds,
    cpu_us: (userCPUTime + systemCPUTime) / events,
    peak_mb: (maxRSS * 1024) / 1e6,
  };
}

async function compare(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const file = join(directory, "export.json");
    const words = ["verify", "--root", await writeExport(file), file];
    const other =
      values.beside === undefined
        ? { name: "parse and hash", words: [fileURLToPath(import.meta.url), "--plain", file] }
        : { name: values.beside, words: [values.beside, ...words] };
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const one = await measured(other.words);
      const own = await measured([main, ...words], values.profile);
      print(other.name, one);
      print("verify", own);
      console.log(`  CPU beside it ${(own.cpu_us / one.cpu_us).toFixed(2)}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function print(name: string, { rate, cpu_us, peak_mb }: Use): void {
  const figures = `${Math.round(rate)} events/s, ${cpu_us.toFixed(2)} µs of CPU an event`;
  console.log(`${name}: ${figures}, ${peak_mb.toFixed(0)} MB at most`);
}

if (values.plain === undefined) await compare();
else await parseAndHash(values.plain).then(() => process.exit(0));
