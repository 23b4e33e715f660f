/** Times of events, by the real daemon: a backlog gets the times that its events say, and what cannot be read is known. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { askStatus, scrape } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { warningsIn } from "../../../src/admin/status/warnings.ts";

/** Ships these lines, and gives the times in Splunk in their order; undefined for that of reading. */
async function ship(lines: readonly string[], time?: string) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  const input = time === undefined ? [] : [`time: ${time}`];
  const agent = { directory, url: splunk.url, paths: [path], input };
  const before_s = Date.now() / 1000;
  const daemon = await Daemon.start(writeConfig(agent));
  await splunk.until(({ indexed }) => indexed.length === lines.length);
  const socket = join(stateDirectory(agent), "admin.sock");
  const times = splunk.indexed.map((event) => {
    const text = String(event.time);
    return Number(text) >= Math.floor(before_s) ? undefined : text;
  });
  return { times, daemon, status: await askStatus(socket), metrics: await scrape(socket) };
}

test("times - as Elasticsearch, MySQL, PostgreSQL and nginx write them", async () => {
  const lines = [
    "2020-12-30T22:30:06,949+0200",
    "2020-10-19 19:21:33",
    "2026-07-01T09:29:17 UTC",
    "2025-03-21 06:37:27.915 UTC",
    "2025-03-21T06:37:27.915+01",
    "21/Mar/2025:06:37:27 +0000",
  ].map((timestamp, n) => JSON.stringify({ timestamp, n }));
  const { times, daemon, status, metrics } = await ship(lines);
  expect(times).toEqual([
    "1609360206.949",
    undefined,
    "1782898157",
    "1742539047.915",
    "1742535447.915",
    "1742539047",
  ]);
  expect(daemon.of("time_unreadable")).toMatchObject([
    { input: "audit", fault: "no_zone", path: "timestamp", shape: "9999-99-99 99:99:99" },
  ]);
  expect(warningsIn(status)).toContainEqual({
    code: "time_unreadable",
    severity: "hint",
    subject: "audit",
    message:
      "one event got the time of reading: theirs names no zone; set time.zone (first at timestamp, written as 9999-99-99 99:99:99)",
  });
  expect(metrics.get('tallyman_time_faults_total{input="audit",fault="no_zone"}')).toBe(1);
});

longTest(
  "times - as Percona, PostgreSQL, Python, MongoDB and a web server write them, with the zone of those that name none",
  async () => {
    const lines = [
      '"2025-07-14T08:00:00 UTC"',
      '"2025-07-14 08:00:00.123 UTC"',
      '"2025-07-14T08:00:00,123Z"',
      '"2025-07-14T08:00:00.123456"',
      '{"$date":"2025-07-14T08:00:00.000Z"}',
      "1.7524800e9",
      '"14/Jul/2025:08:00:00 +0000"',
      '"2025-07-14T08:00:00Z"',
    ].map((timestamp, n) => `{"n":${n},"timestamp":${timestamp}}`);
    const { times, daemon } = await ship(lines, "{ zone: America/New_York }");
    expect(times).toEqual([
      "1752480000",
      "1752480000.123",
      "1752480000.123",
      "1752494400.123456",
      "1752480000.000",
      "1752480000",
      "1752480000",
      "1752480000",
    ]);
    expect(daemon.of("time_unreadable")).toEqual([]);
  },
);

test("times - of lines of text, at their heads", async () => {
  const lines = [
    'type=SYSCALL msg=audit(1752480000.123:4711): arch=c000003e exe="/bin/su"',
    '192.0.2.1 - ann [14/Jul/2025:08:00:00 +0000] "GET / HTTP/1.1" 200 5',
    "2025-07-14 10:00:00,5 INFO started",
    "no time at all",
  ];
  const { times, daemon } = await ship(lines, "{ zone: Europe/Berlin }");
  expect(times).toEqual(["1752480000.123", "1752480000", "1752480000.5", undefined]);
  expect(daemon.of("time_unreadable")).toEqual([]);
});

longTest("times - by a pattern of their own; what does not fit it is counted", async () => {
  const lines = ["14.07.2025 10:00:00", "14.07.2025 10:00", "32.07.2025 10:00:00"].map((at, n) =>
    JSON.stringify({ n, at }),
  );
  const rule = '{ field: [at], format: "%d.%m.%Y %H:%M:%S", zone: Europe/Berlin }';
  const { times, status } = await ship(lines, rule);
  expect(times).toEqual(["1752480000", undefined, undefined]);
  expect(status.inputs[0]!.time_faults).toEqual([
    {
      fault: "unknown_form",
      events: 2,
      recent_events: 2,
      path: "at",
      shape: "99.99.9999 99:99",
    },
  ]);
});
