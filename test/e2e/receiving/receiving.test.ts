/**
 * Receiving by the real daemon: webhooks as storage clusters send them, standard input, and a journal whose input has
 * been renamed. Nothing is lost, mixed or altered.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { HecLoad } from "../../support/hec/hec-load.ts";
import { busy, Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { main } from "../../support/program.ts";

const authorization = /"Authorization":"[^"]*"/;
const request_id = /"requestID":"([0-9A-F]{16})"/;

/** What an event looks like in Splunk. */
function redacted(number: number): string {
  return wekaEvent(number).replace(authorization, '"Authorization":"[REDACTED]"');
}

/** The contents of all files below a directory. */
function textsIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}

const webhooks = { sample: 100, all: 10_000 };
const webhooks_name = (requests: number): string =>
  `receiving - ${requests} webhooks over 16 connections arrive unmixed, and are answered while nothing can be shipped`;

sampled(webhooks_name, webhooks, async (requests) => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  splunk.always({ kind: "answer", status: 503, body: busy });
  const port = await freePort();
  const inputs = [`minio: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`];
  const config = writeConfig({ directory, url: splunk.url, inputs, chain: [redact] });
  const daemon = await Daemon.start(config);
  // As MinIO does: several objects one after the other without an envelope or a Content-Type, and their count.
  const load = new HecLoad({
    port,
    token: "webhook",
    clients: 16,
    path: "/services/collector/event",
    body: (number) => [0, 1, 2].map((part) => wekaEvent(number * 3 + part)).join(""),
    headers: { "x-minio-webhook-payload-count": "3" },
  });
  await load.finish(requests);
  expect(load.refusals).toEqual(new Map());
  splunk.always({ kind: "normal" });
  await splunk.until(() => splunk.indexed.length >= requests * 3 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const tally = new Tally(requests * 3);
  for (const text of splunk.events) {
    const number = Number.parseInt(request_id.exec(text)![1]!, 16);
    tally.add(number);
    expect(text).toBe(redacted(number));
  }
  expect(tally.missing()).toEqual([]);
  expect(tally.repeats).toBe(0);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({ received: requests * 3, delivered: requests * 3 });
});

const piped = { all: 50_000 };

sampled(
  "receiving - standard input is shipped to its end, and tallyman ends with it",
  piped,
  async (events) => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const file = join(directory, "audit.log");
    writeEvents(file, 0, events);
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: ["piped: { type: stdin }"],
      chain: [redact],
      output: ["max_in_flight: 1"],
    });
    const child = spawn(process.execPath, [main, "run", "-c", config], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    createReadStream(file).pipe(child.stdin);
    const [status] = (await once(child, "close")) as [number | null];
    expect(status).toBe(0);
    expect(splunk.events).toHaveLength(events);
    expect(splunk.events.findIndex((text, number) => text !== redacted(number))).toBe(-1);
  },
);

test("receiving - what the chain ends is booked once although the daemon is killed, and no secret reaches the disk", async () => {
  const events = 800;
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  splunk.always({ kind: "answer", status: 503, body: busy });
  const path = join(directory, "audit.sock");
  const agent = { directory, url: splunk.url, inputs: [`apps: { type: socket, path: ${path} }`] };
  const config = writeConfig({ ...agent, chain: [filter, redact] });
  const first = await Daemon.start(config);
  const lines = Array.from({ length: events }, (_, number) =>
    number % 10 === 9 ? `broken ${wekaEvent(number)}` : wekaEvent(number),
  );
  const client = createConnection(path);
  client.end(`${lines.join("\n")}\n`);
  // Its side of the connection is closed when everything is kept.
  await once(client.resume(), "close");
  await first.crash();
  const state = stateDirectory(agent);
  expect(textsIn(state).join("\n")).toContain("[REDACTED]");
  expect(textsIn(state).join("\n")).not.toContain("Signature=");
  splunk.always({ kind: "normal" });
  const second = await Daemon.start(config);
  const filtered = lines.filter((line) => line.startsWith("{") && /"HeadObject"/.test(line)).length;
  const quarantined = events / 10;
  const delivered = events - filtered - quarantined;
  await splunk.until(() => splunk.indexed.length >= delivered || !second.alive);
  expect(await second.stop()).toBe(0);
  expect(second.books.balanced).toBe(true);
  expect(second.books.total).toMatchObject({ received: events, delivered, filtered, quarantined });
  const quarantine = readFileSync(join(state, "quarantine", "quarantine.jsonl"), "utf8");
  // What was on its way at the crash can be there twice.
  const offsets = [...quarantine.matchAll(/"offset":(\d+)/g)].map(([, offset]) => offset);
  expect(new Set(offsets).size).toBe(quarantined);
  expect(splunk.events.join("\n")).not.toContain("Signature=");
  expect(textsIn(state).join("\n")).not.toContain("Signature=");
});

longTest("receiving - what a renamed input had kept is shipped all the same", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  splunk.always({ kind: "answer", status: 503, body: busy });
  const port = await freePort();
  const agent = { directory, url: splunk.url };
  const options = `{ type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`;
  const first = await Daemon.start(writeConfig({ ...agent, inputs: [`old: ${options}`] }));
  const load = new HecLoad({ port, token: "webhook", clients: 4 });
  await load.finish(500);
  await first.crash();
  splunk.always({ kind: "normal" });
  const second = await Daemon.start(writeConfig({ ...agent, inputs: [`new: ${options}`] }));
  await second.logged("journal_without_input");
  await splunk.until(() => splunk.indexed.length >= 500 || !second.alive);
  expect(await second.stop()).toBe(0);
  expect(second.books.inputs["old"]).toMatchObject({ received: 500, delivered: { splunk: 500 } });
  expect(second.books.balanced).toBe(true);
  const third = await Daemon.start(writeConfig({ ...agent, inputs: [`new: ${options}`] }));
  expect(await third.stop()).toBe(0);
  expect(third.entries.filter(({ input }) => input === "old")).toEqual([]);
});
