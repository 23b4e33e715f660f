/**
 * Records of several lines, and last records without an end, with the real daemon: each is one event, masked as a whole, and
 * the planted secrets are nowhere: not in what is sent, not in the log, not in the state directory.
 */
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-example";
const redact = `redact: { fields: ["password"], on_unreadable: text, with: "[REDACTED]" }`;
const dated = "framing: { multiline: { start: '^\\d{4}-\\d\\d-\\d\\d ', flush_after: 300ms } }";

const pgaudit = `2025-03-21 06:37:27 LOG:  AUDIT: SESSION,3,1,ROLE,ALTER ROLE,,,"ALTER ROLE ann
 PASSWORD
 '${secret}'",<none>
`;
const pem = `2025-03-21 06:37:28 INFO loaded -----BEGIN PRIVATE KEY-----
MIIEexample${secret}
-----END PRIVATE KEY-----
`;

interface Run {
  readonly events: readonly string[];
  readonly splunk: Splunk;
}

/** Stops the daemon, and looks for the secret wherever it may have left one. */
async function settled(directory: string, splunk: Splunk, daemon: Daemon): Promise<Run> {
  expect(await daemon.stop()).toBe(0);
  const { events } = splunk;
  const kept = filesBelow(stateDirectory({ directory, url: "" })).map((each) =>
    each.toString("latin1"),
  );
  expect([...events, ...daemon.lines, ...kept].filter((each) => each.includes(secret))).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({
    in_flight: 0,
    dropped: 0,
    quarantined: 0,
    lost_bytes: 0,
    delivered: events.length,
  });
  return { events, splunk };
}

/** Ships one file, in which so many events are. */
async function ship(text: string, input: string[], count: number): Promise<Run> {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, text);
  const config = writeConfig({ directory, url: splunk.url, paths: [path], chain: [redact], input });
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.events.length >= count || !daemon.alive);
  return settled(directory, splunk, daemon);
}

test("groups - a statement of pgaudit and a key in PEM are one event each, masked as within a line", async () => {
  const { events, splunk } = await ship(pgaudit + pem, [dated, "time: { zone: UTC }"], 2);
  expect(events.map((each) => JSON.parse(each) as string)).toEqual([
    `${pgaudit.slice(0, pgaudit.indexOf(secret))}[REDACTED]`,
    "2025-03-21 06:37:28 INFO loaded [REDACTED]",
  ]);
  expect(splunk.indexed.map(({ time }) => Number(time))).toEqual([1_742_539_047, 1_742_539_048]);
});

longTest(
  "groups - stack traces with CRLF keep their line ends, and one beyond the bounds is marked",
  async () => {
    const trace = (lines: number): string =>
      [
        "2025-03-21 06:37:29 ERROR login failed",
        ` password: ${secret}`,
        ...Array.from({ length: lines }, (_, number) => `\tat Login.java:${number}`),
      ].join("\r\n");
    const options = "{ start: '^\\d{4}-', max_lines: 20, flush_after: 300ms }";
    const text = `${trace(3)}\r\n\r\n${trace(30)}\r\n${trace(1)}\r\n`;
    const { events, splunk } = await ship(text, [`framing: { multiline: ${options} }`], 4);
    const shown = events.map((each) => JSON.parse(each) as string);
    // What is masked goes to the end of its line, CR included.
    const masked = (lines: number): string => trace(lines).replace(`${secret}\r`, "[REDACTED]");
    expect(shown[0]).toBe(`${masked(3)}\r\n`);
    expect(`${shown[1]!}\r\n${shown[2]!}`).toBe(masked(30));
    expect(shown[3]).toBe(masked(1));
    expect(splunk.indexed.map(({ fields }) => fields)).toEqual([
      undefined,
      { tallyman_group_cut: true },
      { tallyman_group_cut: true },
      undefined,
    ]);
  },
);

longTest(
  "groups - a socket takes statements in any pieces, and gives out one whose end does not come",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "in.sock");
    const framing = "framing: { multiline: { end: ';$', flush_after: 300ms } }";
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: ["sql:", "  type: socket", `  path: ${path}`, `  ${framing}`],
      chain: [redact],
    });
    const daemon = await Daemon.start(config);
    const socket = connect(path);
    const statement = `ALTER ROLE ann\n PASSWORD\n '${secret}';`;
    const text = `${statement}\n${statement}\nSELECT 1\n`;
    for (let at = 0; at < text.length; at += 7) {
      socket.write(text.slice(at, at + 7));
      await delay(1);
    }
    await splunk.until(() => splunk.events.length === 3);
    socket.end("FROM t;\n");
    await splunk.until(() => splunk.events.length === 4);
    const { events } = await settled(directory, splunk, daemon);
    const masked = `ALTER ROLE ann\n PASSWORD\n '[REDACTED]';`;
    expect(events.map((each) => JSON.parse(each) as string)).toEqual([
      masked,
      masked,
      "SELECT 1",
      "FROM t;",
    ]);
    expect(splunk.indexed[3]!.fields).toEqual({ tallyman_group_cut: true });
  },
);

longTest("groups - a rotated file's last group is shipped, and so is that of a copy", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  const group = (id: number): string => `2025-03-21 06:37:27 group ${id}\n one\n two`;
  writeFileSync(path, `${group(1)}\n`);
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    input: [dated.replace("300ms", "1h"), "rotate_wait: 500ms"],
  });
  const daemon = await Daemon.start(config);
  await eventually(async () => (await askStatus(adminOf(directory))).inputs[0]!.lag_bytes! > 0);
  renameSync(path, `${path}.1`);
  writeFileSync(path, `${group(2)}\n`);
  await splunk.until(() => splunk.events.length === 1);
  // With copytruncate the group that is not shipped yet is in the copy alone.
  await eventually(async () => (await askStatus(adminOf(directory))).inputs[0]!.lag_bytes! > 0);
  copyFileSync(path, `${path}.2`);
  truncateSync(path);
  await splunk.until(() => splunk.events.length === 2);
  const { events } = await settled(directory, splunk, daemon);
  expect(events.map((each) => JSON.parse(each) as string)).toEqual([group(1), group(2)]);
});

const document = '{"time":"2025-03-21T06:37:27Z","n":1}';

longTest(
  "quiet ends - a last record without an end is shipped once, over a crash; until then status says that it waits",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const names = ["document.json", "text.log", "pretty.json"];
    const [one, text, pretty] = names.map((name) => join(directory, name));
    writeFileSync(one!, document);
    writeFileSync(text!, "first\nsecond, a part");
    writeFileSync(pretty!, JSON.stringify({ n: 2 }, undefined, 2));
    const an_hour_ago = Date.now() / 1000 - 3600;
    utimesSync(text!, an_hour_ago, an_hour_ago);
    const inputs = (more: string) => [
      "document:",
      `  paths: [${one!}]`,
      `  ${more}`,
      "text:",
      `  paths: [${text!}]`,
      `  ${more}`,
      "pretty:",
      `  paths: [${pretty!}]`,
      "  framing: json",
    ];
    const agent = { directory, url: splunk.url, chain: [redact] };
    const waiting = await Daemon.start(
      writeConfig({ ...agent, inputs: inputs("start_at: beginning") }),
    );
    await splunk.until(() => splunk.events.length === 2);
    const { inputs: states } = await askStatus(adminOf(directory));
    expect(states.map(({ files }) => files!.unfinished.unfinished_bytes)).toEqual([
      document.length,
      "second, a part".length,
      0,
    ]);
    const shown = await tallyman(["status", "--all", "-c", join(directory, "config.yaml")]);
    expect(shown.status).toBe(3);
    expect(shown.out).toContain("14 B without an end for 1 h 0 min");
    expect(shown.out).toContain("has waited for its end for 60 min");
    expect(await waiting.stop()).toBe(0);

    const flushing = await Daemon.start(
      writeConfig({ ...agent, inputs: inputs("flush_after: 500ms") }),
    );
    await splunk.until(() => splunk.events.length === 4);
    // The crash comes when what was shipped is written down, so that it repeats nothing.
    const offsets = [document.length, "first\nsecond, a part".length];
    await eventually(() => {
      const state = readFileSync(join(stateDirectory(agent), "state.json"), "utf8");
      return offsets.every((each) => state.includes(`"checkpoint":{"offset":${each},`));
    });
    await flushing.crash();
    appendFileSync(one!, "\n");
    appendFileSync(text!, " of it\n");
    const last = await Daemon.start(
      writeConfig({ ...agent, inputs: inputs("flush_after: 500ms") }),
    );
    await splunk.until(() => splunk.events.some((each) => each.includes("of it")));
    await last.stop();
    const unfinished = splunk.indexed
      .filter(({ fields }) => fields?.["tallyman_unfinished"] === true)
      .map(({ event }) => event.toString());
    expect(unfinished.toSorted()).toEqual(['"second, a part"', document]);
    expect(splunk.events.filter((each) => each.includes("of it"))).toEqual(['" of it"']);
    expect(Number(splunk.indexed.find(({ event }) => event.toString() === document)!.time)).toBe(
      1_742_539_047,
    );
  },
);

sampled(
  (kills) => `groups - ${kills} crashes in the middle of groups lose none and tear none`,
  { all: 15 },
  async (kills) => {
    const random = seededRandom(12);
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.log");
    // The last group has more than its first line.
    const lines = 400 * kills + 1;
    const group = (id: number): string =>
      [`2025-03-21 06:37:27 group ${id}`, ...Array.from({ length: id % 7 }, () => " x")].join("\n");
    const all = Array.from({ length: lines }, (_, id) => `${group(id)}\n`).join("");
    const framing = dated.replace("300ms", "1h");
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      input: [framing, "rotate_wait: 500ms"],
      output: ["batch: { max_bytes: 16KiB }"],
    });
    let written = 0;
    writeFileSync(path, "");
    for (let kill = 0; kill < kills; kill += 1) {
      const daemon = await Daemon.start(config);
      // The last group that is there is torn at any byte.
      const to = Math.floor((all.length * (kill + random())) / kills);
      appendFileSync(path, all.slice(written, to));
      written = to;
      const { length } = splunk.requests;
      await splunk.until(() => splunk.requests.length > length || !daemon.alive);
      await delay(random() * 100);
      await daemon.crash();
    }
    appendFileSync(path, all.slice(written));
    const last = await Daemon.start(config);
    renameSync(path, `${path}.1`);
    await splunk.until(() => splunk.events.some((each) => each.includes(`group ${lines - 1}\\n`)));
    expect(await last.stop()).toBe(0);
    const found = new Set(splunk.events.map((each) => JSON.parse(each) as string));
    expect([...found].toSorted()).toEqual(
      Array.from({ length: lines }, (_, id) => group(id)).toSorted(),
    );
    expect(last.books.balanced).toBe(true);
    expect(last.books.total).toMatchObject({ received: lines, delivered: lines, lost_bytes: 0 });
  },
);

function adminOf(directory: string): string {
  return join(stateDirectory({ directory, url: "" }), "admin.sock");
}
