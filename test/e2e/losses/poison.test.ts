/**
 * Events that Splunk refuses, in a file among good ones, with the real daemon: each is in quarantine with Splunk's code,
 * all others arrive once, with and without gzip, and with and without Splunk naming the event.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig, type AgentConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { readEnvelopes, type Reading } from "../../support/events/envelopes.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const events = 5000;
const poison_every = 500;

interface QuarantineLine {
  input: string;
  stream: string;
  offset: number;
  reason: string;
  code: number;
  text: string;
}

/** Reads a body as Splunk does, but refuses what has the poison in it. */
function reader(names_event: boolean): (body: Buffer) => Reading {
  return (body) => {
    const reading = readEnvelopes(body);
    const number = reading.events.findIndex(({ event }) => event.includes("poison"));
    if (number === -1) return reading;
    if (!names_event) return { events: [], code: 6 };
    return { events: reading.events.slice(0, number), code: 6, invalid_event_number: number };
  };
}

/** Good and bad records as the lines of one file, and the bad ones with their positions. */
function makeLines(): { text: string; good: string[]; bad: { offset: number; text: string }[] } {
  const good: string[] = [];
  const bad: { offset: number; text: string }[] = [];
  let text = "";
  for (let number = 0; number < events; number += 1) {
    const is_bad = number % poison_every === 77;
    const record = JSON.stringify({ number, filler: is_bad ? "poison" : "x".repeat(200) });
    if (is_bad) bad.push({ offset: text.length, text: record });
    else good.push(record);
    text += `${record}\n`;
  }
  return { text, good, bad };
}

function quarantinedIn(config: AgentConfig): QuarantineLine[] {
  const file = join(stateDirectory(config), "quarantine", "quarantine.jsonl");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  // Requests beside each other end in any order.
  return lines
    .map((line) => JSON.parse(line) as QuarantineLine)
    .toSorted((a, b) => a.offset - b.offset);
}

const answers: [string, boolean, string[]][] = [
  ["does not name the event", false, []],
  ["names the event", true, []],
  ["names the event, with gzip", true, ["compression: gzip"]],
];

test.each(sampledCases(answers, 4))("poison - Splunk %s", long, async (_, names_event, output) => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start({ read: reader(names_event) });
  const path = join(directory, "audit.log");
  const { text, good, bad } = makeLines();
  writeFileSync(path, text);
  const config = { directory, url: splunk.url, paths: [path], output };
  const daemon = await Daemon.start(writeConfig(config));
  await splunk.until(() => splunk.indexed.length >= good.length || !daemon.alive);
  expect(await daemon.stop()).toBe(0);

  // While one request is looked into, those beside it go on.
  expect(splunk.events.toSorted()).toEqual(good.toSorted());
  expect(quarantinedIn(config)).toMatchObject(
    bad.map((each) => ({
      ...each,
      input: "audit",
      stream: path,
      reason: "splunk_invalid_data_format",
      code: 6,
    })),
  );
  expect(daemon.books.total).toMatchObject({
    received: events,
    delivered: good.length,
    quarantined: bad.length,
    in_flight: 0,
  });
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.of("splunk_event_refused")).toHaveLength(1);
});

longTest(
  "poison - a daemon that is killed again and again loses neither good nor bad events",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start({ read: reader(true) });
    const path = join(directory, "audit.log");
    const { text, good, bad } = makeLines();
    writeFileSync(path, text);
    const output = ["batch: { max_bytes: 32KiB }"];
    const config = { directory, url: splunk.url, paths: [path], output };
    const file = writeConfig(config);
    for (const requests of [3, 10, 20, 33]) {
      const daemon = await Daemon.start(file);
      const until = splunk.requests.length + requests;
      await splunk.until((each) => each.requests.length >= until || !daemon.alive);
      await daemon.crash();
    }
    const daemon = await Daemon.start(file);
    const arrived = (): boolean =>
      splunk.indexed.length >= good.length && new Set(splunk.events).size >= good.length;
    await splunk.until(() => arrived() || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(new Set(splunk.events)).toEqual(new Set(good));
    const offsets = new Set(quarantinedIn(config).map(({ offset }) => offset));
    expect(offsets).toEqual(new Set(bad.map(({ offset }) => offset)));
    const { total, balanced } = daemon.books;
    expect(total).toMatchObject({ delivered: good.length, quarantined: bad.length, in_flight: 0 });
    expect(balanced).toBe(true);
  },
);
