/**
 * Takes a batch on: its events are looked for and go to the chain, or it goes on as it came. Either way it is booked, settled and
 * acknowledged alike.
 */
import type { JsMsg } from "@nats-io/jetstream";
import {
  Block,
  type Origin,
  type OriginOptions,
  type PackedBlock,
  type PackedBody,
} from "../../event/block.ts";
import type { Receipt } from "../../ledger/receipt.ts";
import type { Clock } from "../../platform/clock.ts";
import { batchId, writeReceipt, type BatchHead } from "../../platform/nats/batch-head.ts";
import type { Intake } from "../input.ts";
import type { AgentLane, AgentLanes } from "./agent-lanes.ts";
import {
  unpackedBody,
  unpackedHere,
  BatchContentReader,
  type BatchRecords,
} from "./batch-content.ts";
import type { HeardReceipts } from "./heard-receipts.ts";
import type { Range } from "./ranges.ts";

/** A batch that came, and has not been taken on. */
export interface Arrived {
  readonly message: JsMsg;
  readonly head: BatchHead;
  readonly packed: Buffer;
  /** Undefined while it is still packed. */
  body: Buffer | undefined;
  /** Gets the indexes that its events go to, where steps may set them. */
  indexes: Set<string | undefined> | undefined;
}

/** What one input of a name knows, however often it is opened again. */
export interface KnownBatches {
  readonly lanes: AgentLanes;
  readonly heard: HeardReceipts;
}

export interface TakingDeps {
  /** Of the input. */
  readonly name: string;
  readonly pass_through: boolean;
  readonly known: KnownBatches;
  readonly intake: () => Intake;
  readonly clock: Clock;
  /** Acknowledges a message whose events are settled. */
  readonly settle: (message: JsMsg, agent: string, receipt: string) => void;
  /** Has it that a message is no batch. */
  readonly refuse: (message: JsMsg, reason: string) => void;
}

/** What came of it. */
export interface Taken {
  /** Resolves when there is room for another one; undefined while there is. */
  readonly room: Promise<void> | undefined;
}

const nothing_taken: Taken = { room: undefined };

export class Taking {
  readonly #deps: TakingDeps;
  readonly #content = new BatchContentReader();
  /** Whether the input has metadata for events that have none. */
  #has_metadata = false;
  readonly counts = { taken: 0, repeated: 0, whole: 0 };
  /** Batches whose events were looked at, by the reason. */
  readonly unpacked: Record<string, number> = {};

  constructor(deps: TakingDeps) {
    this.#deps = deps;
  }

  describe({ metadata }: OriginOptions): void {
    this.#content.describe(metadata);
    this.#has_metadata = Object.keys(metadata).length > 0;
  }

  /** Unpacks a batch that has to be, and says whether it has the bytes that its head says. */
  async prepare(arrived: Arrived): Promise<boolean> {
    return this.#whyUnpacked(arrived) === undefined || this.#unpack(arrived);
  }

  /** Says whether it has the bytes that its head says. */
  async #unpack(arrived: Arrived): Promise<boolean> {
    const body = await unpackedBody(arrived.packed, arrived.head);
    if (typeof body === "string") this.#deps.refuse(arrived.message, body);
    else arrived.body = body;
    return typeof body !== "string";
  }

  /** As this aggregator knows it. */
  laneOf({ agent, lane, epoch }: BatchHead): AgentLane {
    return this.#deps.known.lanes.of(agent, `${lane}.${epoch}`);
  }

  /** The numbers in it that nobody has had. */
  #wantedOf(head: BatchHead): Range[] {
    const { agent, first, count, sum } = head;
    if (this.#deps.known.heard.has(agent, batchId(head), sum)) return [];
    return this.laneOf(head).missing(first, first + count);
  }

  /** Why the events of a batch have to be looked at; undefined where it may go on as it is. */
  #whyUnpacked({ head, body }: Pick<Arrived, "head" | "body">): string | undefined {
    if (head.placed) return "proof";
    const packing = body === undefined ? head.packing : "none";
    const reason = this.whyNever({ packing, bytes: head.bytes });
    if (reason !== undefined) return reason;
    const [wanted, ...others] = this.#wantedOf(head);
    if (wanted === undefined || others.length > 0 || wanted[1] - wanted[0] < head.count)
      return "repeat";
    return this.laneOf(head).is_due ? "look" : undefined;
  }

  /** Why no such body would go on as it is; undefined where it would. */
  whyNever(body: PackedBody): string | undefined {
    if (!this.#deps.pass_through) return "option";
    if (this.#has_metadata) return "metadata";
    const intake = this.#deps.intake();
    return intake.pass === undefined ? "steps" : intake.whyUnpacked?.(body);
  }

  /** Comes after `prepare`. Gives what is to be waited for before another one is taken on. */
  async takeOn(arrived: Arrived): Promise<Taken> {
    const reason = this.#whyUnpacked(arrived);
    if (reason === undefined) return { room: this.#pass(arrived) };
    if (arrived.body === undefined && !(await this.#unpack(arrived))) return nothing_taken;
    const { message, head } = arrived;
    const records = this.#content.read(arrived.body!, head, this.#wantedOf(head));
    const lane = this.laneOf(head);
    if (typeof records === "string") {
      lane.note("faulty");
      this.#deps.refuse(message, records);
      return nothing_taken;
    }
    lane.note("looked_at");
    this.unpacked[reason] = (this.unpacked[reason] ?? 0) + 1;
    if (records.count < head.count) this.counts.repeated += 1;
    const receipt = this.#receiptOf(arrived, records.count);
    if (records.count === 0) return nothing_taken;
    return { room: this.#deps.intake().accept(this.#blockOf(arrived, records, receipt), "many") };
  }

  #pass(arrived: Arrived): Promise<void> | undefined {
    const { head, packed, body } = arrived;
    const { index, count, bytes } = head;
    const lane = this.laneOf(head);
    lane.note("passed");
    this.counts.whole += 1;
    const receipt = this.#receiptOf(arrived, count);
    const block: PackedBlock = {
      receipt,
      index,
      count,
      bytes,
      origin: this.#originOf(head),
      packing: body === undefined ? head.packing : "none",
      body: body ?? packed,
      unpack: () => this.#unpackHere(arrived, lane, receipt),
    };
    return this.#deps.intake().pass!(block);
  }

  /** Tells the events of a batch apart that was passed on as it is; undefined where they are not what its head says. */
  #unpackHere(arrived: Arrived, lane: AgentLane, receipt: Receipt): Block | undefined {
    const { message, head, packed } = arrived;
    const { first, count } = head;
    const body = arrived.body ?? unpackedHere(packed, head);
    const records =
      typeof body === "string" ? body : this.#content.read(body, head, [[first, first + count]]);
    if (typeof records !== "string") return this.#blockOf(arrived, records, receipt);
    lane.takeBack(receipt, first, first + count);
    this.#deps.refuse(message, records);
    return undefined;
  }

  /** Takes a batch on, with so many events that are new. */
  #receiptOf({ message, head }: Arrived, count: number): Receipt {
    const { agent, first, sum } = head;
    this.counts.taken += 1;
    const now_ms = this.#deps.clock.now();
    const bytes = Math.round((head.bytes * count) / head.count);
    const taken = { from: first, to: first + head.count, count, bytes, now_ms };
    return this.laneOf(head).take(taken, () => {
      const text = writeReceipt({ id: batchId(head), sum });
      this.#deps.settle(message, agent, text);
    });
  }

  #blockOf({ head, indexes }: Arrived, records: BatchRecords, receipt: Receipt): Block {
    const read_at_ms = receipt.read_at_ms ?? this.#deps.clock.now();
    return new Block({ ...records, origin: this.#originOf(head), receipt, read_at_ms, indexes });
  }

  #originOf({ agent, lane }: BatchHead): Origin {
    return { input: this.#deps.name, stream: `${agent}/${lane}`, metadata: {} };
  }
}
