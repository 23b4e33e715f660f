/**
 * The `nats` output: ready batches go to a stream of NATS JetStream, and their events are settled when an aggregator says that it
 * has delivered them.
 *
 * All that is not confirmed is kept in memory, and `room` makes the inputs wait within `max_unconfirmed`, each for its share of it:
 * nothing is dropped, whatever the cluster does.
 */
import type { LogEvent } from "../../event/log-event.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { answerForBooks } from "../../platform/nats/books/answering.ts";
import { NatsLink } from "../../platform/nats/connection.ts";
import { receiptSubject } from "../../platform/nats/subjects.ts";
import { untilAborted } from "../../platform/patience.ts";
import type { Batch } from "../batch/batch.ts";
import { BufferPool } from "../batch/buffer-pool.ts";
import { EventEncoder } from "../batch/envelope.ts";
import { Handover } from "../batch/handover.ts";
import { Delivered } from "../delivered.ts";
import type { Held, Output, OutputCondition, Successor } from "../output.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import { agentOf } from "./agent-name.ts";
import { agentReport } from "./agent-report.ts";
import { Delivery } from "./delivery.ts";
import { LaneBatches } from "./lane-batches.ts";
import type { NatsOutputOptions } from "./options.ts";
import { message_bytes_max, Publisher } from "./publisher.ts";
import { Shares } from "./shares.ts";

/** A batch without a receipt for so long is one that somebody should look after. */
const unconfirmed_ms_max = 60_000;

export interface NatsOutputDeps {
  ledger: Ledger;
  quarantine: Pick<Quarantine, "addRefused">;
  /** Of an output of the same name before this one, to be counted on. */
  delivered?: Delivered;
  clock: Clock;
  log: Logger;
}

export interface NatsOutputStatus extends OutputCondition {
  /** Where it is connected to. */
  readonly server: string | undefined;
  readonly batches_waiting: number;
  readonly batches_unconfirmed: number;
  /** Of those: an aggregator has refused them. */
  readonly batches_refused: number;
  readonly receipts: number;
  /** Batches that were published again. */
  readonly repeats: number;
}

export class NatsOutput implements Output {
  readonly name: string;
  readonly delivered: Delivered;
  readonly held_bytes_max: number;
  readonly #link: NatsLink;
  readonly #encoder = new EventEncoder("beside");
  readonly #batches: LaneBatches;
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  readonly #shares: Shares;
  #state: "open" | "retired" | "closed" = "open";
  #idle = true;
  #drains = 0;
  #inherits = false;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(name: string, options: NatsOutputOptions, deps: NatsOutputDeps) {
    const { ledger, clock, log } = deps;
    const { batch, max_in_flight, confirm, max_unconfirmed } = options;
    const agent = agentOf(options);
    const logged = { output: name };
    this.name = name;
    this.#clock = clock;
    const shares = new Shares(max_unconfirmed);
    this.#shares = shares;
    this.held_bytes_max = confirm === "delivery" ? max_unconfirmed : 0;
    this.delivered = deps.delivered ?? new Delivered(ledger.account("delivered", name), clock);
    const subject = receiptSubject(options.prefix, agent);
    this.#link = new NatsLink(options, {
      role: "agent",
      name: agent,
      clock,
      log,
      logged,
      onOpen: (connection) => {
        connection.subscribe(subject, {
          callback: (error, message) => {
            if (error === null && this.#state !== "closed")
              this.#delivery.receive(message.string());
          },
        });
        answerForBooks(connection, options.prefix, {
          role: "agent",
          make: () => agentReport({ ledger, output: name, agent, confirm, clock }),
        });
      },
      onUp: () => this.#delivery.retryNow(),
    });
    const pool = new BufferPool(batchBytesMax(options), max_in_flight);
    this.#batches = new LaneBatches(
      {
        encoder: this.#encoder,
        clock,
        pool,
        batch_wait_ms_max: batch.max_wait,
        onFull: (full) => this.#delivery.send(full),
        onDue: () => this.#pump(),
      },
      shares,
    );
    const packing = options.compression;
    this.#delivery = new Delivery(
      { confirm, max_in_flight, packing, receipt_timeout_ms: options.receipt_timeout },
      {
        ledger,
        publisher: new Publisher({ agent, prefix: options.prefix, packing }, this.#link),
        shares,
        delivered: this.delivered,
        clock,
        log,
        logged,
        unreached_ms: () => this.#link.unreached_ms,
        quarantine: (full, detail) => this.#refuse(full, detail, deps.quarantine),
        onProgress: () => this.#pump(),
        onCompressed: (buffer) => pool.giveBack(buffer),
        onEnded: (ended) => this.#batches.recycle(ended),
      },
    );
    this.#link.start();
  }

  add(event: LogEvent): void {
    this.#idle = false;
    this.#batches.add(event);
  }

  inherit(event: LogEvent): void {
    // All that is not confirmed takes up room, whoever had it.
    this.#batches.add(event);
    if (this.#inherits) return;
    this.#inherits = true;
    // What comes in one go is to share a message.
    queueMicrotask(() => {
      this.#inherits = false;
      for (const full of this.#batches.takeAll()) this.#delivery.send(full);
    });
  }

  room(input: string): Promise<void> | undefined {
    return this.#state === "open" ? this.#shares.room(input) : undefined;
  }

  idle(): void {
    this.#idle = true;
    this.#pump();
  }

  status(): NatsOutputStatus {
    const { counts, repeats, refusals } = this.#delivery;
    return {
      ...this.#condition(),
      server: this.#link.server,
      batches_waiting: counts.waiting,
      batches_unconfirmed: counts.unconfirmed,
      batches_refused: refusals.length,
      receipts: counts.receipts,
      repeats,
    };
  }

  async drain(stop: AbortSignal): Promise<void> {
    this.#drains += 1;
    this.#pump();
    while (!this.#allDelivered && !stop.aborted && this.#state !== "closed") {
      this.#empty ??= Promise.withResolvers();
      await untilAborted(this.#empty.promise, stop);
    }
    this.#drains -= 1;
  }

  async retire(successor: Successor): Promise<void> {
    this.#state = "retired";
    const handover = new Handover({ successor, encoder: this.#encoder, clock: this.#clock });
    this.#delivery.retire((batch) => handover.give(batch));
    for (const batch of this.#batches.takeAll()) handover.give(batch);
    this.#wake();
    await this.drain(new AbortController().signal);
  }

  get held(): Held {
    return this.#delivery.held;
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#batches.stop();
    this.#delivery.close();
    this.#wake();
    await this.#link.close();
  }

  get #allDelivered(): boolean {
    return this.#batches.empty && this.#delivery.isDone;
  }

  #condition(): OutputCondition {
    const { trouble, since_ms } = this.#delivery.outage;
    const down_ms = this.#link.since_ms;
    if (down_ms !== undefined) return retrying("unreachable", down_ms);
    if (trouble !== undefined) return retrying(trouble, since_ms ?? this.#clock.now());
    const { unconfirmed_ms, refusals } = this.#delivery;
    const [refusal] = refusals;
    if (refusal !== undefined) return retrying("batches_refused", refusal.since_ms);
    if (unconfirmed_ms > unconfirmed_ms_max)
      return retrying("no_receipts", this.#clock.now() - unconfirmed_ms);
    return { state: "sending", reason: undefined, since: undefined };
  }

  #refuse(batch: Batch, detail: string, quarantine: NatsOutputDeps["quarantine"]): void {
    const event = batch.takeFirst();
    const decoded = this.#encoder.decode(event.encoded);
    if (event.place !== undefined) event.receipt.withhold(event.place, "quarantined");
    quarantine.addRefused(event, decoded, { reason: "nats_too_large", detail });
  }

  /** Lets open batches go as far as one would be published at once, and wakes whoever waits. */
  #pump(): void {
    if (this.#state === "closed") return;
    while (this.#state === "open" && this.#delivery.takesMore) {
      const at_once = this.#drains > 0 || (this.#idle && this.#delivery.isQuiet);
      const full = this.#batches.take(!at_once);
      if (full === undefined) break;
      this.#delivery.send(full);
    }
    this.#wake();
  }

  #wake(): void {
    this.#shares.wake(this.#state === "open" ? "those_with_room" : "all");
    if (this.#allDelivered || this.#state === "closed") {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}

/** As it is, one has to fit into a message: its halves would come behind what follows it, if that is sent already. */
function batchBytesMax({ batch, compression }: NatsOutputOptions): number {
  return compression === "gzip" ? batch.max_bytes : Math.min(batch.max_bytes, message_bytes_max);
}

function retrying(reason: string, since_ms: number): OutputCondition {
  return { state: "retrying", reason, since: new Date(since_ms).toISOString() };
}
