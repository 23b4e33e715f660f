/**
 * Several outputs: one that is down holds up no other, nothing is missing when it comes back, and the books agree with
 * what each of them got, crashes included.
 *
 * @module-tag long
 */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import {
  patience,
  redact,
  stateDirectory,
  writeConfig,
  type AgentConfig,
} from "../../support/agent-config.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { seed } from "../../support/seed.ts";
import { busy, Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const events = is_long ? 100_000 : 8000;
const MiB = 1024 * 1024;
/** Every eighth event is one. */
const route = `{ route: { to: heads }, when: 'api.name == "HeadObject" && api.statusCode == 200' }`;
const is_head = (number: number): boolean => number % 8 === 2;
const is_other = (number: number): boolean => !is_head(number);
const heads = events / 8;
const others = events - heads;

interface Receiver {
  splunk: Splunk;
  tally: Tally;
}

async function receiver(): Promise<Receiver> {
  const tally = new Tally(events);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  return { splunk, tally };
}

function configFor(facts: Partial<AgentConfig>, by_name: Record<string, Receiver>): AgentConfig {
  const outputs = Object.entries(by_name).map(
    ([name, { splunk }]) =>
      `${name}: { url: "${splunk.url}", token: ${valid_token}, timeout: ${patience}, batch: { max_bytes: 256KiB } }`,
  );
  return {
    directory: temporaryDirectory(),
    url: "",
    chain: [redact, route],
    outputs,
    ...facts,
  };
}

/** While an output is down a stop waits for nothing. */
const soon = ["shutdown_timeout: 1s"];

/** Resolves when nothing is under way any more: what was buffered twice comes after everything has come once. */
async function quiet(config: AgentConfig): Promise<void> {
  const socket = join(stateDirectory(config), "admin.sock");
  await eventually(async () => (await askStatus(socket)).books.total.in_flight === 0);
}

/** Resolves when the daemon has read them all. */
async function sendLines(path: string, lines: string): Promise<void> {
  const client = connect(path);
  client.end(lines);
  client.resume();
  await once(client, "close");
}

test("outputs - one that is dead holds up no other, and gets all that is its own when it comes back", async () => {
  const [main, side] = [await receiver(), await receiver()];
  const config = configFor({}, { main, heads: side });
  const path = join(config.directory, "audit.log");
  const file = writeConfig({ ...config, paths: [path] });
  await main.splunk.refuse();
  writeEvents(path, 0, events);
  const daemon = await Daemon.start(file);
  let rss_max = 0;
  while (side.tally.distinct < heads && daemon.alive) {
    rss_max = Math.max(rss_max, daemon.rss());
    await delay(50);
  }
  console.log(`highest resident size ${Math.round(rss_max / MiB)} MiB`);
  expect(main.tally.distinct).toBe(0);
  expect(rss_max).toBeLessThan(250 * MiB);
  await main.splunk.listen();
  await main.splunk.until(() => main.tally.distinct === others || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(side.tally.missing(is_head)).toEqual([]);
  expect(main.tally.missing(is_other)).toEqual([]);
  expect(main.tally.repeats + side.tally.repeats).toBe(0);
  expect(main.tally.distinct + side.tally.distinct).toBe(events);
  const { balanced, inputs, total } = daemon.books;
  expect(balanced).toBe(true);
  expect(inputs["audit"]!.delivered).toEqual({ main: others, heads });
  expect(total).toMatchObject({ received: events, delivered: events, in_flight: 0 });
});

longTest(
  `outputs - crashes at any moment lose nothing, and the books agree with what arrived (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    const [main, side] = [await receiver(), await receiver()];
    const config = configFor({}, { main, heads: side });
    const path = join(config.directory, "audit.log");
    const file = writeConfig({ ...config, paths: [path] });
    for (const { splunk } of [main, side]) splunk.always({ kind: "normal", delay_ms: 20 });
    writeEvents(path, 0, events);
    for (let kill = 0; kill < 8; kill += 1) {
      // In turn: both answer, the one is down, the other is.
      const down = [undefined, main, side][kill % 3];
      await down?.splunk.refuse();
      const daemon = await Daemon.start(file);
      expect(daemon.books.balanced).toBe(true);
      await delay(random() * 400);
      await daemon.crash();
      await down?.splunk.listen();
    }
    const last = await Daemon.start(file);
    const all = (): boolean => main.tally.distinct === others && side.tally.distinct === heads;
    await main.splunk.until(() => all() || !last.alive);
    await quiet(config);
    expect(await last.stop()).toBe(0);
    expect(main.tally.missing(is_other)).toEqual([]);
    expect(side.tally.missing(is_head)).toEqual([]);
    expect(main.tally.distinct + side.tally.distinct).toBe(events);
    const { balanced, total, inputs } = last.books;
    expect(balanced).toBe(true);
    expect(total.in_flight).toBe(0);
    expect(total.delivered).toBe(total.received);
    const { delivered } = inputs["audit"]!;
    for (const [name, { tally }] of Object.entries({ main, heads: side })) {
      // An event that arrived twice stands there once or twice, but never more often than it arrived.
      expect(delivered[name]).toBeGreaterThanOrEqual(tally.distinct);
      expect(delivered[name]).toBeLessThanOrEqual(tally.distinct + tally.repeats);
    }
  },
);

longTest(
  "outputs - where a buffer is full its input waits, and nothing is dropped, through a stop too",
  async () => {
    const [main, side] = [await receiver(), await receiver()];
    const config = configFor({}, { main, heads: side });
    const path = join(config.directory, "audit.log");
    const outputs = config.outputs!.map((line) =>
      line.replace(/ }$/, ", buffer: { max_bytes: 2MiB } }"),
    );
    await main.splunk.refuse();
    writeEvents(path, 0, events);
    const first = await Daemon.start(writeConfig({ ...config, outputs, paths: [path], top: soon }));
    // Until the other output gets nothing more either.
    for (let before = -1; before !== side.tally.distinct || before === 0;) {
      before = side.tally.distinct;
      await delay(1000);
    }
    expect(side.tally.distinct).toBeLessThan(0.75 * heads);
    expect(await first.stop()).toBe(0);
    expect(first.books.balanced).toBe(true);
    await main.splunk.listen();
    const second = await Daemon.start(writeConfig({ ...config, outputs, paths: [path] }));
    const all = (): boolean => main.tally.distinct === others && side.tally.distinct === heads;
    await main.splunk.until(() => all() || !second.alive);
    await quiet(config);
    expect(await second.stop()).toBe(0);
    const { balanced, total } = second.books;
    expect({ balanced, dropped: total.dropped, in_flight: total.in_flight }).toEqual({
      balanced: true,
      dropped: 0,
      in_flight: 0,
    });
    // What the other output had of blocks that wait: the input holds 4 MiB, and a block, before it waits itself.
    expect(main.tally.repeats + side.tally.repeats).toBeLessThan(8 * 1024);
    expect(total.delivered).toBe(events + main.tally.repeats + side.tally.repeats);
  },
);

longTest(
  "outputs - what an output had left that is not configured any more goes to the default one, loudly",
  async () => {
    const [main, side] = [await receiver(), await receiver()];
    const config = configFor({}, { main, heads: side });
    const path = join(config.directory, "audit.log");
    await side.splunk.refuse();
    writeEvents(path, 0, events / 10);
    const first = await Daemon.start(writeConfig({ ...config, paths: [path], top: soon }));
    const main_events = [...Array(events / 10).keys()].filter(is_other).length;
    await main.splunk.until(() => main.tally.distinct === main_events || !first.alive);
    expect(await first.stop()).toBe(0);
    const journals = join(stateDirectory(config), "journal");
    expect(readdirSync(journals).sort()).toEqual(["audit@heads", "audit@main"]);
    const one = configFor({ directory: config.directory, chain: [redact] }, { main });
    const second = await Daemon.start(writeConfig({ ...one, paths: [path] }));
    await main.splunk.until(() => main.tally.distinct === events / 10 || !second.alive);
    expect(await second.stop()).toBe(0);
    expect(second.entries.filter(({ level }) => level === "error")).toEqual([
      expect.objectContaining({ input: "audit", output: "heads", default_output: "main" }),
    ]);
    expect(side.tally.distinct).toBe(0);
    expect(main.tally.repeats).toBe(0);
    expect(second.books.inputs["audit"]!.delivered).toEqual({ main: events / 10 });
    expect(readdirSync(join(journals, "audit@heads"))).toEqual([]);
  },
);

longTest(
  "outputs - what a socket has received goes on to each output by itself, after a crash too",
  async () => {
    const [main, side] = [await receiver(), await receiver()];
    const path = join(temporaryDirectory(), "hec.sock");
    const inputs = ["apps:", "  type: socket", `  path: ${path}`];
    const config = configFor({ inputs }, { main, heads: side });
    await Promise.all([main.splunk.refuse(), side.splunk.refuse()]);
    const first = await Daemon.start(writeConfig(config));
    const lines = Array.from({ length: 4000 }, (_, number) => `${wekaEvent(number)}\n`).join("");
    await sendLines(path, lines);
    await delay(500);
    await first.crash();
    await side.splunk.listen();
    const second = await Daemon.start(writeConfig(config));
    await side.splunk.until(() => side.tally.distinct === 500 || !second.alive);
    expect(main.tally.distinct).toBe(0);
    await main.splunk.listen();
    await main.splunk.until(() => main.tally.distinct === 3500 || !second.alive);
    await quiet(config);
    expect(await second.stop()).toBe(0);
    expect(second.books.balanced).toBe(true);
    expect(second.books.total.in_flight).toBe(0);
  },
);

longTest(
  "outputs - an archive has every event that is its own, and no torn line but where it was killed",
  async () => {
    const random = seededRandom(seed);
    const main = await receiver();
    const config = configFor({}, { main });
    const path = join(config.directory, "audit.log");
    const archive = join(config.directory, "archive", "heads.jsonl");
    const outputs = [
      ...config.outputs!,
      `heads: { type: file, path: ${archive}, max_bytes: 512KiB }`,
    ];
    const file = writeConfig({ ...config, outputs, paths: [path] });
    const kills = 4;
    for (let kill = 0; kill < kills; kill += 1) {
      writeEvents(path, (events / kills) * kill, (events / kills) * (kill + 1));
      const daemon = await Daemon.start(file);
      await delay(random() * 600);
      await daemon.crash();
    }
    const last = await Daemon.start(file);
    await main.splunk.until(() => main.tally.distinct === others || !last.alive);
    await quiet(config);
    expect(await last.stop()).toBe(0);
    expect(last.books.balanced).toBe(true);
    const { numbers, torn, files } = archived(archive);
    expect([...numbers].every(is_head)).toBe(true);
    expect(numbers.size).toBe(heads);
    expect(torn).toBeLessThanOrEqual(kills);
    expect(files).toBeGreaterThan(2);
  },
);

/** The numbered events in the archive, and how many of its lines are none. */
function archived(path: string): { numbers: Set<number>; torn: number; files: number } {
  const numbers = new Set<number>();
  const names = readdirSync(dirname(path));
  let torn = 0;
  for (const name of names) {
    const lines = readFileSync(join(dirname(path), name), "utf8").split("\n");
    for (const line of lines.filter((each) => each !== "")) {
      const number = /"requestID":"([0-9A-F]{16})"/i.exec(line)?.[1];
      if (number === undefined || !line.endsWith("}}")) torn += 1;
      else numbers.add(Number.parseInt(number, 16));
    }
  }
  return { numbers, torn, files: names.length };
}

longTest(
  "outputs - a journal with a backlog waits at the start until the buffers behind it are open",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const path = join(directory, "apps.sock");
    const hec = `{ url: "${splunk.url}", token: ${valid_token}, timeout: ${patience} }`;
    const names = ["first", "second", "third", "fourth", "fifth"];
    const config = writeConfig({
      directory,
      url: "",
      inputs: ["apps:", "  type: socket", `  path: ${path}`],
      chain: names.map((name) => `{ route: { to: ${name} }, when: "to == \\"${name}\\"" }`),
      outputs: names.map((name) => `${name}: ${hec}`),
    });
    const count = 2000;
    const text = Array.from({ length: count }, (_, n) => `{"n":${n},"to":"${names[n % 5]!}"}\n`);
    let daemon = await Daemon.start(config);
    const client = connect(path).resume();
    client.end(text.join(""));
    await once(client, "close");
    // What it had not saved is given again, and at once.
    await daemon.crash();
    daemon = await Daemon.start(config);
    splunk.always({ kind: "normal" });
    await splunk.until(() => new Set(splunk.events).size === count);
    expect(await daemon.stop()).toBe(0);
  },
);
