/**
 * The counters of /metrics and what the receiver has counted: they agree to the event, also after crashes, and no counter
 * of the books ever falls, since Prometheus would take that for one that has started again.
 */
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { scrape } from "../../support/reports/metrics.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const efforts = { sample: { kills: 1, events: 4000 }, all: { kills: 12, events: 150_000 } };
const delivered = 'tallyman_events_delivered_total{input="audit",output="splunk"}';
const filtered = 'tallyman_events_filtered_total{input="audit",step="filter"}';
const received = 'tallyman_events_received_total{input="audit"}';

const name = ({ kills }: { kills: number }): string =>
  `metrics - agree with the receiver to the event after ${kills} crashes, and never fall (seed ${seed})`;

sampled(name, efforts, async ({ kills, events }) => {
  const random = seededRandom(seed);
  const directory = temporaryDirectory();
  const tally = new Tally(events);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  splunk.always({ kind: "normal", delay_ms: 20 });
  const path = join(directory, "audit.log");
  writeEvents(path, 0, events);
  const agent = {
    directory,
    url: splunk.url,
    paths: [path],
    chain: [filter, redact],
    output: ["batch: { max_bytes: 256KiB }"],
  };
  const config = writeConfig(agent);
  const socket = join(stateDirectory(agent), "admin.sock");
  const highest = new Map<string, number>();
  const fallen: string[] = [];
  const look = async (): Promise<void> => {
    const now = await scrape(socket);
    for (const counter of [received, delivered, filtered]) {
      const value = now.get(counter) ?? 0;
      const before = highest.get(counter) ?? 0;
      if (value < before) fallen.push(`${counter}: ${before}, then ${value}`);
      highest.set(counter, Math.max(before, value));
    }
    // What the counter says is delivered, the receiver has.
    expect(now.get(delivered)!).toBeLessThanOrEqual(tally.distinct);
    expect(now.get(received)!).toBe(now.get(delivered)! + (now.get(filtered) ?? 0));
  };
  for (let kill = 0; kill < kills; kill += 1) {
    const requests = splunk.requests.length;
    const daemon = await Daemon.start(config);
    await look();
    await splunk.until(() => splunk.requests.length > requests + random() * 8 || !daemon.alive);
    await look();
    await daemon.crash();
  }
  splunk.always({ kind: "normal" });
  const last = await Daemon.start(config);
  await splunk.until(() => tally.distinct === (events / 8) * 7 || !last.alive);
  await eventually(async () => {
    await look();
    return highest.get(received) === events;
  });
  expect(fallen).toEqual([]);
  expect(highest.get(delivered)).toBe(tally.distinct);
  expect(highest.get(filtered)).toBe(events / 8);
  expect(await last.stop()).toBe(0);
  expect(last.books.total).toMatchObject({ received: events, delivered: tally.distinct });
});

longTest(
  "metrics - what a journal has taken counts as received, and does so after a crash at once",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "hang" });
    const path = join(directory, "apps.sock");
    const agent = {
      directory,
      url: splunk.url,
      inputs: [`audit: { type: socket, path: ${path} }`],
      output: ["timeout: 1s"],
    };
    const config = writeConfig(agent);
    const socket = join(stateDirectory(agent), "admin.sock");
    const first = await Daemon.start(config);
    const client = createConnection(path);
    client.on("error", () => undefined);
    for (let number = 0; number < 500; number += 1) client.write(`${wekaEvent(number)}\n`);
    await eventually(async () => (await scrape(socket)).get(received) === 500);
    expect((await scrape(socket)).get(delivered)).toBe(0);
    await first.crash();
    // From the first moment on: a scraper does not wait until all is open.
    const second = Daemon.spawn(["run", "-c", config]);
    const seen = new Set<number | undefined>();
    await eventually(async () => {
      const metrics = await scrape(socket).catch(() => undefined);
      if (metrics !== undefined) seen.add(metrics.get(received));
      return metrics?.get("tallyman_ready") === 1;
    });
    expect(seen.has(500)).toBe(true);
    expect([...seen].filter((each) => each !== undefined)).toEqual([500]);
    splunk.always({ kind: "normal" });
    await eventually(async () => (await scrape(socket)).get(delivered) === 500);
    expect((await scrape(socket)).get(received)).toBe(500);
    expect(splunk.indexed.length).toBeGreaterThanOrEqual(500);
    expect(await second.stop()).toBe(0);
  },
);
