/**
 * Compressed files, with the real daemon: CloudTrail's are read as they are; what logrotate compresses is shipped once,
 * whether it was read before, in part or not at all; damage is counted; and the planted secrets are nowhere: not in what is
 * sent, not in the log, not in the state directory.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Status } from "../../../src/admin/status/status.ts";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { crashWhileReading } from "../../support/crashes.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3cr3tPlanted";
const redact_token = 'redact: { fields: ["responseElements.credentials.sessionToken"] }';
const elements = "framing: { json: { records: Records } }";

function record(id: string): unknown {
  const credentials = { sessionToken: secret };
  return { eventTime: "2025-03-21T06:37:27Z", responseElements: { credentials }, eventID: id };
}

function trail(...ids: string[]): string {
  return JSON.stringify({ Records: ids.map((id) => record(id)) });
}

test("compressed - CloudTrail files are read as they are; what is damaged, excluded or empty is said", async () => {
  const directory = temporaryDirectory();
  const files = join(directory, "trail");
  mkdirSync(files);
  const put = (name: string, bytes: Buffer): void => writeFileSync(join(files, name), bytes);
  put("1_CloudTrail_a.json.gz", gzipSync('{"Records":[{"eventTime":"2025-03-21T06:37:27Z"}]}'));
  put("2_CloudTrail_b.json.gz", gzipSync(trail("b1", "b2", "b3")));
  put(
    "3_CloudTrail_members.json.gz",
    Buffer.concat([gzipSync(trail("c1")), gzipSync(trail("c2"))]),
  );
  put("4_CloudTrail_d.json.zst", zstdCompressSync(trail("d1", "d2")));
  put("5_CloudTrail_gz_by_another_name.json", gzipSync(trail("e1")));
  const cut = gzipSync(trail("f1", "f2"), { level: 0 });
  put("6_CloudTrail_cut.json.gz", cut.subarray(0, cut.length - 60));
  put(
    "7_CloudTrail_garbage.json.gz",
    Buffer.concat([gzipSync(trail("g1")), Buffer.from("garbage")]),
  );
  put("8_CloudTrail_empty.json.gz", Buffer.alloc(0));
  put("excluded.xz", Buffer.from("anything"));
  const splunk = await Splunk.start();
  const paths = [`${files}/*CloudTrail*`, `${files}/*.xz`];
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths,
    chain: [redact_token],
    input: [elements, "rotate_wait: 200ms"],
  });
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.events.length >= 11 || !daemon.alive);
  await eventually(() => daemon.of("file_damaged").length === 2);
  let status!: Status & { warnings: { message: string }[] };
  await eventually(async () => {
    const json = await tallyman(["status", "--all", "-c", config, "--json"]);
    status = JSON.parse(json.out) as typeof status;
    return status.inputs[0]!.lag_bytes === 0;
  });
  const lines = await tallyman(["status", "--all", "-c", config]);
  expect(await daemon.stop()).toBe(0);
  expect(splunk.events).toContain('{"eventTime":"2025-03-21T06:37:27Z"}');
  // What has none is that first one, and the gap event for what is lost.
  const ids = splunk.events.flatMap(
    (each) => (JSON.parse(each) as { eventID?: string }).eventID ?? [],
  );
  const wanted = ["b1", "b2", "b3", "c1", "c2", "d1", "d2", "e1", "f1", "g1"];
  expect(ids.toSorted()).toEqual(wanted.toSorted());
  const times = splunk.indexed.map(({ time }) => Number(time));
  expect(times.filter((time) => time === 1_742_539_047)).toHaveLength(11);
  const damages = daemon
    .of("file_damaged")
    .map(({ damage, lost_bytes }) => `${String(damage)} ${String(lost_bytes)}`);
  expect(damages.toSorted((a, b) => a.localeCompare(b))).toEqual(["damaged 7", "truncated 8"]);
  const { books } = daemon;
  expect(books.balanced).toBe(true);
  // The record that is cut is in quarantine.
  expect(books.total).toMatchObject({ quarantined: 1, lost_bytes: 15 });
  expect(books.inputs["audit"]!.lost_bytes).toEqual({ damaged: 15 });
  const [input] = status.inputs;
  expect(input!.files).toMatchObject({ unmatched: [], excluded: [{ path: paths[1] }] });
  expect(lines.out).toContain("matches only excluded files, such as");
  expect(lines.out).toContain("8_CloudTrail_empty.json.gz is empty");
  expect(lines.out).not.toContain("matches no file");
  const on_disk = filesBelow(stateDirectory({ directory, url: "" })).map(String);
  for (const text of [...splunk.events, ...daemon.lines, ...on_disk]) {
    expect(text).not.toContain(secret);
  }
});

/** Lines with the numbers from `from` to `to`. */
function numbered(from: number, to: number): string {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return numbers.map((number) => `{"n":${number},"filler":"${"x".repeat(200)}"}\n`).join("");
}

/** As logrotate with `compress` does it: the older ones move on, the file gets a number, and is compressed. */
function rotate(directory: string, compress: "now" | "later"): void {
  const path = join(directory, "audit.log");
  const numbers = readdirSync(directory)
    .map((name) => /^audit\.log\.(\d+)(\.gz)?$/.exec(name))
    .filter((match) => match !== null)
    .sort((a, b) => Number(b[1]) - Number(a[1]));
  for (const [name, number, suffix = ""] of numbers) {
    renameSync(join(directory, name), `${path}.${Number(number) + 1}${suffix}`);
  }
  const older = `${path}.2`;
  renameSync(path, `${path}.1`);
  writeFileSync(path, "");
  if (compress === "now") execFileSync("gzip", [`${path}.1`]);
  else if (readdirSync(directory).includes("audit.log.2")) execFileSync("gzip", [older]);
}

const rotations = [
  ["later", "audit.log*"],
  ["now", "audit.log"],
] as const;

test.runIf(is_long).each(rotations)(
  "compressed - rotation that compresses %s, path %s: each event once, over stops and while events wait",
  long,
  async (compress, pattern) => {
    const directory = temporaryDirectory();
    const files = join(directory, "log");
    mkdirSync(files);
    const path = join(files, "audit.log");
    const splunk = await Splunk.start();
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [join(files, pattern)],
      input: ["rotate_wait: 300ms", "poll_interval: 100ms", "max_open_files: 1"],
    });
    let written = 0;
    const write = (count: number): void => {
      appendFileSync(path, numbered(written, written + count));
      written += count;
    };
    write(2000);
    let daemon = await Daemon.start(config);
    await splunk.until(() => splunk.events.length === written || !daemon.alive);
    // Compressed while it runs, all read.
    rotate(files, compress);
    write(1000);
    await splunk.until(() => splunk.events.length === written || !daemon.alive);
    await delay(1500);
    // Compressed while it is stopped, read in part, and one that it never saw.
    expect(await daemon.stop()).toBe(0);
    write(3000);
    rotate(files, compress);
    write(1500);
    rotate(files, compress);
    write(500);
    daemon = await Daemon.start(config);
    await splunk.until(() => splunk.events.length >= written || !daemon.alive);
    // Compressed while Splunk takes little: it is read in part.
    splunk.always({ kind: "normal", delay_ms: 60 });
    write(20_000);
    await delay(300);
    rotate(files, compress);
    write(100);
    await splunk.until(() => splunk.events.length >= written || !daemon.alive);
    await delay(1500);
    expect(await daemon.stop()).toBe(0);
    const numbers = splunk.events.map((each) => (JSON.parse(each) as { n: number }).n);
    expect(numbers.length).toBe(written);
    expect(new Set(numbers).size).toBe(written);
    expect(daemon.books.total).toMatchObject({ lost_bytes: 0, in_flight: 0, delivered: written });
  },
);

longTest(
  "compressed - a file that is copied to its place in pieces is read once it is whole",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const files = join(directory, "in");
    mkdirSync(files);
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [`${files}/*.gz`],
      input: ["rotate_wait: 2s", "poll_interval: 50ms"],
    });
    const daemon = await Daemon.start(config);
    const packed = gzipSync(numbered(0, 3000));
    const path = join(files, "audit.gz");
    for (let at = 0; at < packed.length; at += 2000) {
      appendFileSync(path, packed.subarray(at, at + 2000));
      await delay(40);
    }

    await splunk.until(() => splunk.events.length >= 3000 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toHaveLength(3000);
    expect(daemon.of("file_damaged")).toEqual([]);
    expect(daemon.books.total).toMatchObject({ lost_bytes: 0, delivered: 3000 });
  },
);

const efforts = { all: { kills: 8, mib: 30 } };

sampled(
  ({ kills, mib }) =>
    `compressed - ${kills} crashes in a CloudTrail .json.gz of ${mib} MiB lose nothing`,
  efforts,
  async ({ kills, mib }) => {
    const filler = "x".repeat(900);
    const record_bytes = JSON.stringify({ number: 1_000_000, filler }).length;
    const records = Math.ceil((mib * 1024 * 1024) / record_bytes);
    const all = Array.from({ length: records }, (_, number) => ({ number, filler }));
    await crashWhileReading({
      kills,
      seed: 11,
      name: "trail.json.gz",
      records,
      record_bytes,
      write: (path) => writeFileSync(path, gzipSync(JSON.stringify({ Records: all }))),
      input: [elements],
    });
  },
);
