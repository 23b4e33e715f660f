/**
 * The way into quarantine and out of it again, with the real daemon and the real commands: what Splunk refused is listed,
 * and once Splunk takes it, is replayed and arrives exactly once, whatever is killed in between.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  redact,
  stateDirectory,
  writeConfig,
  type AgentConfig,
} from "../../support/agent-config.ts";
import { tallyman, type Ended } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { readEnvelopes } from "../../support/events/envelopes.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { quarantineLine, writeQuarantine } from "../../support/quarantine/quarantine-lines.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

interface Listed {
  id: string;
  input: string;
  reason: string;
  code: number;
  stream: string;
  offset: number;
  replayable: string;
}

function command(name: string, file: string, ...more: string[]): Promise<Ended> {
  return tallyman(["quarantine", name, ...more, "-c", file]);
}

async function listed(file: string): Promise<Listed[]> {
  const { out } = await command("list", file, "--json");
  return out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Listed]));
}

/** How many lines there are. */
function linesIn(config: AgentConfig): number {
  const file = join(stateDirectory(config), "quarantine", "quarantine.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** A Splunk that refuses what has the word poison in it until it is fixed. */
class Picky {
  readonly splunk: Splunk;
  readonly #state: { refuses: boolean };

  private constructor(splunk: Splunk, state: { refuses: boolean }) {
    this.splunk = splunk;
    this.#state = state;
  }

  static async start(): Promise<Picky> {
    const state = { refuses: true };
    const splunk = await Splunk.start({
      read: (body) => {
        const reading = readEnvelopes(body);
        const number = reading.events.findIndex(({ event }) => event.includes("poison"));
        if (number === -1 || !state.refuses) return reading;
        const refusal = { status: 400, code: 6, text: "Invalid data format" };
        return {
          events: reading.events.slice(0, number),
          ...refusal,
          invalid_event_number: number,
        };
      },
    });
    return new Picky(splunk, state);
  }

  fix(): void {
    this.#state.refuses = false;
  }
}

const bad = (number: number): string =>
  `{"number":${number},"id":9007199254740993,"word":"poison"}`;

/** Good and bad records, one of them bad in every ten, and never too many bad ones in a row. */
function records(count: number): string[] {
  return Array.from({ length: count }, (_, number) =>
    number % 10 === 3 ? bad(number) : `{"number":${number}}`,
  );
}

function configure(
  directory: string,
  splunk: Splunk,
  more: Partial<AgentConfig> = {},
): AgentConfig {
  return { directory, url: splunk.url, paths: [join(directory, "audit.log")], ...more };
}

test("quarantine - what Splunk refused is listed, replayed and delivered once, and the books balance", async () => {
  const directory = temporaryDirectory();
  const picky = await Picky.start();
  const config = configure(directory, picky.splunk, {
    input: ["metadata: { sourcetype: weka, index: audit, host: node7 }"],
    chain: [redact],
  });
  const all = records(50);
  writeFileSync(join(directory, "audit.log"), `${all.join("\n")}\n`);
  const file = writeConfig(config);
  const daemon = await Daemon.start(file);
  await eventually(() => linesIn(config) === 5);

  const [first] = await listed(file);
  expect(first).toMatchObject({
    input: "audit",
    reason: "splunk_invalid_data_format",
    code: 6,
    stream: join(directory, "audit.log"),
    offset: Buffer.byteLength(`${all.slice(0, 3).join("\n")}\n`),
    replayable: "whole",
  });
  const table = await command("list", file);
  expect(table.out).toContain(first!.id);
  expect(table.out).toMatch(/5 events, \d+ bytes\nby reason:\n +5 {2}splunk_invalid_data_format\n/);
  const shown = await command("show", file, first!.id);
  expect(shown.out).toContain(bad(3));
  expect(shown.out).toContain("replay: possible");

  // Still refused, it comes back.
  expect((await command("replay", file, first!.id)).status).toBe(0);
  await eventually(() => linesIn(config) === 5);
  expect((await listed(file)).map(({ id }) => id)).not.toContain(first!.id);

  picky.fix();
  const replayed = await command("replay", file, "--all");
  expect(replayed.out).toContain("Replayed: 5 events. They go through the chain again now.");
  await picky.splunk.until(({ indexed }) => indexed.length >= 50 || !daemon.alive);
  expect(await listed(file)).toEqual([]);
  const parts = join(stateDirectory(config), "quarantine", "replay");
  await eventually(() => readdirSync(parts).length === 0);
  expect(await daemon.stop()).toBe(0);

  expect(picky.splunk.events.toSorted()).toEqual(all.toSorted());
  const one = picky.splunk.indexed.find(({ event }) => event.toString() === bad(3));
  const other = picky.splunk.indexed.find(({ event }) => event.toString() === '{"number":4}');
  expect({ ...one, event: "", time: 0 }).toEqual({ ...other, event: "", time: 0 });
  expect(daemon.books.inputs["audit"]).toMatchObject({
    received: 56,
    replayed: 6,
    delivered: { splunk: 50 },
    quarantined: { splunk_invalid_data_format: 6 },
    quarantine_removed: {},
    in_flight: 0,
  });
  expect(daemon.books.balanced).toBe(true);
});

longTest(
  "quarantine - a replay that is killed again and again loses nothing, and the books say so",
  async () => {
    const directory = temporaryDirectory();
    const picky = await Picky.start();
    const output = ["batch: { max_bytes: 4KiB }", "max_in_flight: 1"];
    const config = configure(directory, picky.splunk, { output });
    const all = records(2000);
    writeFileSync(join(directory, "audit.log"), `${all.join("\n")}\n`);
    const file = writeConfig(config);
    const first = await Daemon.start(file);
    await picky.splunk.until(({ indexed }) => indexed.length >= 1800 || !first.alive);
    await eventually(() => linesIn(config) === 200);
    expect(await first.stop()).toBe(0);
    expect(first.books.total).toMatchObject({ quarantined: 200, delivered: 1800 });

    picky.fix();
    const replayed = await command("replay", file, "--all");
    expect(replayed.out).toContain(
      "200 events. They go through the chain again when the agent starts",
    );
    expect(await listed(file)).toEqual([]);
    picky.splunk.always({ kind: "normal", delay_ms: 30 });
    for (const requests of [1, 2, 1]) {
      const daemon = await Daemon.start(file);
      const until = picky.splunk.requests.length + requests;
      await picky.splunk.until((each) => each.requests.length >= until || !daemon.alive);
      await daemon.crash();
    }
    const last = await Daemon.start(file);
    await picky.splunk.until(({ events }) => new Set(events).size >= 2000 || !last.alive);
    const parts = join(stateDirectory(config), "quarantine", "replay");
    await eventually(() => readdirSync(parts).length === 0);
    expect(await last.stop()).toBe(0);
    expect(new Set(picky.splunk.events)).toEqual(new Set(all));
    expect(last.books.total).toMatchObject({
      received: 2200,
      replayed: 200,
      delivered: 2000,
      quarantined: 200,
      in_flight: 0,
    });
    expect(last.books.balanced).toBe(true);
  },
);

longTest(
  "quarantine - purge removes while the agent writes, and Splunk is told of the gap",
  async () => {
    const directory = temporaryDirectory();
    const picky = await Picky.start();
    const config = configure(directory, picky.splunk);
    const file = writeConfig(config);
    const log = join(directory, "audit.log");
    writeFileSync(log, `${records(100).join("\n")}\n`);
    const daemon = await Daemon.start(file);
    await eventually(() => linesIn(config) === 10);
    const [first, second] = await listed(file);

    expect((await command("purge", file)).status).toBe(2);
    expect((await command("purge", file, "--all")).err).toContain("--yes");
    expect((await command("purge", file, "0123456789ab", "--yes")).err).toContain(
      "no event in quarantine has the id",
    );
    const by_id = await command("purge", file, first!.id, second!.id, "--yes");
    expect(by_id.out).toMatch(/^Removed 2 events \(\d+ bytes\) from quarantine\.\n$/);
    expect(await listed(file)).toHaveLength(8);
    writeFileSync(log, `${records(200).slice(100).join("\n")}\n`, { flag: "a" });
    await eventually(() => linesIn(config) === 18);
    expect((await command("purge", file, "--reason", "no_such", "--yes")).out).toContain(
      "No matching events",
    );
    expect((await command("purge", file, "--all", "--yes")).out).toContain("Removed 18 events");
    expect(existsSync(join(stateDirectory(config), "quarantine", "quarantine.jsonl"))).toBe(false);
    expect(await daemon.stop()).toBe(0);

    const gaps = picky.splunk.events.filter((event) => event.includes("quarantine_purged"));
    const told = gaps.map((event) => (JSON.parse(event) as { count: number }).count);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(daemon.books.inputs["audit"]).toMatchObject({
      received: 200,
      quarantined: { splunk_invalid_data_format: 20 },
      quarantine_removed: { quarantine_purged: 20 },
    });
    const state = readFileSync(join(stateDirectory(config), "state.json"), "utf8");
    expect(state).toContain('"quarantine_removed":{"quarantine_purged":20}');
  },
);

longTest(
  "quarantine - what came over HTTP is replayed with its own metadata, through the chain as it is now",
  async () => {
    const directory = temporaryDirectory();
    const { splunk } = await Picky.start();
    const port = await freePort();
    const inputs = [`web: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`];
    const chain = (on_unreadable: string): string[] => [
      `redact: { fields: ["password"], on_unreadable: ${on_unreadable} }`,
    ];
    const config = { directory, url: splunk.url, inputs };
    const before = await Daemon.start(writeConfig({ ...config, chain: chain("quarantine") }));
    const metadata = {
      host: "node7",
      source: "s",
      sourcetype: "t",
      index: "i",
      fields: { zone: "a" },
    };
    const posted = [
      { event: "just text", time: 1742539047.125, ...metadata },
      { event: "password=hunter2 here", time: 1742539048, fields: { password: "hunter2" } },
    ];
    const answer = await fetch(`http://127.0.0.1:${port}/services/collector/event`, {
      method: "POST",
      headers: { authorization: "Splunk webhook" },
      body: posted.map((each) => JSON.stringify(each)).join(""),
    });
    expect(answer.status).toBe(200);
    await eventually(() => linesIn({ ...config }) === 2);
    expect(await before.stop()).toBe(0);
    const path = join(stateDirectory(config), "quarantine", "quarantine.jsonl");
    expect(readFileSync(path, "utf8")).not.toContain("hunter2");

    const file = writeConfig({ ...config, chain: chain("text") });
    const replayed = await command("replay", file, "--input", "web");
    expect(replayed.out).toContain("Replayed: 1 event.");
    expect(replayed.out).toContain("replay is possible only with --masked");
    const after = await Daemon.start(file);
    await splunk.until(({ indexed }) => indexed.length >= 1 || !after.alive);
    expect((await command("replay", file, "--all", "--masked")).out).toContain(
      "Replayed: 1 event.",
    );
    await splunk.until(({ indexed }) => indexed.length >= 2 || !after.alive);
    expect(await after.stop()).toBe(0);
    expect(splunk.indexed[0]).toMatchObject({ ...metadata, time: "1742539047.125" });
    expect(splunk.events[0]).toBe('"just text"');
    expect(splunk.events[1]).not.toContain("hunter2");
    expect(after.books.inputs["web"]).toMatchObject({ received: 4, replayed: 2, in_flight: 0 });
    expect(after.books.balanced).toBe(true);
  },
);

longTest(
  "quarantine - events of an input that is gone go through the common chain if it had no other, tallyman's own through none",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const config = configure(directory, splunk, {
      chain: [redact],
      input: ["chain: [{ filter: { keep: ['false'] } }]"],
    });
    const file = writeConfig(config);
    const secret = '{"requestHeader":{"Authorization":"Basic abc"}}';
    const gap = '{"input":"audit","reason":"truncated"}';
    writeQuarantine(join(stateDirectory(config), "quarantine"), {
      "quarantine.jsonl": [
        quarantineLine(1, { input: "gone", chain: "common", text: secret }),
        quarantineLine(4, { input: "gone", chain: "own", text: secret }),
        quarantineLine(5, { input: "gone", text: secret }),
        quarantineLine(2, { input: "tallyman", text: gap }),
        quarantineLine(3),
      ],
    });
    expect((await command("replay", file, "--all")).out).toContain("Replayed: 5 events.");
    const daemon = await Daemon.start(file);
    await splunk.until(({ indexed }) => indexed.length >= 2 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const redacted = secret.replace("Basic abc", "[REDACTED]");
    expect(splunk.events.toSorted()).toEqual([gap, redacted].toSorted());
    expect(splunk.indexed[0]).toMatchObject({
      host: "web-1",
      index: "audit",
      time: "1742539047.5",
    });
    const { inputs, balanced } = daemon.books;
    expect(inputs["gone"]).toMatchObject({
      replayed: 3,
      delivered: { splunk: 1 },
      quarantined: { input_removed: 2 },
    });
    expect(inputs["tallyman"]).toMatchObject({ replayed: 1, delivered: { splunk: 1 } });
    expect(inputs["audit"]).toMatchObject({ received: 1, replayed: 1, filtered: { filter: 1 } });
    expect(balanced).toBe(true);
  },
);
