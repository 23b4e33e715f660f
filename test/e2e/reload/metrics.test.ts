/**
 * The counters of /metrics over reloads: those of the books, and of steps that stay as they are, never fall, whatever else
 * changes, and agree with what the receiver has counted.
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { ask } from "../../../src/admin/ask.ts";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { scrape } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const rounds = 12;
const from_file = 300;
const from_socket = 100;

longTest(
  `metrics - over ${rounds} reloads no counter falls, and all agree with the receiver`,
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.log");
    const lines = join(directory, "apps.sock");
    /** Inputs, steps and options of the output come, go and change; one step stays. */
    const agentOf = (round: number) => ({
      directory,
      url: splunk.url,
      inputs: [
        `audit: { paths: ["${path}"] }`,
        ...(round % 3 === 2
          ? []
          : [`apps: { type: socket, path: ${lines}, max_connections: ${100 + (round % 2)} }`]),
      ],
      chain: round % 2 === 0 ? [redact, filter] : [redact],
      output: [`max_in_flight: ${1 + (round % 2)}`],
    });
    const config = writeConfig(agentOf(0));
    const socket = join(stateDirectory(agentOf(0)), "admin.sock");
    const daemon = await Daemon.start(config);
    const highest = new Map<string, number>();
    const fallen: string[] = [];
    const stays =
      /^tallyman_(?:events_\w+_total|lost_bytes_total|delivery_latency_seconds_(?:bucket|count))|^tallyman_step_(?!timed).*input="audit",step="redact"/;
    const look = async (): Promise<Map<string, number>> => {
      const now = await scrape(socket);
      for (const name of new Set([...highest.keys(), ...now.keys()])) {
        if (!stays.test(name)) continue;
        const before = highest.get(name) ?? 0;
        const value = now.get(name) ?? -1;
        if (value < before) fallen.push(`${name}: ${before}, then ${value}`);
        highest.set(name, Math.max(before, value));
      }
      return now;
    };
    let sent = 0;
    for (let round = 1; round <= rounds; round += 1) {
      writeEvents(path, sent, sent + from_file);
      sent += from_file;
      if ((round - 1) % 3 !== 2) {
        const client = createConnection(lines);
        for (const end = sent + from_socket; sent < end; sent += 1)
          client.write(`${wekaEvent(sent)}\n`);
        client.end();
        await once(client.resume(), "close");
      }
      await look();
      writeConfig(agentOf(round));
      const reload = { method: "POST", path: "/reload", at: socket } as const;
      expect(await ask(reload, systemClock)).toMatchObject({ status: 200 });
      await look();
    }
    const sumOf = (metrics: Map<string, number>, name: string): number =>
      [...metrics]
        .filter(([key]) => key.startsWith(`${name}{`) && !key.includes('input="tallyman"'))
        .reduce((sum, [, value]) => sum + value, 0);
    await eventually(async () => sumOf(await look(), "tallyman_events_received_total") === sent);
    const last = await look();
    expect(fallen).toEqual([]);
    const delivered = sumOf(last, "tallyman_events_delivered_total");
    const own = splunk.indexed.filter(({ sourcetype }) => sourcetype?.startsWith("tallyman:"));
    expect(delivered).toBe(splunk.indexed.length - own.length);
    expect(delivered + sumOf(last, "tallyman_events_filtered_total")).toBe(sent);
    const of_step = 'input="audit",step="redact",plugin="redact"';
    expect(last.get(`tallyman_step_events_total{${of_step}}`)).toBe(rounds * from_file);
    expect(await daemon.stop()).toBe(0);
  },
);
