/**
 * Acknowledges messages whose events are settled, and gives agents their receipts. Both are tried again for some time: what is lost
 * of them makes a batch come again, which is recognised then. What is refused gets a refusal.
 */
import type { JsMsg } from "@nats-io/jetstream";
import type { Clock } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import type { NatsLink } from "../../platform/nats/connection.ts";
import { message_id_header } from "../../platform/nats/batch-head.ts";
import { writeRefusal } from "../../platform/nats/refusal.ts";
import { agentOf, receiptSubject } from "../../platform/nats/subjects.ts";
import { atMost } from "../../platform/patience.ts";
import { Reminder } from "../../platform/reminder.ts";
import type { ConsumerIdentity } from "./consumer-identity.ts";

const attempt_ms_max = 5000;
const attempts_max = 3;
const retry_ms = 500;

export interface AcknowledgingDeps {
  link: NatsLink;
  identity: ConsumerIdentity;
  prefix: string;
  clock: Clock;
  log: Logger;
  logged: LogFacts;
  /** Called with a message that nobody has to do with any more. */
  onEnd: (message: JsMsg) => void;
}

export class Acknowledging {
  readonly #deps: AcknowledgingDeps;
  readonly #notes: Reminder;
  readonly #closing = new AbortController();
  readonly #going_on = new Set<Promise<void>>();

  constructor(deps: AcknowledgingDeps) {
    this.#deps = deps;
    this.#notes = new Reminder(deps.clock);
  }

  settle(message: JsMsg, agent: string, receipt: string): void {
    const settled = this.#settle(message, agent, receipt);
    this.#going_on.add(settled);
    void settled.then(() => this.#going_on.delete(settled));
  }

  /** Has the stream give the message to nobody again, and tells the agent. It comes again where that fails. */
  refuse(message: JsMsg, reason: string): void {
    const { link, prefix } = this.#deps;
    if (link.connection === undefined) return;
    const { subject, headers } = message;
    const agent = agentOf(prefix, subject);
    const id = headers?.get(message_id_header) ?? "";
    const refusal = writeRefusal({ id, lane: subject.split(".").at(-1)!, reason });
    if (agent !== undefined) link.connection.publish(receiptSubject(prefix, agent), refusal);
    void this.#terminate(message);
  }

  /** Resolves when none is on its way. */
  async done(): Promise<void> {
    await Promise.all(this.#going_on);
  }

  close(): void {
    this.#closing.abort();
  }

  /** Never rejects. */
  async #settle(message: JsMsg, agent: string, receipt: string): Promise<void> {
    const { log, logged, prefix, onEnd } = this.#deps;
    const done = await this.#acknowledge(message);
    if (!done && this.#notes.due("any") > 0) {
      log.warn(
        "nats_not_acknowledged",
        { ...logged, agent },
        "The stream did not take an acknowledgement. The batch may come again, and is recognised.",
      );
    }
    // It is delivered, whatever the stream knows.
    await this.#publish(receiptSubject(prefix, agent), receipt);
    onEnd(message);
  }

  /** Never rejects. */
  async #terminate(message: JsMsg): Promise<void> {
    const { identity, link } = this.#deps;
    const is_there = await identity.has(message).catch(() => false);
    if (is_there && link.connection !== undefined) message.term();
  }

  async #acknowledge(message: JsMsg): Promise<boolean> {
    const { identity } = this.#deps;
    // The library's own call is good for one attempt.
    const { reply } = message as JsMsg & { readonly reply: string };
    return this.#try(async (connection) => {
      // Of a stream that is gone there is nothing to acknowledge.
      if (await identity.has(message))
        await connection.request(reply, "+ACK", { timeout: attempt_ms_max });
    });
  }

  /** Until a server has it. An agent that is not connected then asks again. */
  async #publish(subject: string, text: string): Promise<void> {
    await this.#try(async (connection) => {
      connection.publish(subject, text);
      await connection.flush();
    });
  }

  async #try(
    work: (connection: NonNullable<NatsLink["connection"]>) => Promise<void>,
  ): Promise<boolean> {
    const { link, clock } = this.#deps;
    const stop = this.#closing.signal;
    for (let attempts = 0; attempts < attempts_max && !stop.aborted;) {
      const { connection } = link;
      if (connection !== undefined) {
        attempts += 1;
        const done = work(connection).then(
          () => true,
          () => false,
        );
        const is_done = await atMost(done, attempt_ms_max, clock);
        if (is_done === true && connection === link.connection) return true;
      }
      await clock.sleep(retry_ms, stop);
    }
    return false;
  }
}
