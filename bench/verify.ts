/**
 * How fast `tallyman verify` is, against reading the same lines, parsing them and hashing them and nothing else, in the same run:
 *
 *     node bench/verify.ts [events]
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import split2 from "split2";
import { verifyExport } from "../src/proof/verify/verify.ts";
import { ModelAgent } from "../test/support/proof/model-agent.ts";

const events = Number(process.argv[2] ?? 400_000);
const padding = "p".repeat(1000);
const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
const file = join(directory, "export.json");

/** Events of about 1,060 bytes, newest first, as Splunk exports them. */
async function writeExport(): Promise<string> {
  const agent = new ModelAgent({ seed: 1, lanes: 1 });
  agent.seal("start");
  for (let done = 0; done < events; done += 20_000) {
    agent.deliverLarge(20_000, padding);
    agent.seal("interval");
  }
  const out = createWriteStream(file);
  const rows = agent.all.toReversed();
  for (const [offset, result] of rows.entries()) {
    const lastrow = offset === rows.length - 1 && { lastrow: true };
    const line = `${JSON.stringify({ preview: false, offset, ...lastrow, result })}\n`;
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
  return agent.fingerprint;
}

async function measured(what: string, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  await run();
  const { user, system } = process.cpuUsage(before);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const cpu_us = (user + system) / events;
  console.log(
    `${what}: ${Math.round(events / seconds)} events/s, ${cpu_us.toFixed(2)} µs of CPU an event`,
  );
  return cpu_us;
}

/** What cannot be done without: each line parsed, and each event hashed. */
function plain(): Promise<void> {
  const lines = split2("\n", (line: string) => {
    const { result } = JSON.parse(line) as { result: { _raw: string } };
    createHash("sha256").update(result["_raw"]).digest();
  });
  lines.resume();
  return pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), lines);
}

const root = await writeExport();
globalThis.gc?.();
let most = 0;
const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 50);
const progress = { expect: () => undefined, add: () => undefined };
for (let pair = 0; pair < 3; pair += 1) {
  const one = await measured("parse and hash", plain);
  most = 0;
  const other = await measured("verify", async () => {
    const asked = {
      files: [file],
      roots: [root],
      is_json_equal: false,
      is_strict: false,
      progress,
    };
    const { verdict, counts } = await verifyExport(asked);
    if (verdict !== "clean" || counts.proven !== events) throw new Error(JSON.stringify(counts));
  });
  console.log(
    `  ratio ${(other / one).toFixed(2)}, at most ${Math.round(most / 2 ** 20)} MiB resident`,
  );
}
clearInterval(timer);
rmSync(directory, { recursive: true });
