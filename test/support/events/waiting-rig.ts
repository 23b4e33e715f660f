/** An agent with an input of each kind, whose events wait since Splunk is not there. */
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import type { Status } from "../../../src/admin/status/status.ts";
import { writeConfig, type AgentConfig } from "../agent-config.ts";
import { tallyman } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { freePort } from "../servers/free-port.ts";
import { Splunk } from "../splunk.ts";
import { temporaryDirectory } from "../temporary.ts";

const token = "webhook-token";
export const secret = ["S3CR3T", "PW"].join("-");
export const redact = "redact: { fields: [password] }";

export class WaitingRig {
  readonly directory: string;
  readonly file: string;
  readonly socket: string;
  readonly splunk: Splunk;
  readonly port: number;

  private constructor(directory: string, splunk: Splunk, port: number) {
    this.directory = directory;
    this.file = join(directory, "audit.log");
    this.socket = join(directory, "apps.sock");
    this.splunk = splunk;
    this.port = port;
  }

  static async make(directory = temporaryDirectory()): Promise<WaitingRig> {
    const splunk = await Splunk.start();
    return new WaitingRig(directory, splunk, await freePort());
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
    await this.sendLine(event);
    const answer = await fetch(`http://127.0.0.1:${this.port}/services/collector/event`, {
      method: "POST",
      headers: { authorization: `Splunk ${token}` },
      body: `{"event":${event}}`,
    });
    expect(answer.status).toBe(200);
  }

  /** Sends a line to each of the two inputs that read lines. */
  async sendLine(line: string): Promise<void> {
    appendFileSync(this.file, `${line}\n`);
    const client = connect(this.socket);
    await once(client, "connect");
    client.end(`${line}\n`);
  }
}

export function eventOf(number: number, value = secret): string {
  return `{"n":${number}, "password":"${value}","at":"x"}`;
}

/** What Splunk has of the events with these numbers, each from three inputs. */
export function masked(...numbers: number[]): string[] {
  return numbers.flatMap((number) => Array<string>(3).fill(eventOf(number, "[REDACTED]")));
}

/** Waits until so many events are in the books. */
export async function received(config: string, events: number): Promise<void> {
  await eventually(async () => {
    const { out } = await tallyman(["status", "-c", config, "--json"]);
    return (JSON.parse(out) as Status).books.total.received === events;
  });
}
