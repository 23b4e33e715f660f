/**
 * Sends numbered audit events over the agent's UNIX socket, in portions: one a connection, that counts as kept only when
 * the agent has read it to its end and said so by ending, too, and was neither killed nor stopped meanwhile.
 *
 * The protocol has no acknowledgement, and a killed agent ends its connections like one that has read all. So this runs in
 * the process that kills the agent, which knows. A portion that may not be kept is sent again.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { socket_numbers_from } from "./sequence-counts.ts";

const retry_ms = 100;

export interface SocketSenderFacts {
  path: string;
  per_second: number;
  /** How often the agent was killed or stopped so far. */
  interruptions: () => number;
}

export class SocketSender {
  readonly #facts: SocketSenderFacts;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  /** Events that are known to be kept. */
  kept = 0;
  /** Events that were sent again, or may have been. */
  resent = 0;

  constructor(facts: SocketSenderFacts) {
    this.#facts = facts;
    this.#done = this.#run();
  }

  /** Sends what is begun. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { per_second } = this.#facts;
    const begun_ms = performance.now();
    let held_up_ms = 0;
    while (!this.#ending.signal.aborted) {
      const portion_ms = performance.now();
      const lines: string[] = [];
      for (let number = this.kept; lines.length < per_second; number += 1) {
        lines.push(`${wekaEvent(socket_numbers_from + number)}\n`);
      }
      for (;;) {
        const outcome = await this.#send(lines.join(""));
        if (outcome === "kept") break;
        if (outcome === "unsure") this.resent += lines.length;
        await delay(retry_ms);
      }
      this.kept += lines.length;
      // What an agent that is down holds up is not made up for.
      held_up_ms += Math.max(0, performance.now() - portion_ms - 1000);
      const due_ms = begun_ms + held_up_ms + (this.kept / per_second) * 1000;
      await delay(Math.max(0, due_ms - performance.now()));
    }
  }

  /** What became of it; `not sent` where nobody listens. Never rejects. */
  async #send(text: string): Promise<"kept" | "unsure" | "not sent"> {
    const { path, interruptions } = this.#facts;
    const before = interruptions();
    const socket = createConnection(path);
    try {
      await once(socket, "connect");
    } catch {
      return "not sent";
    }
    try {
      const is_whole = await this.#isReadToItsEnd(socket, text);
      return is_whole && interruptions() === before ? "kept" : "unsure";
    } catch {
      return "unsure";
    } finally {
      socket.destroy();
    }
  }

  /** Whether the other side ended only when all was written. */
  async #isReadToItsEnd(socket: Socket, text: string): Promise<boolean> {
    const ended = once(socket, "end");
    // Where it breaks, that is what counts.
    ended.catch(() => undefined);
    socket.resume();
    const is_written = new Promise<boolean>((resolve, reject) => {
      socket.once("error", reject);
      socket.end(text, () => resolve(true));
    });
    const is_whole = await Promise.race([is_written, ended.then(() => false)]);
    await ended;
    return is_whole;
  }
}
