/** The real output with its ledger and quarantine before real servers of NATS. What a test says is the aggregator's part. */
import { onTestFinished } from "vitest";
import { TimeoutError, type NatsConnection } from "@nats-io/transport-node";
import type { LogEvent } from "../../../src/event/log-event.ts";
import { Lane } from "../../../src/ledger/lanes/lane.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { natsOutputOptions } from "../../../src/output/nats/options.ts";
import { NatsOutput } from "../../../src/output/nats/nats-output.ts";
import { Quarantine } from "../../../src/output/quarantine/quarantine.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import {
  batchId,
  readHead,
  writeReceipt,
  type BatchHead,
} from "../../../src/platform/nats/batch-head.ts";
import { writeRefusal } from "../../../src/platform/nats/refusal.ts";
import { CollectedLog } from "../collected-log.ts";
import { makeEvents } from "../events/events.ts";
import { spoilReturnedBuffers } from "../events/spoiled-buffers.ts";
import { eventually } from "../eventually.ts";
import { fastClock } from "../clocks/fast-clock.ts";
import { temporaryDirectory } from "../temporary.ts";
import { Fleet, stream, type FleetOptions } from "./fleet.ts";
import { published } from "./sending.ts";

export class NatsOutputRig {
  readonly fleet: Fleet;
  readonly connection: NatsConnection;
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly quarantine: Quarantine;
  readonly output: NatsOutput;
  readonly lane = new Lane("aaaabbbb", 1, {
    stream: "s",
    input: "audit",
    output: "nats",
    index: undefined,
  });
  readonly #clock: Clock;
  /** What was said so far. */
  #said = Promise.resolve();

  private constructor(fleet: Fleet, connection: NatsConnection, { options, clock }: RigFacts) {
    spoilReturnedBuffers();
    this.fleet = fleet;
    this.connection = connection;
    this.#clock = clock;
    const { ledger, log } = this;
    const mask = (text: string): string => text;
    this.quarantine = new Quarantine(temporaryDirectory(), { ledger, clock, log, mask });
    this.output = this.another(options);
    onTestFinished(() => this.quarantine.close());
  }

  static async start(
    options: object = {},
    { clock = fastClock(20), ...more }: FleetOptions & { clock?: Clock } = {},
  ): Promise<NatsOutputRig> {
    const fleet = await Fleet.start({ servers: 1, ...more });
    return new NatsOutputRig(fleet, await fleet.cluster.connect(), { options, clock });
  }

  another(options: object = {}): NatsOutput {
    const { ledger, log, quarantine, fleet } = this;
    const parsed = natsOutputOptions().parse({
      type: "nats",
      servers: fleet.cluster.urls,
      agent: "agent-1",
      ...options,
    });
    const output = new NatsOutput("nats", parsed, { ledger, quarantine, clock: this.#clock, log });
    onTestFinished(() => output.close());
    return output;
  }

  /** Adds events in one block, each with the next place in the lane, and says that there are no more. */
  add(records: readonly string[], output = this.output, lane = this.lane): LogEvent[] {
    const events = makeEvents(this.ledger, records, { input: lane.input });
    for (const event of events) {
      event.place = lane.take();
      output.add(event);
    }
    output.idle();
    return events;
  }

  get delivered(): number {
    return this.ledger.books().total.delivered;
  }

  get in_flight(): number {
    return this.ledger.books().total.in_flight;
  }

  /** The messages of the stream, from the first on, once there are `count`. */
  async stored(count: number): Promise<StoredMessage[]> {
    const { manager } = this.fleet;
    await eventually(async () => {
      try {
        return (await manager.streams.info(stream)).state.messages >= count;
      } catch (cause) {
        // A question that a server took with it.
        if (cause instanceof TimeoutError) return false;
        throw cause;
      }
    });
    const { state } = await manager.streams.info(stream);
    const messages: StoredMessage[] = [];
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence += 1) {
      const message = await manager.streams.getMessage(stream, { seq: sequence });
      const head = readHead(message!.header);
      if (typeof head === "string") throw new Error(head);
      const id = message!.header.get("Nats-Msg-Id");
      messages.push({
        sequence,
        head,
        id,
        subject: message!.subject,
        body: Buffer.from(message!.data),
      });
    }
    return messages;
  }

  /** Refuses a message, as an aggregator does. */
  refuse({ head, id }: StoredMessage, reason: string): void {
    const refusal = writeRefusal({ id, lane: head.lane, reason });
    void this.say(refusal, head.agent);
  }

  /** Gives a receipt, as an aggregator does. */
  receipt(head: BatchHead, sum = head.sum, id = batchId(head)): void {
    void this.say(writeReceipt({ id, sum }), head.agent);
  }

  /** Says anything to an agent, one after the other. Resolves when the server has all of it. */
  say(text: string, agent = "agent-1"): Promise<void> {
    const { connection } = this;
    this.#said = this.#said.then(() => published(connection, `tally.rcpt.${agent}`, text));
    return this.#said;
  }
}

export interface StoredMessage {
  readonly sequence: number;
  readonly head: BatchHead;
  readonly id: string;
  readonly subject: string;
  readonly body: Buffer;
}

interface RigFacts {
  options: object;
  clock: Clock;
}
