/**
 * What programs send instead of a line feed, to the real daemon: each message is an event of its own while the connection
 * lives, none vanishes, and no secret in any of them gets past the step that redacts it by path.
 */
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { redact, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

interface Case {
  readonly name: string;
  readonly framing: string;
  /** What is written for an event. */
  readonly sent: (event: string, number: number) => string;
  /** Whether it is an event that can be redacted by path: else it goes to quarantine. */
  readonly isEvent: (number: number) => boolean;
}

const all = (): boolean => true;
const line_ends = ["\n", "\r\n", "\0", "\0\n"];

const cases: Case[] = [
  {
    name: "messages that end with NUL, as those of syslog(3) and of Python's SysLogHandler",
    framing: "lines",
    sent: (event) => `${event}\0`,
    isEvent: all,
  },
  {
    name: "messages with the line ends of several programs on one connection",
    framing: "lines",
    sent: (event, number) => event + line_ends[number % line_ends.length]!,
    isEvent: all,
  },
  {
    name: "JSON text sequences, whose messages hold line ends",
    framing: '{ lines: { separator: "\\x1e" } }',
    sent: (event) => `\x1e${event.replaceAll(",", ",\n  ")}\n`,
    isEvent: all,
  },
  {
    name: "syslog messages with their length, among lines",
    framing: "lines",
    sent: (event, number) =>
      number % 2 === 0 ? `${event}\n` : `${event.length + 7} <134>\n${event}\n`,
    isEvent: (number) => number % 2 === 0,
  },
  {
    name: "JSON with its length and without line ends, of which every third has no length",
    framing: "octet_counted",
    sent: (event, number) => {
      const text = event.replaceAll(",", ",\n  ");
      return number % 3 === 0 ? event : `${text.length} ${text}`;
    },
    isEvent: (number) => number % 3 !== 0,
  },
];

/** One of an audit log; the secret has a number, so that a part of it is found, too. */
function eventOf(number: number): string {
  return JSON.stringify({ number, requestHeader: { Authorization: `SECRET-${number}-TERCES` } });
}

const numberIn = (text: string): number => Number(/"number":\s*(\d+)/.exec(text)?.[1]);

for (const { name, framing, sent, isEvent } of sampledCases(cases, 5)) {
  sampled(`framings - ${name}`, { sample: 1000, all: 20_000 }, async (count) => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.sock");
    const inputs = [`apps: { type: socket, path: ${path}, framing: ${framing} }`];
    const config = writeConfig({ directory, url: splunk.url, inputs, chain: [redact] });
    const daemon = await Daemon.start(config);
    const numbers = Array.from({ length: count }, (_, number) => number);
    const socket = createConnection(path);
    for (const number of numbers) {
      if (!socket.write(sent(eventOf(number), number))) {
        await new Promise<void>((resolve) => socket.once("drain", () => resolve()));
      }
    }
    // The last end of a sequence comes with the next message; all others are there while the connection lives.
    if (framing.includes("separator")) socket.write("\x1e");
    const events = numbers.filter((number) => isEvent(number));
    await splunk.until(() => splunk.indexed.length >= events.length || !daemon.alive);
    socket.end();
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events.map(numberIn).toSorted((a, b) => a - b)).toEqual(events);
    for (const text of splunk.events) expect(text).toContain('"[REDACTED]"');
    const quarantined = count - events.length;
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({ received: count, delivered: events.length });
    expect(daemon.books.total.quarantined).toBe(quarantined);
    const kept = [...filesBelow(directory), ...splunk.events.map((text) => Buffer.from(text))];
    expect(kept.filter((bytes) => bytes.includes("SECRET-") || bytes.includes("-TERCES"))).toEqual(
      [],
    );
  });
}

test("framings - what comes in and does not fit is said at once, with the framing that does", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const [pretty, counted] = ["pretty", "counted"].map((name) => join(directory, `${name}.sock`));
  const inputs = [
    `pretty: { type: socket, path: ${pretty} }`,
    `counted: { type: socket, path: ${counted}, framing: octet_counted }`,
  ];
  const config = writeConfig({ directory, url: splunk.url, inputs, chain: [redact] });
  const daemon = await Daemon.start(config);
  const numbers = Array.from({ length: 8 }, (_, number) => number);
  const documents = numbers.map((number) => JSON.parse(eventOf(number)) as unknown);
  for (const [path, text] of [
    [pretty, documents.map((each) => JSON.stringify(each, undefined, 2)).join("\n")],
    [counted, numbers.map((number) => `${eventOf(number)}\n`).join("")],
  ] as const) {
    createConnection(path!).end(text);
  }
  await eventually(() => daemon.of("stream_framing_unfit").length === 2);
  expect(await daemon.stop()).toBe(0);
  const said = daemon.of("stream_framing_unfit").map(({ input, fitting }) => [input, fitting]);
  expect(Object.fromEntries(said)).toEqual({ pretty: "json", counted: "lines" });
  expect(daemon.books.total.delivered).toBe(0);
  expect(filesBelow(directory).filter((bytes) => bytes.includes("SECRET-"))).toEqual([]);
});
