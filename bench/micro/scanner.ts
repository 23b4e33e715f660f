/**
 * What the event core costs for one 1.06 KB audit event, beside JSON.parse as the yardstick.
 *
 *     node bench/micro/scanner.ts
 *
 * The events are the WEKA S3 sample with realistic headers. Every event has values of its own, of
 * different lengths, and some miss a header, so that neither the processor nor the scanner can learn one
 * record by heart. All cases run in turns, so that a change of clock speed hits them alike.
 */
import { Block } from "../../src/event/block.ts";
import type { Metadata } from "../../src/event/event.ts";
import { LogEvent } from "../../src/event/log-event.ts";
import { parsePath } from "../../src/event/scan/path.ts";
import { timeOptions, timeRuleOf } from "../../src/inputs/time-options.ts";
import { Scanner } from "../../src/event/scanner.ts";
import type { Receipt } from "../../src/ledger/receipt.ts";

const events = 500;
const rounds = 200;

/** A small repeatable generator (Park and Miller), so that every run measures the same events. */
function makeRandom(): (below: number) => number {
  let seed = 20_250_321;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

function makeRecord(random: (below: number) => number, number: number): string {
  const hex = (length: number): string =>
    Array.from({ length }, () => random(16).toString(16)).join("");
  const pick = (...choices: string[]): string => choices[random(choices.length)]!;
  const name = pick("PutObject", "GetObject", "HeadObject", "ListObjectsV2", "DeleteObject");
  const agent = pick(
    "aws-sdk-go/1.44.235 (go1.18.10; linux; amd64) S3Manager",
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.14.0 exe/x86_64.rhel.9",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.0",
  );
  return JSON.stringify({
    api: {
      bucket: pick("phg-sandman", "audit", "ml-training-data"),
      name,
      object: `${pick("cat-and-dog", "a", "models/2025/03/run")}-${hex(1 + random(12))}.jpg`,
      status: "OK",
      statusCode: pick("a", "b") === "a" ? 200 : 404,
      timeToResponse: `${random(20_000_000)}ns`,
    },
    auditVersion: "1.weka",
    deploymentid: "079f7a1f-be3b-44c8-b36f-4484fe1ae4b2",
    remotehost: `216.58.${random(256)}.${random(256)}`,
    requestHeader: {
      Authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${hex(24)}...`,
      "User-Agent": agent,
      ...(random(4) === 0 ? {} : { "Content-Type": pick("image/jpeg", "application/json") }),
      "X-Amz-Content-Sha256": hex(64),
      "X-Amz-Date": "20250321T063727Z",
      "Accept-Encoding": "gzip, deflate",
    },
    requestID: hex(16).toUpperCase(),
    responseHeader: {
      "Content-Length": String(random(1_000_000)),
      ETag: hex(32),
      Server: "S3",
    },
    time: `2025-03-21T06:37:${10 + Math.floor(number / 20)}.${100_000_000 + random(899_999_999)}Z`,
    userAgent: agent,
    wekaInfo: {
      clusterGUID: "b28b4f9b-5d62-4c0b-97ef-6a72037930e7",
      clusterName: "DAD08-B",
      release: "4.4.6.11",
      serverIP: `10.26.211.${random(256)}`,
      serverName: `obj-${random(200)}-07.dad08.tcp.target.net`,
      version: "4.4.6",
    },
  });
}

const random = makeRandom();
const records = Array.from({ length: events }, (_, number) => makeRecord(random, number));
const bytes = Buffer.from(`${records.join("\n")}\n`);
const starts = new Int32Array(events);
const ends = new Int32Array(events);
records.reduce((at, record, number) => {
  starts[number] = at;
  ends[number] = at + record.length;
  return ends[number] + 1;
}, 0);

const time = parsePath("time");
const authorization = parsePath("requestHeader.Authorization");
const api_name = parsePath("api.name");
const status = parsePath("api.statusCode");
const agent = parsePath("userAgent");
const absent = parsePath("requestHeader.Cookie");
const six = [time, authorization, api_name, status, agent, absent];
const fifty = Array.from({ length: 50 }, (_, number) =>
  parsePath(`requestHeader.X-Secret-${number}`, { ignore_case: true }),
);
const any_depth = ["authorization", "cookie", "password", "token"].map((key) =>
  parsePath(`**.${key}`, { ignore_case: true }),
);

const time_rule = timeRuleOf(timeOptions.parse(["time"]));
const metadata: Metadata = { host: "h", sourcetype: "weka:s3:audit" };
const block = new Block({
  origin: { input: "bench", stream: "bench", metadata, time: time_rule },
  receipt: undefined as unknown as Receipt,
  bytes,
  starts,
  ends,
  count: events,
  offset: 0,
  read_at_ms: 1_742_539_047_915,
});
const target = Buffer.alloc(4096);

function scanning(scanner: Scanner): (number: number) => void {
  return (number) => {
    if (scanner.walker.scan(bytes, starts[number]!, ends[number]!) !== undefined) throw new Error();
  };
}

function handling(handle: (event: LogEvent) => void): (number: number) => void {
  const scanner = new Scanner(six, { time: time_rule });
  return (number) => handle(new LogEvent(block, number, scanner));
}

const cases: [string, (number: number) => void][] = [
  ["JSON.parse", (at) => JSON.parse(bytes.toString("latin1", starts[at], ends[at]))],
  ["scan, no paths", scanning(new Scanner([]))],
  ["scan, 6 paths", scanning(new Scanner(six))],
  ["scan, 6 and 50 paths in any case", scanning(new Scanner([...six, ...fifty]))],
  ["scan, 6 and 4 paths at any depth", scanning(new Scanner([...six, ...any_depth]))],
  [
    "event: scan, copy",
    handling((event) => {
      if (event.invalid === undefined && event.byteLength < 4096) event.copyTo(target, 0);
    }),
  ],
  [
    "event: scan, mask one, one absent, copy",
    handling((event) => {
      if (event.invalid !== undefined) return;
      event.replace(authorization, "[REDACTED]");
      event.replace(absent, "[REDACTED]");
      if (event.byteLength < 4096) event.copyTo(target, 0);
    }),
  ],
  [
    "event: the same, two values read, time written",
    handling((event) => {
      if (event.get(api_name) === "HeadObject" && event.get(status) === 200) return;
      event.replace(authorization, "[REDACTED]");
      event.replace(absent, "[REDACTED]");
      const at = event.writeTime(target, 0);
      if (event.byteLength < 4000) event.copyTo(target, at);
    }),
  ],
];

const nanoseconds = cases.map((): number[] => []);
for (let round = 0; round < rounds; round += 1) {
  cases.forEach(([, run], which) => {
    const start = process.hrtime.bigint();
    for (let number = 0; number < events; number += 1) run(number);
    nanoseconds[which]!.push(Number(process.hrtime.bigint() - start) / events);
  });
}

const yardstick = nanoseconds[0]!;
console.log(`${(bytes.length / events - 1).toFixed(0)} bytes an event, ${rounds} rounds`);
console.log("ns/event   best  of JSON.parse");
cases.forEach(([name], which) => {
  const rows = nanoseconds[which]!;
  // Each round is compared with the JSON.parse of the same round, as clock speeds change.
  const ratio = median(rows.map((each, round) => each / yardstick[round]!));
  const columns = [
    median(rows).toFixed(0).padStart(8),
    Math.min(...rows)
      .toFixed(0)
      .padStart(6),
  ];
  console.log(`${columns.join(" ")} ${(ratio * 100).toFixed(0).padStart(13)}%  ${name}`);
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
