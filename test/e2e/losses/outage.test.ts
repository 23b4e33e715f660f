/**
 * Outages: Splunk refuses connections, is busy, hangs, resets, is a login page, or rejects the token. Nothing is
 * lost or dropped, and sending goes on by itself soon after.
 *
 * TALLYMAN_OUTAGE_SECONDS makes the outages longer than the short ones of every day.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { redact, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled, sampledCases } from "../../support/effort.ts";
import { busy, Splunk, type Behaviour } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const other_seconds = process.env["TALLYMAN_OUTAGE_SECONDS"];
/** Longer than a request may take, so that one that hangs is given up. */
const outage_seconds = { sample: 3, all: 6 };
const events = 8000;
const MiB = 1024 * 1024;

const outages: [string, Behaviour | "refuse"][] = [
  ["refuses connections", "refuse"],
  ["answers 503", { kind: "answer", status: 503, body: busy }],
  ["hangs", { kind: "hang" }],
  ["resets connections", { kind: "reset", when: "after_body" }],
  [
    "answers HTML with 200",
    {
      kind: "answer",
      status: 200,
      body: "<html><body>Please log in</body></html>",
      headers: { "content-type": "text/html" },
    },
  ],
  ["rejects the token", { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' }],
];

describe.each(sampledCases(outages, 6))("while Splunk %s", (what, outage) => {
  const name = `outage - nothing is lost while Splunk ${what}, and sending goes on by itself`;
  sampled(name, outage_seconds, async (seconds) => {
    const directory = temporaryDirectory();
    const tally = new Tally(events);
    const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
    const path = join(directory, "audit.log");
    writeEvents(path, 0, events / 2);
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      chain: [redact],
      output: ["timeout: 2s"],
    });
    const daemon = await Daemon.start(config);
    await splunk.until(() => tally.distinct === events / 2 || !daemon.alive);
    if (outage === "refuse") await splunk.refuse();
    else splunk.always(outage);
    writeEvents(path, events / 2, events);
    await delay(Number(other_seconds ?? seconds) * 1000);
    expect(daemon.alive).toBe(true);
    expect(tally.distinct).toBe(events / 2);
    if (outage === "refuse") await splunk.listen();
    else splunk.always({ kind: "normal" });
    const recovered_ms = performance.now();
    await splunk.until(() => tally.distinct === events || !daemon.alive);
    console.log(`recovered ${Math.round(performance.now() - recovered_ms)} ms after the outage`);
    expect(await daemon.stop()).toBe(0);
    expect(tally.missing()).toEqual([]);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({
      received: events,
      delivered: events,
      dropped: 0,
      quarantined: 0,
      lost_bytes: 0,
    });
    const loud = daemon.entries.filter(({ level }) => level === "warn" || level === "error");
    expect(loud.length).toBeGreaterThan(0);
  });
});

longTest(
  "outage - memory stays under 200 MB with a 5 GB backlog, while Splunk hangs and after",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start({ read: readNumbered(() => undefined) });
    splunk.always({ kind: "hang" });
    const path = join(directory, "audit.log");
    writeBacklog(path, 5 * 1024 * MiB);
    const config = writeConfig({ directory, url: splunk.url, paths: [path], chain: [redact] });
    const daemon = await Daemon.start(config);
    let rss_max = 0;
    const watch = async (until_ms: number): Promise<void> => {
      while (performance.now() < until_ms) {
        rss_max = Math.max(rss_max, daemon.rss());
        await delay(50);
      }
    };
    await watch(performance.now() + 5000);
    splunk.always({ kind: "normal", delay_ms: 30 });
    await splunk.refuse();
    await splunk.listen();
    const requests = splunk.requests.length;
    await splunk.until(() => splunk.requests.length > requests + 20 || !daemon.alive);
    await watch(performance.now() + 5000);
    console.log(`highest resident size ${Math.round(rss_max / MiB)} MiB`);
    expect(daemon.alive).toBe(true);
    expect(rss_max).toBeLessThan(200e6);
    expect(await daemon.stop()).toBe(0);
    expect(daemon.books.balanced).toBe(true);
  },
);

/** Writes so many bytes of whole events, the same ones again and again. */
function writeBacklog(path: string, bytes: number): void {
  const piece = Buffer.from(
    Array.from({ length: 8000 }, (_unused, number) => `${wekaEvent(number)}\n`).join(""),
  );
  const file = openSync(path, "w");
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece);
  closeSync(file);
}
