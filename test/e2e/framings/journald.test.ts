/**
 * Entries of the journal with the real daemon, from a file and over a socket: each is an event with its time and its host, the planted
 * secrets are nowhere in the clear, and kill -9 at any moment loses none.
 */
import { renameSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { fieldOf } from "../../support/framing/journal-exports.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-example";
const entryOf = (number: number, ...fields: string[]): string =>
  [
    fieldOf("__CURSOR", `s=1;i=${number}`),
    fieldOf("__REALTIME_TIMESTAMP", `1752480000${String(number).padStart(6, "0")}`),
    fieldOf("_HOSTNAME", "db-1"),
    ...fields,
    "\n",
  ].join("");

const whole = [
  entryOf(1, fieldOf("MESSAGE", "kept"), fieldOf("DB_PASSWORD", secret)),
  entryOf(2, fieldOf("DB_PASSWORD", `${secret}\n\n__CURSOR=s\nA=${secret}`, true)),
  entryOf(3, fieldOf("DB_PASSWORD", secret), fieldOf("A", "1"), fieldOf("DB_PASSWORD", secret)),
  entryOf(4, fieldOf("MESSAGE", `{"user":"ann","password":"${secret}"}`)),
  entryOf(5, fieldOf("MESSAGE", `{"user":"Zo\xeb","password":"${secret}"}`, true)),
  entryOf(
    6,
    fieldOf("MESSAGE", `{"password":\n"${secret}"}`, true),
    fieldOf("A", "\0\u001b", true),
  ),
];
const long = entryOf(7, fieldOf("DB_PASSWORD", secret), fieldOf("X", "x".repeat(5000)));
/** The text of these is kept back. */
const broken = [
  entryOf(8, fieldOf("DB_PASSWORD", secret), `no field ${secret}\n\n${secret}\n`),
  entryOf(9, `DB_PASSWORD\n${"\xff".repeat(8)}${secret}\n`),
];
const line = "Info: no entry\n";
const last = entryOf(10, fieldOf("MESSAGE", "last"));
/** The bytes end inside a value. */
const unfinished = `${fieldOf("__CURSOR", "s=1;i=11")}DB_PASSWORD=${secret}`;
const all = [...whole, long, line, ...broken, last].join("");

test("journald framing - entries of a file and of a socket arrive with their times and hosts, and without what is secret", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("journal.export"), all, "latin1");
  const json = {
    MESSAGE: `{"password":"${secret}"}`,
    A: [1, 2],
    DB_PASSWORD: secret,
    __REALTIME_TIMESTAMP: "1752480000123456",
  };
  writeFileSync(path("journal.json"), `${JSON.stringify(json)}\n`);
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      `file: { type: file, paths: ["${path("journal.export")}"], framing: journald, max_event_bytes: 2KiB, metadata: { sourcetype: file } }`,
      `socket: { type: socket, path: ${path("journal.sock")}, framing: journald, max_event_bytes: 2KiB, metadata: { sourcetype: socket } }`,
      `lines: { type: file, paths: ["${path("journal.json")}"], time: { field: [__REALTIME_TIMESTAMP] }, metadata: { sourcetype: lines } }`,
    ],
    chain: ["redact: { fields: [DB_PASSWORD, MESSAGE.password] }"],
  });
  const daemon = await Daemon.start(config);
  const socket = createConnection(path("journal.sock"));
  const bytes = Buffer.from(all + unfinished, "latin1");
  for (let at = 0; at < bytes.length; at += 61) {
    socket.write(bytes.subarray(at, at + 61));
    if (at % 610 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  const shipped = 2 * (whole.length + 1) + 1 + 1;
  const quarantined = 2 * (1 + 1 + broken.length + 1);
  await splunk.until(() => splunk.indexed.length === shipped || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const mask = "[REDACTED]";
  for (const sourcetype of ["file", "socket"]) {
    const those = splunk.indexed.filter((each) => each.sourcetype === sourcetype);
    const events = those.map(({ event }) => JSON.parse(event.toString()) as object);
    expect(events[0]).toEqual({
      __CURSOR: "s=1;i=1",
      __REALTIME_TIMESTAMP: "1752480000000001",
      _HOSTNAME: "db-1",
      MESSAGE: "kept",
      DB_PASSWORD: mask,
    });
    expect(events.slice(1, 6)).toMatchObject([
      { DB_PASSWORD: mask },
      { DB_PASSWORD: mask, A: "1" },
      { MESSAGE: `{"user":"ann","password":"${mask}"}` },
      { MESSAGE: `{"user":"Zo\ufffd","password":"${mask}"}` },
      { MESSAGE: `{"password":\n"${mask}"}`, A: "\0\u001b" },
    ]);
    expect(those.slice(0, 7).map(({ time, host }) => [time, host])).toEqual(
      [1, 2, 3, 4, 5, 6, 10].map((number) => [
        `1752480000.${String(number).padStart(6, "0")}`,
        "db-1",
      ]),
    );
    expect(daemon.books.inputs[sourcetype]!.quarantined).toEqual({
      "unreadable:redact": 1,
      broken_entry: 2,
      rest_of_record: 1,
      not_journald: 1,
    });
  }
  expect(splunk.indexed.find(({ sourcetype }) => sourcetype === "lines")).toMatchObject({
    time: "1752480000.123456",
  });
  const rest = splunk.indexed.find(({ fields }) => fields?.["tallyman_unfinished"] === true);
  expect(JSON.parse(rest!.event.toString())).toEqual({ __CURSOR: "s=1;i=11", DB_PASSWORD: mask });
  const kept = filesBelow(path("state")).map((each) => each.toString("latin1"));
  expect(
    [...kept, ...daemon.lines, ...splunk.events].filter((each) => each.includes(secret)),
  ).toEqual([]);
  expect(kept.join()).toContain("Info: no entry");
  expect(daemon.of("stream_framing_unfit")).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({ received: shipped + quarantined, in_flight: 0 });
});

longTest(
  "journald framing - 10 crashes while 20,000 entries are read, across a rotation, lose none",
  async () => {
    const random = seededRandom(7);
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "normal", delay_ms: 5 });
    const path = join(directory, "journal.export");
    const count = 20_000;
    const entries = Array.from({ length: count }, (_, number) =>
      entryOf(number, fieldOf("MESSAGE", `a\n\n${"x".repeat(random() * 200)}`, true)),
    );
    const text = entries.join("");
    // Rotated in the middle of an entry, as copying and truncating may do.
    const half = text.indexOf(entries[count / 2]!) + 40;
    writeFileSync(path, text.slice(0, half), "latin1");
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      input: ["framing: journald", "rotate_wait: 100ms"],
      output: ["batch: { max_bytes: 64KiB }", "max_in_flight: 4"],
    });
    for (let kill = 0; kill < 10; kill += 1) {
      const requests = splunk.requests.length;
      const daemon = await Daemon.start(config);
      await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
      await delay(random() * 100);
      await daemon.crash();
    }
    splunk.always({ kind: "normal" });
    const daemon = await Daemon.start(config);
    const seen = new Set<string>();
    let looked_at = 0;
    const seenCount = (): number => {
      for (; looked_at < splunk.indexed.length; looked_at += 1) {
        const event = splunk.indexed[looked_at]!.event.toString();
        seen.add((JSON.parse(event) as { __CURSOR: string }).__CURSOR);
      }
      return seen.size;
    };
    await splunk.until(() => seenCount() >= count / 2 || !daemon.alive);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text.slice(half), "latin1");
    // The beginning of the one that was cut is shipped. Its rest, which has a blank line in it, is kept back.
    await splunk.until(() => seenCount() === count || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({ received: count + 2, quarantined: 2 });
    expect(daemon.books.inputs["audit"]!.quarantined).toEqual({ rest_of_record: 2 });
  },
);
