/**
 * Reads the batches of agents from a stream of NATS JetStream, which is shared with other aggregators.
 *
 * A message is acknowledged, and the agent gets its receipt, when the events in it are settled and the written state says so. Until
 * then it is this aggregator's; if that dies, another one gets it. What comes twice is recognised by its numbers.
 */
import type { JsMsg } from "@nats-io/jetstream";
import { Block, type OriginOptions } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { batchId, readHead, writeReceipt, type BatchHead } from "../../platform/nats/batch-head.ts";
import { agentNameOf, agentOf } from "../../platform/nats/subjects.ts";
import { untilAborted } from "../../platform/patience.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { Reminder } from "../../platform/reminder.ts";
import type { Input, InputCondition, Intake } from "../input.ts";
import type { AgentLanes } from "./agent-lanes.ts";
import { BatchContentReader, bodyOf, type BatchRecords } from "./batch-content.ts";
import { aggregatorReport } from "./aggregator-report.ts";
import type { HeardReceipts } from "./heard-receipts.ts";
import type { NatsInputOptions } from "./options.ts";
import { Subscription } from "./subscription.ts";

export interface NatsInputServices {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
}

/** What one input of a name knows, however often it is opened again. */
export interface KnownBatches {
  readonly lanes: AgentLanes;
  readonly heard: HeardReceipts;
}

export interface NatsInputDeps {
  services: NatsInputServices;
  known: KnownBatches;
  origin: OriginOptions;
}

export interface NatsInputCondition extends InputCondition {
  readonly server: string | undefined;
  readonly batches_open: number;
  readonly batches: number;
  readonly repeats: number;
  readonly refused: number;
}

export class NatsInput implements Input {
  readonly name: string;
  readonly #options: NatsInputOptions;
  readonly #services: NatsInputServices;
  readonly #known: KnownBatches;
  readonly #content = new BatchContentReader();
  readonly #subscription: Subscription;
  readonly #refusals: Reminder;
  readonly #stopping = new AbortController();
  #intake: Intake | undefined;
  #counts = { batches: 0, repeats: 0, refused: 0 };

  constructor(name: string, options: NatsInputOptions, { services, known, origin }: NatsInputDeps) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#known = known;
    this.#content.describe(origin.metadata);
    this.#refusals = new Reminder(services.clock);
    this.#subscription = new Subscription(options, {
      name: `${agentNameOf(machineName())}-${process.pid}`,
      clock: services.clock,
      log: services.log,
      logged: { input: name },
      take: (message) => this.#take(message),
      onReceipt: (agent, text) => {
        known.heard.note(agent, text);
        known.lanes.heard(agent, text);
      },
      report: () => aggregatorReport({ ...services, lanes: known.lanes, input: name }),
      onIdle: () => this.#intake?.idle(),
    });
  }

  start(intake: Intake): Promise<void> {
    this.#intake = intake;
    this.#subscription.start();
    return Promise.resolve();
  }

  describe({ metadata }: OriginOptions): void {
    this.#content.describe(metadata);
  }

  /** Reads nothing more. What was read is acknowledged when it is settled, until `close`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription.stop();
  }

  /** Resolves when all that was read is acknowledged. Comes after `stop`. */
  empty(): Promise<void> {
    return this.#subscription.empty();
  }

  /** Resolves when all that the written state has settled is acknowledged. */
  settled(): Promise<void> {
    return this.#subscription.settled();
  }

  close(): Promise<void> {
    return this.#subscription.close();
  }

  status(): NatsInputCondition {
    const { link, open } = this.#subscription;
    return {
      type: "nats",
      listens_on: this.#options.servers.join(", "),
      server: link.server,
      batches_open: open,
      ...this.#counts,
    };
  }

  /** Never rejects. */
  async #take(message: JsMsg): Promise<void> {
    const head = this.#headOf(message);
    if (typeof head === "string") return this.#refuse(message, head);
    const body = await bodyOf(message.data, head);
    if (typeof body === "string") return this.#refuse(message, body);
    const intake = this.#intake!;
    const stop = this.#stopping.signal;
    for (let full = intake.room(this.name); full !== undefined; full = intake.room(this.name)) {
      await untilAborted(full, stop);
      if (stop.aborted) break;
    }
    if (stop.aborted) return this.#subscription.giveBack(message);
    await this.#takeOn(message, head, body);
  }

  #headOf(message: JsMsg): BatchHead | string {
    const head = readHead(message.headers);
    if (typeof head === "string") return head;
    const { prefix } = this.#options;
    if (agentOf(prefix, message.subject) !== head.agent)
      return "its agent is not the one that its subject names";
    if (!message.subject.endsWith(`.${head.lane}`))
      return "its lane is not the one that its subject names";
    return head;
  }

  async #takeOn(message: JsMsg, head: BatchHead, body: Buffer): Promise<void> {
    const { agent, first, count } = head;
    const { lanes, heard } = this.#known;
    const id = batchId(head);
    const lane = lanes.of(agent, `${head.lane}.${head.epoch}`);
    const is_heard = heard.has(agent, id, head.sum);
    const wanted = is_heard ? [] : lane.missing(first, first + count);
    const records = this.#content.read(body, head, wanted);
    if (typeof records === "string") return this.#refuse(message, records);
    this.#counts.batches += 1;
    if (records.count < count) this.#counts.repeats += 1;
    const now_ms = this.#services.clock.now();
    const bytes = bytesOf(records);
    const taken = { from: first, to: first + count, count: records.count, bytes, now_ms };
    const receipt = lane.take(taken, () => {
      const text = writeReceipt({ id, sum: head.sum });
      this.#subscription.settle(message, agent, text);
    });
    if (records.count === 0) return;
    const origin = { input: this.name, stream: `${agent}/${head.lane}`, metadata: {} };
    const block = new Block({ ...records, origin, receipt, read_at_ms: now_ms });
    await this.#intake!.accept(block);
  }

  #refuse(message: JsMsg, reason: string): void {
    this.#counts.refused += 1;
    const times = this.#refusals.due("any");
    if (times > 0) {
      const { subject, seq } = message;
      const also_before = times === 1 ? undefined : times - 1;
      this.#services.log.error(
        "nats_batch_refused",
        { input: this.name, subject, sequence: seq, reason, also_before },
        "A message in the stream is no batch as it should be. It is taken out of the stream.",
      );
    }
    this.#subscription.refuse(message);
  }
}

function bytesOf({ starts, ends }: BatchRecords): number {
  let bytes = 0;
  for (let number = 0; number < starts.length; number += 1)
    bytes += ends[number]! - starts[number]!;
  return bytes;
}
