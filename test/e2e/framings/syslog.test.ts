/**
 * Syslog with the real daemon: JSON behind a header is an event that is redacted by path, with the header's time, host and
 * fields; text keeps its header; and a secret in any part of either is nowhere in the clear.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3cr3tPlanted";
const json = `{"user":"ann","password":"${secret}"}`;
const shown = '{"user":"ann","password":"[REDACTED]"}';
const redact_password = 'redact: { fields: ["password"], on_unreadable: text }';

const sd = (value: string): string => `[app@32473 user="ann" password="${value}"]`;

/** What is written to a file, and what is to be indexed of it. */
const lines: [line: string, indexed: object][] = [
  [
    `Nov 28 20:00:00 web-1 app[7]: @cee: ${json}`,
    { event: shown, host: "web-1", fields: { appname: "app", procid: "7" } },
  ],
  [
    `2026-11-28T20:00:01.5+00:00 web-1 app: ${json}`,
    { event: shown, host: "web-1", time: "1795896001.5", fields: { appname: "app" } },
  ],
  [
    `<165>1 2026-11-28T20:00:02Z web-2 app 7 ID47 ${sd(secret)} \ufeff${json}`,
    {
      event: shown,
      host: "web-2",
      time: "1795896002",
      fields: {
        facility: "local4",
        severity: "notice",
        appname: "app",
        procid: "7",
        msgid: "ID47",
        "sd.app@32473.user": "ann",
        "sd.app@32473.password": "[REDACTED]",
      },
    },
  ],
  [
    `<165>1 2026-11-28T20:00:03Z web-2 app - - ${sd(secret)} logged in`,
    {
      event: JSON.stringify(
        `<165>1 2026-11-28T20:00:03Z web-2 app - - ${sd("[REDACTED]")} logged in`,
      ),
      time: "1795896003",
    },
  ],
  [
    `<13>Nov 28 20:00:04 web-3 password: ${secret}`,
    { event: JSON.stringify("<13>Nov 28 20:00:04 web-3 password: [REDACTED]"), host: "web-3" },
  ],
  [
    `<13>su: password=${secret} ${json}`,
    {
      event: shown,
      fields: { facility: "user", severity: "notice", appname: "su", prefix: "[REDACTED]" },
    },
  ],
  [`password=${secret} no header`, { event: '"password=[REDACTED]"' }],
  [json, { event: shown }],
];

test("syslog framing - each kind of header in a file, across kill -9, and over a socket in any pieces", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "syslog");
  const socket_path = join(directory, "log.sock");
  writeFileSync(path, "");
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      `file: { type: file, paths: ["${path}"], framing: syslog, time: { zone: UTC }, metadata: { host: here, sourcetype: file } }`,
      `socket: { type: socket, path: ${socket_path}, framing: syslog, metadata: { sourcetype: socket } }`,
    ],
    chain: [redact_password],
  });
  const first = await Daemon.start(config);
  const text = lines.map(([line]) => `${line}\n`).join("");
  const half = Buffer.from(text).subarray(0, 150);
  appendFileSync(path, half);
  await splunk.until(() => splunk.indexed.length === 1);
  await first.crash();
  appendFileSync(path, Buffer.from(text).subarray(150));
  const daemon = await Daemon.start(config);
  const filed = () => [
    ...new Map(
      splunk.indexed
        .filter(({ sourcetype }) => sourcetype === "file")
        .map((each) => [
          `${each.event.toString()} ${each.time} ${each.host} ${JSON.stringify(each.fields)}`,
          each,
        ]),
    ).values(),
  ];
  await eventually(() => filed().length === lines.length || !daemon.alive);

  const socket = createConnection(socket_path);
  const message = `<14>Nov 28 20:00:00 app[9]: {"password":\n"${secret}"}`;
  const sent = `${message.length} ${message}<14>app: ${json}\0<14>app: password=${secret}\n`;
  for (const byte of Buffer.from(sent)) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const received = () => splunk.indexed.filter(({ sourcetype }) => sourcetype === "socket");
  await splunk.until(() => received().length === 3 || !daemon.alive);
  socket.end();
  expect(await daemon.stop()).toBe(0);

  const found = filed().map(({ event, time, host, fields }) => ({
    event: event.toString(),
    time,
    host,
    fields,
  }));
  expect(found).toMatchObject(lines.map(([, indexed]) => indexed));
  // Nobody but the header of the first line says where it comes from.
  expect(found.map(({ host }) => host)).toEqual([
    "web-1",
    "web-1",
    "web-2",
    "web-2",
    "web-3",
    "here",
    "here",
    "here",
  ]);
  expect(received().map(({ event, fields }) => [event.toString(), fields])).toEqual([
    [
      '{"password":\n"[REDACTED]"}',
      { facility: "user", severity: "info", appname: "app", procid: "9" },
    ],
    [shown, { facility: "user", severity: "info", appname: "app" }],
    ['"<14>app: password=[REDACTED]"', { facility: "user", severity: "info", appname: "app" }],
  ]);
  const kept = filesBelow(join(directory, "state")).map((bytes) => bytes.toString("latin1"));
  const everything = [
    ...kept,
    ...daemon.lines,
    ...splunk.indexed.map((each) => JSON.stringify(each) + each.event.toString()),
  ];
  expect(everything.filter((each) => each.includes(secret))).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
});

longTest(
  "syslog framing - what stands before JSON and is always the same is taken off lines, and what is unreadable is quarantined masked",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "vault.log");
    const records = [
      `vault-1: ${json}`,
      `vault-1: ${json} ${json}`,
      `password=${secret} ${json}`,
      `vault-1: {"a":1}`,
    ];
    writeFileSync(path, records.map((each) => `${each}\n`).join(""));
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      input: ['framing: { lines: { prefix: "vault-1:" } }'],
      chain: ['redact: { fields: ["password"] }'],
    });
    const daemon = await Daemon.start(config);
    await splunk.until(() => splunk.indexed.length === 2 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toEqual([shown, '{"a":1}']);
    expect(daemon.books.total).toMatchObject({ received: 4, delivered: 2, quarantined: 2 });
    const kept = filesBelow(join(directory, "state")).map((bytes) => bytes.toString("latin1"));
    expect([...kept, ...daemon.lines].filter((each) => each.includes(secret))).toEqual([]);
  },
);
