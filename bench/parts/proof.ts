/**
 * What places and seals cost: the daemon catches up with a file without and with proof, in turn, and where another program is named
 * beside it (`--beside`), that one without. Processor time, since the rate is held up by what else the machine does.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeKeyFile } from "../../src/proof/keys/key-file.ts";
import { newKeys } from "../../src/proof/keys/proof-keys.ts";
import { DaemonProcess, main, SinkProcess } from "../support/processes.ts";
import { median, writeEvents } from "./throughput.ts";

interface Run {
  readonly events_per_second: number;
  readonly cpu_seconds: number;
  readonly rss_peak_mb: number;
  readonly seal_bytes: number;
}

interface Side {
  readonly name: string;
  readonly program: string;
  readonly proof: string | undefined;
}

/** Stands once in each event of the file, and in no seal. */
const marker = '"requestID":"';

export async function measureProof(options: {
  events: number;
  rounds: number;
  beside: string | undefined;
}): Promise<void> {
  const { events, rounds, beside } = options;
  const sides: Side[] = [
    ...(beside === undefined
      ? []
      : [{ name: "the other, off", program: beside, proof: undefined }]),
    { name: "off", program: main, proof: undefined },
    { name: "on", program: main, proof: "leaf" },
    { name: "on, event", program: main, proof: "event" },
  ];
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const log_file = join(directory, "s3-audit.log");
    writeEvents(log_file, events);
    const runs = new Map(sides.map(({ name }) => [name, [] as Run[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const side of sides)
        runs.get(side.name)!.push(await runOf(side, directory, { log_file, events }));
    }
    print(runs, { events, rounds, bytes: statSync(log_file).size });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runOf(
  { program, proof }: Side,
  directory: string,
  { log_file, events }: { log_file: string; events: number },
): Promise<Run> {
  const sink = await SinkProcess.start(["--marker", marker]);
  const state_dir = mkdtempSync(join(directory, "state-"));
  const mirror = join(state_dir, "seals.notes");
  const config_file = join(state_dir, "config.yaml");
  const options = `{ enabled: true, interval: 5s, granularity: ${proof}, mirror: ${mirror} }`;
  if (proof !== undefined) await writeKeyFile(state_dir, newKeys("bench", Date.now()).file);
  writeFileSync(
    config_file,
    `state_dir: ${state_dir}
lifecycle: { enabled: false }
${proof === undefined ? "" : `proof: ${options}\n`}inputs:
  s3_audit: { paths: ["${log_file}"], metadata: { sourcetype: "weka:s3:audit", index: s3_audit } }
output: { url: "http://127.0.0.1:${sink.port}", token: bench, compression: none }
`,
  );
  const daemon = new DaemonProcess(config_file, [], program);
  const totals = await sink.arrived(events, daemon);
  const { cpu_seconds, rss_peak_mb } = daemon.use();
  await daemon.stop();
  await sink.stop();
  const seconds = (totals.last_at_ms - totals.first_at_ms) / 1000;
  const seal_bytes = proof === undefined ? 0 : statSync(mirror).size;
  return { events_per_second: events / seconds, cpu_seconds, rss_peak_mb, seal_bytes };
}

function print(
  runs: ReadonlyMap<string, readonly Run[]>,
  { events, rounds, bytes }: { events: number; rounds: number; bytes: number },
): void {
  console.log(`Proof: ${events.toLocaleString("en-US")} events, median of ${rounds}:\n`);
  console.log(
    "| proof | events/s | CPU s | beside off, rate | CPU | peak RSS MB | seals, of the data |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  const off = runs.get("off")!;
  for (const [name, own] of runs) {
    const ratio = (of: (run: Run) => number): string =>
      median(own.map((run, round) => of(run) / of(off[round]!))).toFixed(3);
    const cells = [
      name,
      Math.round(median(own.map((run) => run.events_per_second))).toLocaleString("en-US"),
      median(own.map((run) => run.cpu_seconds)).toFixed(2),
      ratio((run) => run.events_per_second),
      ratio((run) => run.cpu_seconds),
      median(own.map((run) => run.rss_peak_mb)).toFixed(0),
      `${((median(own.map((run) => run.seal_bytes)) / bytes) * 100).toFixed(3)} %`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log("");
}
