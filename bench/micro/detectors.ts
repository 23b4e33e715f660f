/**
 * What it costs to look for secrets in a clean audit event: the scan for all anchors in WebAssembly and byte by byte, and what
 * `mayFind` makes of it, beside JSON.parse as the yardstick.
 *
 *     node bench/micro/detectors.ts
 *
 * The events are clean ones of four formats in JSON, each with values of its own. All cases run in turns.
 */
import { Detectors } from "../../src/detectors/detectors.ts";
import { VectorScan } from "../../src/detectors/kernel/vector-scan.ts";
import { AnchorIndex } from "../../src/detectors/scan/anchor-index.ts";
import { ByteScan, type Scan } from "../../src/detectors/scan/byte-scan.ts";
import { escapes, inJson } from "../../src/detectors/scan/json-anchors.ts";
import { chosen } from "../../src/detectors/table.ts";
import { RandomSource } from "../../test/support/random/random-source.ts";
import { clean_formats } from "../../test/support/secrets/clean-events.ts";

const events = 500;
const rounds = 200;

const index = new AnchorIndex();
for (const { id, ways } of chosen(["credentials"])) {
  for (const way of ways) index.add(id, inJson(way));
}
index.add("", escapes);
const [vector, byte] = [new VectorScan(index.keys), new ByteScan(index.keys)];
const detectors = await Detectors.create(["credentials"]);

function candidates(scan: Scan, bytes: Buffer, start: number, end: number): number {
  scan.load(bytes, start, end);
  let count = 0;
  for (let at = scan.next(start); at >= 0; at = scan.next(at + 1)) count += 1;
  return count;
}

for (const format of ["s3_audit", "cloudtrail", "kubernetes", "vault"]) measure(format);

function measure(format: string): void {
  const random = new RandomSource(20_250_321);
  const records = Array.from({ length: events }, () => Buffer.from(clean_formats[format]!(random)));
  const bytes = Buffer.concat(records);
  const starts = [0];
  for (const record of records) starts.push(starts.at(-1)! + record.length);

  const cases: [string, (start: number, end: number) => unknown][] = [
    ["JSON.parse", (start, end) => JSON.parse(bytes.toString("latin1", start, end))],
    ["scan in WebAssembly", (start, end) => candidates(vector, bytes, start, end)],
    ["scan byte by byte", (start, end) => candidates(byte, bytes, start, end)],
    ["mayFind, all credentials", (start, end) => detectors.mayFind(bytes, start, end)],
  ];
  const nanoseconds = cases.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    cases.forEach(([, run], which) => {
      const before = process.hrtime.bigint();
      for (let at = 0; at < events; at += 1) run(starts[at]!, starts[at + 1]!);
      nanoseconds[which]!.push(Number(process.hrtime.bigint() - before) / events);
    });
  }
  let found = 0;
  for (let at = 0; at < events; at += 1)
    found += candidates(byte, bytes, starts[at]!, starts[at + 1]!);
  const share = `${(found / events).toFixed(1)} candidates an event`;
  console.log(`\n${format}: ${Math.round(bytes.length / events)} bytes an event, ${share}`);
  console.log("ns/event    best  ns/KB");
  cases.forEach(([name], which) => {
    const rows = nanoseconds[which]!.toSorted((a, b) => a - b);
    const median = rows[rows.length >> 1]!;
    const per_kilobyte = (1024 * median * events) / bytes.length;
    const columns = [median.toFixed(0).padStart(8), rows[0]!.toFixed(0).padStart(7)];
    console.log(`${columns.join(" ")} ${per_kilobyte.toFixed(0).padStart(6)}  ${name}`);
  });
}
