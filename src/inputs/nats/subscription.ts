/**
 * One connection to the stream: gets messages of the shared consumer, keeps those that wait from going to another aggregator,
 * acknowledges them, and has the stream forget what all have read. It is closed when nothing of it is open any more.
 */
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { Clock, Timer } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { NatsLink, unreached_ms_max, type NatsConnection } from "../../platform/nats/connection.ts";
import { answerForBooks } from "../../platform/nats/books/answering.ts";
import type { AggregatorReport } from "../../platform/nats/books/report.ts";
import { agentOf, receiptSubject } from "../../platform/nats/subjects.ts";
import { atMost, Bell } from "../../platform/patience.ts";
import { WriteOutage } from "../../platform/write-outage.ts";
import { Acknowledging } from "./acknowledging.ts";
import type { NatsInputOptions } from "./options.ts";
import { ConsumerIdentity } from "./consumer-identity.ts";
import { OpenMessages } from "./open-messages.ts";
import { ReadMessages } from "./read-messages.ts";

/** How long one request for messages lasts. */
const expires_ms = 5000;
const fetched_max = 16;
/** One that takes longer than this is lost. */
const fetch_ms_max = 3 * expires_ms;
const retry_ms = 1000;
/** An aggregator says of what it has that it is at work, so often while the consumer waits for it. */
const words_per_wait = 4;
const working_ms_min = 500;
/** What can only wait comes again after this, and then after twice as long, up to a bound. */
const put_off_ms_min = 2000;
const put_off_ms_max = 120_000;
const nanoseconds_per_ms = 1_000_000;
const close_ms_max = 2000;

export interface SubscriptionDeps {
  /** The aggregator's, for its inbox. */
  name: string;
  clock: Clock;
  log: Logger;
  logged: LogFacts;
  /** Takes a message on, and resolves when there is room for another one. Never rejects. */
  take: (message: JsMsg) => Promise<void>;
  /** Whether a message that was taken on only waits, as the index of its events is refused. */
  isAside: (message: JsMsg) => boolean;
  /** Called with each receipt that any aggregator gives. */
  onReceipt: (agent: string, text: string) => void;
  /** What it says of its books to whoever asks. */
  report: () => AggregatorReport;
  /** Called when there is nothing to read just now. */
  onIdle: () => void;
}

export class Subscription {
  readonly link: NatsLink;
  readonly #options: NatsInputOptions;
  readonly #deps: SubscriptionDeps;
  readonly #open: OpenMessages;
  readonly #arrived: JsMsg[] = [];
  readonly #outage: WriteOutage;
  readonly #acknowledging: Acknowledging;
  readonly #stopping = new AbortController();
  readonly #closing = new AbortController();
  /** Something has changed that the one who gets messages, or the one who takes them on, may wait for. */
  readonly #changed = new Bell();
  #running: Promise<unknown> = Promise.resolve();
  readonly #identity: ConsumerIdentity;
  readonly #read: ReadMessages;
  #working_ms = working_ms_min;

  constructor(options: NatsInputOptions, deps: SubscriptionDeps) {
    const { clock, log, logged, name } = deps;
    this.#options = options;
    this.#deps = deps;
    const { max_in_flight } = options;
    this.#open = new OpenMessages({ max_in_flight, isAside: deps.isAside });
    this.link = new NatsLink(options, {
      role: "aggregator",
      name,
      clock,
      log,
      logged,
      onOpen: (connection) => this.#listen(connection),
      onUp: () => this.#changed.ring(),
    });
    this.#identity = new ConsumerIdentity(options, this.link, clock);
    this.#read = new ReadMessages(options, this.link, this.#identity);
    this.#acknowledging = new Acknowledging({
      link: this.link,
      identity: this.#identity,
      prefix: options.prefix,
      clock,
      log,
      logged,
      onEnd: (message) => {
        this.#read.note(message);
        this.#end(message);
      },
    });
    this.#outage = new WriteOutage({
      clock,
      log,
      logged: { ...logged, stream: options.stream, consumer: options.consumer },
      lines: {
        began: {
          level: "error",
          code: "nats_not_read",
          message: "The stream cannot be read. It is tried again every second.",
        },
        ended: { level: "info", code: "nats_read", message: "The stream is read again." },
      },
    });
  }

  /** Messages that are not acknowledged. */
  get open(): number {
    return this.#open.size;
  }

  start(): void {
    this.link.start();
    this.#running = Promise.all([this.#fetchAll(), this.#takeAll()]);
    void this.#keepWorking();
    void this.#read.keepPurging(this.#deps.clock, this.#closing.signal);
  }

  /** Gets nothing more, and gives back what was not taken on. What was is still acknowledged when it is settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#changed.ring();
    for (const message of this.#arrived.splice(0)) this.giveBack(message);
    await this.#running;
    for (const message of this.#arrived.splice(0)) this.giveBack(message);
  }

  /** Resolves when nothing is open any more, or no server has been reached for some time: what is open then comes again. */
  async empty(): Promise<void> {
    const { clock } = this.#deps;
    while (this.#open.size > 0 && this.link.unreached_ms < unreached_ms_max)
      await atMost(this.#open.empty(), retry_ms, clock);
  }

  /** Resolves when no acknowledgement is on its way. */
  async settled(): Promise<void> {
    await this.#acknowledging.done();
  }

  /** Comes after `stop`. What is still open goes to another aggregator at once. */
  async close(): Promise<void> {
    for (const message of this.#open.all) this.giveBack(message);
    const last = Promise.all([
      this.link.connection?.flush().catch(() => undefined),
      this.#read.purge(),
    ]);
    await atMost(last, close_ms_max, this.#deps.clock);
    this.#closing.abort();
    this.#acknowledging.close();
    await this.link.close();
  }

  /** Acknowledges a message whose events are settled, and gives the agent its receipt. */
  settle(message: JsMsg, agent: string, receipt: string): void {
    this.#acknowledging.settle(message, agent, receipt);
  }

  /** Has the stream give the message to nobody again, and tells the agent. */
  refuse(message: JsMsg, reason: string): void {
    this.#acknowledging.refuse(message, reason);
    this.#read.note(message);
    this.#end(message);
  }

  /** Has another aggregator get the message at once. */
  giveBack(message: JsMsg): void {
    if (this.link.connection !== undefined) message.nak();
    this.#end(message);
  }

  /** The same later, and later each time: for as long as it comes it could only wait. */
  putOff(message: JsMsg): void {
    const { deliveryCount } = message.info;
    const delay_ms = Math.min(
      put_off_ms_min * 2 ** Math.min(deliveryCount - 1, 16),
      put_off_ms_max,
    );
    if (this.link.connection !== undefined) message.nak(delay_ms);
    this.#end(message);
  }

  #end(message: JsMsg): void {
    this.#open.delete(message);
    this.#changed.ring();
  }

  #listen(connection: NatsConnection): void {
    const { prefix } = this.#options;
    answerForBooks(connection, prefix, { role: "aggregator", make: this.#deps.report });
    connection.subscribe(receiptSubject(prefix, "*"), {
      callback: (error, message) => {
        const agent = error === null ? agentOf(prefix, message.subject) : undefined;
        if (agent !== undefined) this.#deps.onReceipt(agent, message.string());
      },
    });
  }

  async #fetchAll(): Promise<void> {
    const { clock } = this.#deps;
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      const { connection } = this.link;
      try {
        if (connection === undefined) await this.#changed.rung();
        else await this.#fetchFrom(connection);
      } catch (cause) {
        if (stop.aborted) return;
        this.#outage.failed(cause);
        this.#identity.forget();
        if (connection !== undefined) this.link.unanswered(connection);
        await clock.sleep(retry_ms, stop);
      }
    }
  }

  async #fetchFrom(connection: NatsConnection): Promise<void> {
    const { jetstream } = await import("@nats-io/jetstream");
    const { stream, consumer: name } = this.#options;
    const consumer = await jetstream(connection).consumers.get(stream, name);
    const { ack_wait = 0 } = (await consumer.info(true)).config;
    this.#working_ms = Math.max(ack_wait / nanoseconds_per_ms / words_per_wait, working_ms_min);
    this.#outage.worked();
    while (!this.#stopping.signal.aborted && this.link.connection === connection) {
      const wanted = this.#open.room(fetched_max);
      // Nothing tells when an index is refused.
      if (wanted === 0) await atMost(this.#changed.rung(), retry_ms, this.#deps.clock);
      else if (this.#arrived.length >= fetched_max / 2) await this.#changed.rung();
      else await this.#fetch(consumer, wanted);
    }
  }

  async #fetch(consumer: Consumer, max_messages: number): Promise<void> {
    const made = await this.#identity.made();
    const messages = await consumer.fetch({ max_messages, expires: expires_ms });
    const stop = (): void => messages.stop();
    const { signal } = this.#stopping;
    signal.addEventListener("abort", stop, { once: true });
    const unwatch = this.#watch(messages);
    try {
      for await (const message of messages) {
        this.#identity.note(message, made);
        this.#open.add(message);
        this.#arrived.push(message);
        this.#changed.ring();
      }
      this.link.answered();
    } finally {
      unwatch();
      signal.removeEventListener("abort", stop);
    }
  }

  /** After a reconnect the library asks for the consumer until somebody answers, and does not know that other servers might. */
  #watch(messages: ConsumerMessages): () => void {
    const { clock } = this.#deps;
    let timer: Timer;
    const watch = (): void => {
      timer = clock.after(fetch_ms_max, () => {
        if (this.link.connection === undefined) watch();
        else messages.stop(new Error("nobody has answered"));
      });
    };
    watch();
    return () => timer.cancel();
  }

  /** One after the other, so that each lane keeps its order. */
  async #takeAll(): Promise<void> {
    const { take, onIdle } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      const changed = this.#changed.rung();
      const message = this.#arrived.shift();
      if (message === undefined) {
        onIdle();
        await changed;
      } else {
        await take(message);
        this.#changed.ring();
      }
    }
  }

  async #keepWorking(): Promise<void> {
    const stop = this.#closing.signal;
    while (!stop.aborted) {
      await this.#deps.clock.sleep(this.#working_ms, stop);
      if (this.link.connection === undefined) continue;
      for (const message of this.#open.all) message.working();
    }
  }
}
