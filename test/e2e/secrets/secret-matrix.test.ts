/**
 * Secrets of all kinds in all places of events of all formats, each shipped as docs/rules/cookbook.md says, with the real daemon: no piece
 * of one is in what is sent, archived, journaled, kept in quarantine or logged, nor in what `try`, `scan` and `test` show.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { main } from "../../support/program.ts";
import { formats } from "../../support/secrets/matrix/formats.ts";
import { plantAll, type Planted, type Planting } from "../../support/secrets/matrix/planting.ts";
import {
  app_token,
  prepareShipping,
  previewConfigs,
  type Shipping,
} from "../../support/secrets/matrix/shipping.ts";
import { Traces } from "../../support/secrets/matrix/traces.ts";
import { seed } from "../../support/seed.ts";
import { busy, Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** What has been written where. */
type Written = Record<string, readonly (Buffer | string)[]>;

sampled(
  ({ every }) => `secret matrix - one of ${every} in all places of all formats leaves nowhere`,
  { sample: { every: 101 }, all: { every: 1 } },
  async ({ every }) => {
    const planted = plantAll(seed, every);
    const traces = new Traces(planted.sought);
    const splunk = await Splunk.start();
    const directory = temporaryDirectory();
    const port = await freePort();
    const shipping = prepareShipping(planted.plantings, { directory, url: splunk.url, port });
    const logs = formats.map((format) => readFileSync(shipping.log(format)));
    const bodies = planted.plantings.flatMap((each) => each.bodies);
    // What is planted is found where nothing was done about it.
    const there = traces.in([...logs, ...bodies]);
    expect(planted.sought.filter(({ about }) => !there.has(about))).toEqual([]);

    const written: Written = {
      ...(await shipped(planted, { shipping, splunk, port })),
      ...(await shown(planted, shipping, every === 1)),
    };
    expectKept(planted, shipping, splunk);
    for (const [place, all] of Object.entries(written)) {
      expect(all.length, place).toBeGreaterThan(0);
      const found = traces.in(all);
      expect.soft(Object.fromEntries(found), place).toEqual({});
    }
  },
);

interface Rig {
  readonly shipping: Shipping;
  readonly splunk: Splunk;
  readonly port: number;
}

/** Has the daemon ship everything. */
async function shipped({ plantings }: Planted, { shipping, splunk, port }: Rig): Promise<Written> {
  const { config, state_dir, archive } = shipping;
  // As long as Splunk is down, all that goes there is in the journals.
  splunk.always({ kind: "answer", status: 503, body: busy });
  const daemon = await Daemon.start(config);
  const bodies = plantings.flatMap((each) => each.bodies);
  const answer = await fetch(`http://127.0.0.1:${port}/services/collector/event`, {
    method: "POST",
    headers: { authorization: `Splunk ${app_token}` },
    body: bodies.join("\n"),
  });
  expect(answer.status, await answer.text()).toBe(200);
  const records = plantings.flatMap((each) => each.records);
  const received = 2 * records.length + bodies.length;
  const untilOpen = (most: number): Promise<void> =>
    eventually(async () => {
      if (!daemon.alive) return true;
      const { total } = (await askStatus(join(state_dir, "admin.sock"))).books;
      return total.received === received && total.in_flight <= most;
    });
  await untilOpen(records.length + bodies.length);
  const on_disk = filesBelow(state_dir);
  const bytes = Buffer.concat(on_disk);
  for (const { format } of plantings) expect(bytes.includes(format.kept), format.name).toBe(true);
  splunk.always({ kind: "normal" });
  await untilOpen(0);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.books.total).toMatchObject({ received, dropped: 0, filtered: 0 });
  return {
    sent: splunk.indexed.flatMap(({ event, ...metadata }) => [event, JSON.stringify(metadata)]),
    archived: [readFileSync(archive)],
    "in the state directory": on_disk,
    "left in the state directory": filesBelow(state_dir),
    logged: daemon.lines,
  };
}

/** Whatever was taken out of them, records are what they were. */
function expectKept({ plantings }: Planted, { log }: Shipping, { indexed }: Splunk): void {
  for (const { format, records } of plantings) {
    const sent = indexed.filter(({ source }) => source === log(format));
    const kept = sent.filter(({ event }) => textOf(event).includes(format.kept));
    const lines = sent.length - kept.length;
    expect(lines / records.length, `${format.name}: without ${format.kept}`).toBeLessThan(0.2);
  }
}

/** Of JSON as it is, and of a string in JSON what it holds. */
function textOf(event: Buffer): string {
  const text = event.toString();
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** What the commands show of the logs: each of them of each format, or in a sample another one of every sixth format. */
async function shown(
  { plantings }: Planted,
  shipping: Shipping,
  is_all: boolean,
): Promise<Written> {
  const runs = plantings.flatMap((planting, number) => {
    const all = commandsFor(planting, shipping, is_all ? 3 : 1);
    if (is_all) return all;
    return number % 6 === 0 ? [all[number / 6]!] : [];
  });
  const shownBy = async (args: readonly string[]): Promise<[string, Buffer[]]> => {
    const said = await printed(args);
    const name = args.join(" ");
    expect(said.length, `${name}\n${said.toString()}`).toBeGreaterThan(300);
    return [name, [said]];
  };
  const written: [string, Buffer[]][] = [];
  for (let at = 0; at < runs.length; at += at_once) {
    written.push(...(await Promise.all(runs.slice(at, at + at_once).map(shownBy))));
  }
  return Object.fromEntries(written);
}

/** Commands that run at a time. */
const at_once = 2;

/** Each record of the log is in one of so many parts, of which each way to try a configuration has one. */
function commandsFor(planting: Planting, shipping: Shipping, parts: number): string[][] {
  const { format, records } = planting;
  const log = shipping.log(format);
  const [first, second, third] = [0, 1, 2].map((way) => {
    const own = records.filter((_, number) => number % parts === way % parts);
    writeFileSync(`${log}.${way}`, format.file(own));
    return `${log}.${way}`;
  }) as [string, string, string];
  const { redacting, bare } = previewConfigs(planting, shipping);
  const input = ["--input", `${format.name}_sent`];
  return [
    ["try", "-c", redacting, ...input, "--all", first],
    ["try", "-c", redacting, "--input", `${format.name}_kept`, "--json", second],
    ["try", "-c", redacting, ...input, "--all", "--diff", bare, third],
    ["scan", log],
    ["test", "-c", redacting],
    ["scan", "--json", first],
    ["scan", "--config", second],
  ];
}

/** What a command prints, whatever its exit status. */
function printed(args: readonly string[]): Promise<Buffer> {
  const env = { ...process.env, FORCE_COLOR: "1", NO_COLOR: undefined };
  return new Promise((resolve) => {
    const options = { maxBuffer: 2 ** 30, encoding: "buffer", env } as const;
    execFile(process.execPath, [main, ...args], options, (_, stdout, stderr) => {
      resolve(Buffer.concat([stdout, stderr]));
    });
  });
}
