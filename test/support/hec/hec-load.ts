/** Steady load on an HEC receiver: clients that post numbered audit events and send each until it is acknowledged. */
import { Agent, request } from "node:http";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";

export interface HecLoadFacts {
  port: number;
  token: string;
  clients: number;
  /** Path that is posted to, and the body of event `number`. */
  path?: string;
  body?: (number: number) => string;
  headers?: Readonly<Record<string, string>>;
  /** How long each client waits between two events, where not as many as possible are to come. */
  pause_ms?: number;
  /** Called with each number that got its 200. */
  onAcknowledged?: (number: number) => void;
}

export class HecLoad {
  /** Numbers that got their 200. */
  readonly acknowledged = new Set<number>();
  /** Statuses other than 200, and how often each came. */
  readonly refusals = new Map<number, number>();
  readonly #facts: HecLoadFacts;
  readonly #agent: Agent;
  readonly #done: Promise<unknown>;
  #next = 0;
  #last = Infinity;

  constructor(facts: HecLoadFacts) {
    this.#facts = facts;
    this.#agent = new Agent({ keepAlive: true, maxSockets: facts.clients });
    this.#done = Promise.all(Array.from({ length: facts.clients }, () => this.#run()));
  }

  /** Numbers that were begun. */
  get begun(): number {
    return this.#next;
  }

  /** Begins nothing from number `last` on, and resolves when all that was begun is acknowledged. */
  async finish(last = this.#next): Promise<void> {
    this.#last = last;
    await this.#done;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (this.#next < this.#last) {
      const number = this.#next;
      this.#next += 1;
      while ((await this.#post(number)) !== 200)
        await new Promise((resolve) => setTimeout(resolve, 20));
      this.acknowledged.add(number);
      this.#facts.onAcknowledged?.(number);
      const { pause_ms } = this.#facts;
      if (pause_ms !== undefined) await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  }

  /** The answer's status; 0 where there was none. */
  async #post(number: number): Promise<number> {
    const { port, token, path = "/services/collector/event", headers = {} } = this.#facts;
    const body = this.#facts.body?.(number) ?? `{"event":${wekaEvent(number)}}`;
    const status = await new Promise<number>((resolve) => {
      const post = request(
        {
          agent: this.#agent,
          host: "127.0.0.1",
          port,
          path,
          method: "POST",
          headers: {
            authorization: `Splunk ${token}`,
            "content-length": Buffer.byteLength(body),
            ...headers,
          },
        },
        (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode ?? 0));
          response.on("error", () => resolve(0));
        },
      );
      post.on("error", () => resolve(0));
      post.end(body);
    });
    if (status !== 200) this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
    return status;
  }
}
