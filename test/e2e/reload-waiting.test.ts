/**
 * Events that wait while a redact step is added: a reload, or a restart, has it applied to all of them, wherever they wait, so
 * that no secret leaves that was noticed in time.
 */
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeConfig, type AgentConfig } from "../support/agent-config.ts";
import { tallyman } from "../support/command-line.ts";
import { Daemon } from "../support/daemon.ts";
import { longTest } from "../support/effort.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { seededRandom } from "../support/hostile-lines.ts";
import { seed } from "../support/seed.ts";
import { Splunk } from "../support/splunk.ts";
import { statusOf } from "../support/status.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const token = "webhook-token";
const secret = ["S3CR3T", "PW"].join("-");
const redact = "redact: { fields: [password] }";

/** An agent with an input of each kind, in front of a Splunk that is down. */
class Rig {
  readonly directory = temporaryDirectory();
  readonly file = join(this.directory, "audit.log");
  readonly socket = join(this.directory, "apps.sock");
  readonly splunk: Splunk;
  readonly port: number;

  private constructor(splunk: Splunk, port: number) {
    this.splunk = splunk;
    this.port = port;
  }

  static async make(): Promise<Rig> {
    const splunk = await Splunk.start();
    await splunk.refuse();
    return new Rig(splunk, await freePort());
  }

  /** The path of its configuration, with this chain and these outputs. */
  configure(chain: string[], more: Partial<AgentConfig> = {}): string {
    const { directory, file, port, socket, splunk } = this;
    appendFileSync(file, "");
    const inputs = [
      `hec: { type: hec, listen: "127.0.0.1:${port}", tokens: [${token}] }`,
      `apps: { type: socket, path: ${socket} }`,
      `files: { type: file, paths: ["${file}"], start_at: beginning }`,
    ];
    const top = ["shutdown_timeout: 1s"];
    return writeConfig({ directory, url: splunk.url, inputs, chain, top, ...more });
  }

  /** Sends one event to each input. */
  async send(number: number): Promise<void> {
    const event = eventOf(number);
    appendFileSync(this.file, `${event}\n`);
    const client = connect(this.socket);
    await once(client, "connect");
    client.end(`${event}\n`);
    const answer = await fetch(`http://127.0.0.1:${this.port}/services/collector/event`, {
      method: "POST",
      headers: { authorization: `Splunk ${token}` },
      body: `{"event":${event}}`,
    });
    expect(answer.status).toBe(200);
  }
}

function eventOf(number: number, value = secret): string {
  return `{"n":${number}, "password":"${value}","at":"x"}`;
}

/** What Splunk has of the events with these numbers, each from three inputs. */
function masked(...numbers: number[]): string[] {
  return numbers.flatMap((number) => Array<string>(3).fill(eventOf(number, "[REDACTED]")));
}

async function received(config: string, events: number): Promise<void> {
  await eventually(async () => (await statusOf(config)).books.total.received === events);
}

test("reload - a redact step that is new masks what waits from a file, a socket and over HTTP, and says so", async () => {
  const rig = await Rig.make();
  const config = rig.configure([]);
  const daemon = await Daemon.start(config);
  await rig.send(1);
  await received(config, 3);
  rig.configure([redact]);
  const { out } = await tallyman(["reload", "-c", config]);
  expect(out).toContain("3 events had been through the former chain while waiting to be sent.");
  expect(out).toContain("New redact steps were applied to 3 in memory, and changed 3.");
  const { events, changed } = (await daemon.logged("reload_waiting_events")) as {
    events?: number;
    changed?: number;
  };
  expect({ events, changed }).toEqual({ events: 3, changed: 3 });
  // Another one finds nothing more to do, and a step that is no redact step is said not to be applied.
  rig.configure([redact, 'filter: { drop: "n > 0" }']);
  const again = await tallyman(["reload", "-c", config]);
  expect(again.out).toContain("Other steps that have changed are not applied to them.");
  await rig.splunk.listen();
  await rig.splunk.until(({ indexed }) => indexed.length >= 3 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(rig.splunk.events).toEqual(masked(1));
  expect(daemon.books.total).toMatchObject({ received: 3, delivered: 3, in_flight: 0 });
});
