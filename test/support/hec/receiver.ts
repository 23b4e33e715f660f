/** An HEC receiver on a port of its own, with an intake in memory, and clients of several kinds for it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { HecInput } from "../../../src/inputs/hec/hec-input.ts";
import { hecInputShape } from "../../../src/inputs/hec/options.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../src/platform/sockets/inherited-listener.ts";
import { CollectedLog } from "../collected-log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";

export const token = "6d15a8e4-0000-4000-8000-c0ffee123456";
export const authorization = `Splunk ${token}`;

const schema = z.strictObject(hecInputShape());

export type ReceiverOptions = Partial<z.input<typeof schema>>;

export interface ReceiverServices {
  intake?: MemoryIntake;
  clock?: Clock;
  inherited?: InheritedSockets;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  readonly json: unknown;
}

/** A receiver that has been started, and is stopped after the test. */
export class TestReceiver {
  readonly intake: MemoryIntake;
  readonly log = new CollectedLog();
  readonly input: HecInput;

  constructor(options: ReceiverOptions, services: ReceiverServices) {
    this.intake = services.intake ?? new MemoryIntake();
    const parsed = schema.parse({
      type: "hec",
      listen: "127.0.0.1:0",
      tokens: [token],
      ...options,
    });
    this.input = new HecInput("weka", parsed, {
      clock: services.clock ?? systemClock,
      log: this.log,
      inherited: services.inherited ?? new InheritedSockets(this.log),
      origin: { input: "weka", metadata: { host: "here", ...parsed.metadata } },
    });
  }

  get port(): number {
    return this.input.port!;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Posts to a path, by default that of events; with the valid token unless a header says otherwise. */
  async post(
    body: string | Buffer | undefined,
    path = "/services/collector/event",
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.request("POST", path, { authorization, ...headers }, body);
  }

  async request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: jsonOf(text) };
  }

  /** A connection to it, for requests written by hand. */
  async connect(): Promise<RawClient> {
    const socket = connect(this.port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }
}

/** Starts a receiver; it is stopped when the test is over. */
export async function startReceiver(
  options: ReceiverOptions = {},
  services: ReceiverServices = {},
): Promise<TestReceiver> {
  const receiver = new TestReceiver(options, services);
  await receiver.input.start(receiver.intake);
  onTestFinished(() => receiver.input.stop());
  return receiver;
}

/** A connection on which a test writes what it likes and reads what comes. */
export class RawClient {
  readonly socket: Socket;
  /** Everything that came so far. */
  received = "";
  /** Resolves when the connection is closed, however. */
  readonly closed: Promise<void>;
  #more = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        resolve();
        this.#more.resolve();
      });
    });
    onTestFinished(() => {
      socket.destroy();
    });
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Resolves when `pattern` has come `times` times; throws when the connection is closed before. */
  async until(pattern: RegExp, times = 1): Promise<string> {
    const every = new RegExp(pattern, "g");
    while ((this.received.match(every) ?? []).length < times) {
      if (this.socket.destroyed) throw new Error(`closed after: ${this.received}`);
      await this.#more.promise;
    }
    return this.received;
  }
}

/** A request as text, with Content-Length where it has a body. */
export function requestText(
  body: string,
  headers: Record<string, string> = {},
  first_line = "POST /services/collector/event HTTP/1.1",
): string {
  const all = {
    Host: "127.0.0.1",
    Authorization: authorization,
    "Content-Length": String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [first_line, ...lines, "", body].join("\r\n");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
