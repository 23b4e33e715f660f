/**
 * JSON that is no lines, with the real daemon: each record is one event with its own bytes and time, redacted by the path
 * that holds for one record; what is no record is in quarantine with its line and column; and the planted secrets are
 * nowhere: not in what is sent, not in the log, not in the state directory.
 */
import { globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { crashWhileReading } from "../../support/crashes.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3cr3tPlanted";
const mask = "[REDACTED]";
const redact_token = `redact: { fields: ["responseElements.credentials.sessionToken"], with: "${mask}" }`;
const elements = "framing: { json: { records: Records } }";

/** As in the guide of S3: indents, a missing comma in the second record, and one too many in the third. */
function cloudtrail(): string {
  const record = (id: number): unknown => ({
    eventTime: `2019-02-01T03:18:1${id}Z`,
    eventName: "AssumeRole",
    responseElements: { credentials: { sessionToken: `${secret}${id}` } },
    additionalEventData: { SignatureVersion: "SigV4", AuthenticationMethod: "AuthHeader" },
    eventID: `id-${id}`,
  });
  const lines = JSON.stringify({ Records: [1, 2, 3].map(record) }, undefined, 4).split("\n");
  const version = lines.flatMap((line, at) => (line.includes("SignatureVersion") ? [at] : []));
  lines[version[1]!] = lines[version[1]!]!.replace(",", "");
  lines[version[2]! + 1] += ",";
  return `${lines.join("\n")}\n`;
}

const own_metadata = "metadata: { host: here, sourcetype: audit, fields: { site: b } }";
/** What of it is kept in quarantine. */
const kept_metadata = (source: string): object => ({
  host: "here",
  sourcetype: "audit",
  fields: { site: "b" },
  source,
});

interface Run {
  readonly directory: string;
  readonly times: readonly unknown[];
  readonly events: readonly string[];
  readonly quarantined: readonly Record<string, unknown>[];
  readonly daemon: Daemon;
}

/** Ships one file. */
async function ship(text: string, framing: string, received: number): Promise<Run> {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.json");
  writeFileSync(path, text);
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    chain: [redact_token],
    input: [framing],
  });
  const daemon = await Daemon.start(config);
  await eventually(() => splunk.events.length + quarantinedIn(directory).length === received);
  return settled(directory, splunk, daemon);
}

/** The lines of the quarantine. */
function quarantinedIn(directory: string): Record<string, unknown>[] {
  const files = globSync(join(stateDirectory({ directory, url: "" }), "quarantine", "*.jsonl"));
  const lines = files.flatMap((each) => readFileSync(each, "utf8").split("\n").filter(Boolean));
  return lines.map((each) => JSON.parse(each) as Record<string, unknown>);
}

/** Stops the daemon, and looks for the secret wherever it may have left one. */
async function settled(directory: string, splunk: Splunk, daemon: Daemon): Promise<Run> {
  expect(await daemon.stop()).toBe(0);
  const { events } = splunk;
  const files = globSync(`${stateDirectory({ directory, url: "" })}/**`).filter((each) =>
    statSync(each).isFile(),
  );
  const kept = files.map((each) => readFileSync(each, "latin1"));
  expect([...events, ...daemon.lines, ...kept].filter((each) => each.includes(secret))).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({ in_flight: 0, dropped: 0 });
  return {
    directory,
    events,
    times: splunk.indexed.map(({ time }) => Number(time)),
    quarantined: quarantinedIn(directory),
    daemon,
  };
}

longTest(
  "json framing - a CloudTrail file with faulty commas: the good record is shipped, the others are in quarantine",
  async () => {
    const { times, quarantined, events } = await ship(cloudtrail(), elements, 3);
    expect(times).toEqual([Date.parse("2019-02-01T03:18:11Z") / 1000]);
    expect(events[0]).toContain(`"sessionToken": "${mask}"`);
    expect(quarantined.map(({ reason, detail }) => [reason, detail])).toEqual([
      ["not_json", "a comma or the end of the object is expected at line 27, column 17"],
      ["not_json", "a key in double quotes is expected at line 42, column 13"],
    ]);
    for (const each of quarantined) expect(each["text"]).toContain('"eventID": "id-');
  },
);

longTest(
  "json framing - a CloudTrail file in one line: two events with their own times",
  async () => {
    const record = (id: number): string =>
      `{"eventTime":"2025-03-21T06:37:2${id}Z","responseElements":{"credentials":{"sessionToken":"${secret}"}}}`;
    const text = `{"Records":[${record(7)},${record(8)}]}`;
    const { times, events } = await ship(text, elements, 2);
    expect(times).toEqual([1_742_539_047, 1_742_539_048]);
    expect(events).toEqual([record(7), record(8)].map((each) => each.replace(secret, mask)));
  },
);

longTest(
  "json framing - an EventList of Kubernetes: its items are events, and its other members are logged",
  async () => {
    const item = (id: number): unknown => ({
      auditID: `id-${id}`,
      responseElements: { credentials: { sessionToken: secret } },
    });
    const list = {
      kind: "EventList",
      apiVersion: "audit.k8s.io/v1",
      metadata: {},
      items: [1, 2].map(item),
    };
    const text = JSON.stringify(list, undefined, "\t");
    const { events, daemon } = await ship(text, "framing: { json: { records: items } }", 2);
    expect(events.map((each) => (JSON.parse(each) as { auditID: string }).auditID)).toEqual([
      "id-1",
      "id-2",
    ]);
    expect(daemon.of("file_members_skipped")).toMatchObject([{ members: 3 }]);
  },
);

longTest(
  "json framing - documents with indents, garbage, and a truncated one at a file's end",
  async () => {
    const document = (id: number): string =>
      JSON.stringify(
        { id, responseElements: { credentials: { sessionToken: secret } } },
        undefined,
        2,
      );
    const whole = `${document(1)}\n${document(2)}${document(3)}\nsessionToken=${secret}\n${document(4)}\n`;
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.json");
    writeFileSync(path, whole + document(5).slice(0, -4));
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      chain: [redact_token],
      input: ["framing: json", "rotate_wait: 100ms", own_metadata],
    });
    const daemon = await Daemon.start(config);
    await splunk.until(() => splunk.events.length === 4);
    rmSync(path);
    await eventually(() => quarantinedIn(directory).length === 2);
    const { events, quarantined } = await settled(directory, splunk, daemon);
    expect(events.map((each) => (JSON.parse(each) as { id: number }).id)).toEqual([1, 2, 3, 4]);
    expect(quarantined.map(({ reason, detail }) => [reason, detail])).toEqual([
      ["between_documents", "an object or an array is expected at line 24, column 1"],
      ["unfinished_json", "ends too early; it begins at line 33, column 1"],
    ]);
    // They can be replayed as what they are.
    for (const { metadata } of quarantined) expect(metadata).toMatchObject(kept_metadata(path));
  },
);

test("json framing - a socket takes documents in any pieces; a receiver, lists; a file, arrays in lines", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "in.sock");
  const port = await freePort();
  const element = (id: string): string =>
    `{"id":"${id}","responseElements":{"credentials":{"sessionToken":"${secret}"}}}`;
  const arrays = join(directory, "arrays.log");
  writeFileSync(arrays, `[${element("a")},${element("b")}]\n[${element("c")}]\n[]\n`);
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      "audit:",
      "  type: socket",
      `  path: ${path}`,
      `  ${elements}`,
      `  ${own_metadata}`,
      "api:",
      "  type: hec",
      `  listen: 127.0.0.1:${port}`,
      "  tokens: [hook-token-0123456789]",
      "  framing: { json: { records: items } }",
      "arrays:",
      `  paths: [${arrays}]`,
      '  framing: { json: { records: "." } }',
    ],
    chain: [redact_token],
  });
  const daemon = await Daemon.start(config);
  const socket = connect(path);
  const text = cloudtrail();
  for (let at = 0; at < text.length; at += 100) {
    socket.write(text.slice(at, at + 100));
    await delay(1);
  }
  socket.end();
  const list = `{"kind":"EventList","items":[${element("k")},\n ${element("l")}],"metadata":{}}`;
  const response = await fetch(`http://127.0.0.1:${port}/services/collector/raw`, {
    method: "POST",
    headers: { authorization: "Splunk hook-token-0123456789" },
    body: list,
  });
  expect(response.status).toBe(200);
  await splunk.until(() => splunk.events.length === 6);
  await eventually(() => quarantinedIn(directory).length === 2);
  const { quarantined, events } = await settled(directory, splunk, daemon);
  const shown = ["a", "b", "c", "k", "l"].map((id) => element(id).replace(secret, mask));
  expect(events.filter((each) => each.startsWith('{"id"')).toSorted()).toEqual(shown);
  for (const each of quarantined) expect(each["metadata"]).toMatchObject(kept_metadata(path));
  expect(quarantined.map(({ detail }) => detail)).toEqual([
    "a comma or the end of the object is expected at line 27, column 17",
    "a key in double quotes is expected at line 42, column 13",
  ]);
});

longTest(
  "json framing - a file that is no lines is told with the framing that fits, once",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const names = ["a.json", "b.json"].map((name) => join(directory, name));
    for (const path of names) writeFileSync(path, cloudtrail());
    const config = writeConfig({ directory, url: splunk.url, paths: names, chain: [redact_token] });
    const daemon = await Daemon.start(config);
    await eventually(() => quarantinedIn(directory).length > 80);
    const { daemon: stopped } = await settled(directory, splunk, daemon);
    expect(stopped.of("file_framing_unfit")).toMatchObject([
      { level: "warn", input: "audit", fitting: "{ json: { records: Records } }" },
    ]);
  },
);

const efforts = { all: { kills: 8, mib: 30 } };

sampled(
  ({ kills, mib }) =>
    `json framing - ${kills} crashes in a CloudTrail file of ${mib} MiB lose nothing`,
  efforts,
  async ({ kills, mib }) => {
    const record = (number: number): unknown => ({
      number,
      filler: Array.from({ length: 40 }, () => "x".repeat(20)),
    });
    const written = (numbers: readonly number[]): string =>
      JSON.stringify({ Records: numbers.map((number) => record(number)) }, undefined, 4);
    const record_bytes = written([1_000_000]).length;
    const records = Math.ceil((mib * 1024 * 1024) / record_bytes);
    const numbers = Array.from({ length: records }, (_, number) => number);
    await crashWhileReading({
      kills,
      seed: 7,
      name: "trail.json",
      records,
      record_bytes,
      write: (path) => writeFileSync(path, written(numbers)),
      input: [elements],
      chain: [redact_token],
    });
  },
);
