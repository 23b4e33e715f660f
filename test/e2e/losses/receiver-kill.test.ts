/**
 * Crashes of a receiver: the daemon is killed right after it has answered 200, again and again. Every event that
 * got its 200 arrives, and so does every line from a socket that had reached the journal.
 */
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { HecLoad } from "../../support/hec/hec-load.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const events_max = 1_000_000;
const token = "webhook-token";

sampled(
  (kills) =>
    `receiver - ${kills} crashes right after a 200 lose no event that got one (seed ${seed})`,
  { sample: 1, all: 40 },
  async (kills) => {
    const random = seededRandom(seed);
    const directory = temporaryDirectory();
    const tally = new Tally(events_max);
    const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
    const port = await freePort();
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: [`weka: { type: hec, listen: "127.0.0.1:${port}", tokens: [${token}] }`],
      chain: [redact],
    });
    let daemon = await Daemon.start(config);
    let until_kill = Math.ceil(random() * 100);
    let killed: Promise<void> | undefined;
    const load = new HecLoad({
      port,
      token,
      clients: 16,
      onAcknowledged: () => {
        until_kill -= 1;
        if (until_kill === 0) killed = daemon.crash();
      },
    });
    for (let kill = 0; kill < kills; kill += 1) {
      await eventually(() => killed !== undefined);
      await killed;
      killed = undefined;
      daemon = await Daemon.start(config);
      expect(daemon.books.balanced).toBe(true);
      until_kill = Math.ceil(random() * 100);
    }
    until_kill = Infinity;
    await load.finish();
    await splunk.until(() => tally.distinct >= load.acknowledged.size || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const lost = [...load.acknowledged].filter((number) => tally.counts[number] === 0);
    expect(lost).toEqual([]);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({ dropped: 0, quarantined: 0, in_flight: 0 });
  },
);

const socket_kills = { all: 12 };

sampled(
  "socket - crashes lose no line that had reached the journal",
  socket_kills,
  async (kills) => {
    const directory = temporaryDirectory();
    const tally = new Tally(events_max);
    const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
    const path = join(directory, "audit.sock");
    const agent = { directory, url: splunk.url, inputs: [`apps: { type: socket, path: ${path} }`] };
    const config = writeConfig({ ...agent, chain: [redact] });
    const journal = join(stateDirectory(agent), "journal", "apps");
    let next = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      // Nothing is shipped, so that what arrives later can come from the journal only.
      splunk.always({ kind: "hang" });
      const daemon = await Daemon.start(config);
      const client = createConnection(path);
      client.on("error", () => undefined);
      for (const end = next + 200; next < end; next += 1) client.write(`${wekaEvent(next)}\n`);
      const marker = `"requestID":"${(next - 1).toString(16).toUpperCase().padStart(16, "0")}"`;
      await eventually(() => filesBelow(journal).some((bytes) => bytes.includes(marker)));
      await daemon.crash();
      client.destroy();
    }
    splunk.always({ kind: "normal" });
    const last = await Daemon.start(config);
    await splunk.until(() => tally.distinct === next || !last.alive);
    expect(await last.stop()).toBe(0);
    expect(last.books.balanced).toBe(true);
    expect(last.books.total).toMatchObject({ received: next, delivered: next, dropped: 0 });
  },
);
