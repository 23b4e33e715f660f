/**
 * Reads the batches of agents from a stream of NATS JetStream, which is shared with other aggregators.
 *
 * A message is acknowledged, and the agent gets its receipt, when the events in it are settled and the written state says so. Until
 * then it is this aggregator's; if that dies, another one gets it. What comes twice is recognised by its numbers.
 */
import type { JsMsg } from "@nats-io/jetstream";
import type { OriginOptions, PackedBody } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { readHead, readReceipt, type BatchHead } from "../../platform/nats/batch-head.ts";
import { agentNameOf, agentOf } from "../../platform/nats/subjects.ts";
import { untilAborted } from "../../platform/patience.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { Reminder } from "../../platform/reminder.ts";
import type { Input, InputCondition, Intake } from "../input.ts";
import { AgentRuns } from "./agent-runs.ts";
import { aggregatorReport } from "./aggregator-report.ts";
import { packedBodyOf } from "./batch-content.ts";
import type { NatsInputOptions } from "./options.ts";
import { RefusedBatches } from "./refused-batches.ts";
import { Subscription } from "./subscription.ts";
import { Taking, type Arrived, type KnownBatches } from "./taking.ts";

export interface NatsInputServices {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
}

export interface NatsInputDeps {
  services: NatsInputServices;
  known: KnownBatches;
  origin: OriginOptions;
}

/** As an agent sends under load, for what is said at the start. */
const usual_body: PackedBody = { packing: "none", bytes: 256 * 1024 };

export class NatsInput implements Input {
  readonly name: string;
  readonly #options: NatsInputOptions;
  readonly #services: NatsInputServices;
  readonly #taking: Taking;
  readonly #subscription: Subscription;
  readonly #refusals: Reminder;
  readonly #runs: AgentRuns;
  readonly #shared: Reminder;
  readonly #stopping = new AbortController();
  #intake: Intake | undefined;
  #refused = 0;
  #put_off = 0;
  readonly #refused_batches = new RefusedBatches();

  constructor(name: string, options: NatsInputOptions, { services, known, origin }: NatsInputDeps) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#taking = new Taking({
      name,
      pass_through: options.pass_through,
      known,
      clock: services.clock,
      intake: () => this.#intake!,
      settle: (message, agent, receipt) => this.#subscription.settle(message, agent, receipt),
      refuse: (message, reason) => this.#refuse(message, reason),
    });
    this.describe(origin);
    this.#refusals = new Reminder(services.clock);
    this.#runs = new AgentRuns(services.clock);
    this.#shared = new Reminder(services.clock);
    this.#subscription = new Subscription(options, {
      name: `${agentNameOf(machineName())}-${process.pid}`,
      clock: services.clock,
      log: services.log,
      logged: { input: name },
      take: (message) => this.#take(message),
      isAside: (message) => this.#refused_batches.isAside(message, this.#intake!),
      onReceipt: (agent, text) => {
        const receipt = readReceipt(text);
        if (receipt === undefined) return;
        known.heard.note(agent, receipt);
        known.lanes.heard(agent, receipt);
      },
      report: () => aggregatorReport({ ...services, lanes: known.lanes, input: name }),
      onIdle: () => this.#intake?.idle(),
    });
  }

  start(intake: Intake): Promise<void> {
    this.#intake = intake;
    this.#sayWhetherWhole();
    this.#subscription.start();
    return Promise.resolve();
  }

  describe(origin: OriginOptions): void {
    this.#refused_batches.describe(origin.metadata.index);
    this.#taking.describe(origin);
  }

  /** Reads nothing more. What was read is acknowledged when it is settled, until `close`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#subscription.stop();
  }

  /** Resolves when all that was read is acknowledged, or no server has been reached for some time. Comes after `stop`. */
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

  status(): InputCondition {
    const { open } = this.#subscription;
    const { counts, unpacked } = this.#taking;
    return {
      type: "nats",
      listens_on: this.#options.servers.join(", "),
      batches: {
        open,
        ...counts,
        refused: this.#refused,
        put_off: this.#put_off,
        shared: this.#runs.shared,
        unpacked: { ...unpacked },
      },
    };
  }

  /** Never rejects. */
  async #take(message: JsMsg): Promise<void> {
    const head = this.#headOf(message);
    if (typeof head === "string") return this.#refuse(message, head);
    this.#noteRun(head, message.seq);
    const packed = packedBodyOf(message.data, head);
    if (typeof packed === "string") return this.#refuse(message, packed);
    const arrived: Arrived = { message, head, packed, body: undefined, indexes: undefined };
    if (!(await this.#taking.prepare(arrived))) return;
    const intake = this.#intake!;
    const stop = this.#stopping.signal;
    const room_now = (): Promise<void> | undefined => intake.room(this.name, "many");
    for (let full = room_now(); full !== undefined && !stop.aborted; full = room_now())
      await untilAborted(full, stop);
    if (stop.aborted) return this.#subscription.giveBack(message);
    const lane = this.#taking.laneOf(head);
    if (this.#refused_batches.wouldWait(lane, head, intake)) {
      this.#put_off += 1;
      return this.#subscription.putOff(message);
    }
    arrived.indexes = this.#refused_batches.takeOn(arrived, lane, intake);
    const { room } = await this.#taking.takeOn(arrived);
    // In an outage of the output a reload is not to wait for its end.
    if (room !== undefined) await untilAborted(room, stop);
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

  #noteRun({ agent, run }: BatchHead, sequence: number): void {
    const shared = run && this.#runs.note(agent, run, sequence);
    if (shared === undefined) return;
    const times = this.#shared.due("any");
    if (times === 0) return;
    this.#services.log.error(
      "nats_agent_shared",
      { input: this.name, agent, hosts: shared.map(({ host }) => host), times },
      "Two agents of one name publish at the same time.",
    );
  }

  #sayWhetherWhole(): void {
    const { log } = this.#services;
    const reason = this.#taking.whyNever(usual_body);
    if (reason === undefined) {
      const message = "Batches of agents go to the output as they are.";
      log.info("nats_batches_whole", { input: this.name }, message);
    } else {
      const message = "Every event of agents' batches is looked at before it goes to an output.";
      log.info("nats_batches_unpacked", { input: this.name, reason }, message);
    }
  }

  #refuse(message: JsMsg, reason: string): void {
    this.#refused += 1;
    const times = this.#refusals.due("any");
    if (times > 0) {
      const { subject, seq } = message;
      const also_before = times === 1 ? undefined : times - 1;
      this.#services.log.error(
        "nats_batch_refused",
        { input: this.name, subject, sequence: seq, reason, also_before },
        "A message in the stream is not a valid batch. It is removed from the stream.",
      );
    }
    this.#subscription.refuse(message, reason);
  }
}
