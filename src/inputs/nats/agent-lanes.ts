/**
 * The lanes of all agents, as this aggregator knows them: what of each it has taken on, what of that is settled, and which messages
 * are to be acknowledged for it. Each lane is a stream of the ledger, whose checkpoint has the numbers that are settled.
 */
import { z } from "zod";
import { addEnded, endedBelow, type EndedLanes } from "../../ledger/lanes/ended-lanes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Receipt } from "../../ledger/receipt.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import { readBatchId, type ReceiptText } from "../../platform/nats/batch-head.ts";
import { missingIn, withoutRange, withRange, type Range } from "./ranges.ts";

/** Idle lanes beyond this are forgotten, the longest unused first: what comes of them again is not recognised then. */
const lanes_max = 10_000;

/** Of numbers that are settled: each gap is a receipt that this aggregator has not heard. */
const settled_ranges_max = 1000;

const identity = z.lazy(() => z.object({ agent: z.string(), lane: z.string() }));
const checkpoint = z.lazy(() =>
  z.object({
    batch: z.number(),
    taken: z.array(z.tuple([z.number(), z.number()])),
    /** What of it this aggregator has taken on first, in events. */
    events: z.number().default(0),
    /** All that any aggregator has settled, as far as this one knows. */
    settled: z.array(z.tuple([z.number(), z.number()])).default([]),
  }),
);

export interface LaneBooks {
  readonly events: number;
  readonly settled: readonly Range[];
}

function readCheckpoint(value: unknown): z.infer<typeof checkpoint> {
  const nothing = { batch: 0, taken: [], events: 0, settled: [] };
  return checkpoint.catch(nothing).parse(value);
}

/** Something to be done when what a batch holds is settled, and a written state says so. */
export type WhenSettled = () => void;

/** What the lane's checkpoint is after a batch. */
interface End {
  /** Counts the batches of the lane. */
  readonly batch: number;
  taken: readonly Range[];
  settled: readonly Range[];
  events: number;
}

interface Waiting {
  readonly end: End;
  readonly done: WhenSettled;
}

/** Of so many batches one is looked at, though all of them could be passed on as they are: the first is. */
const looked_at_of = 64;

export class AgentLane {
  readonly stream: StreamLedger;
  #taken: readonly Range[];
  #batch: number;
  #events: number;
  #settled: readonly Range[];
  #waiting: Waiting[] = [];
  /** Batches since one was looked at. */
  #passed = looked_at_of;
  /** Whether one of this run was not what it said. */
  #is_faulty = false;

  constructor(stream: StreamLedger) {
    this.stream = stream;
    const read = readCheckpoint(stream.checkpoint);
    this.#taken = read.taken;
    this.#batch = read.batch;
    this.#events = read.events;
    this.#settled = read.settled;
    stream.onSaved = (saved) => this.#saved(saved);
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.stream.idle;
  }

  /** The numbers from `from` up to `to` that it does not have yet. */
  missing(from: number, to: number): Range[] {
    return missingIn(this.#taken, from, to);
  }

  /** Takes on a batch of `count` new events among the numbers from `from` up to `to`. */
  take(
    {
      from,
      to,
      count,
      bytes,
      now_ms,
    }: { from: number; to: number; count: number; bytes: number; now_ms: number },
    done: WhenSettled,
  ): Receipt {
    this.#taken = withRange(this.#taken, [from, to]);
    this.#noteSettled(from, to);
    this.#batch += 1;
    this.#events += count;
    const end: End = {
      batch: this.#batch,
      taken: this.#taken,
      events: this.#events,
      settled: this.#settled,
    };
    this.#waiting.push({ end, done });
    return this.stream.open(count, bytes, end, now_ms);
  }

  /** Another aggregator says that it has delivered them. Nothing is passed over for it: it is for the books. */
  heard(first: number, count: number): void {
    this.#noteSettled(first, first + count);
  }

  /** Of what is settled. */
  get books(): LaneBooks {
    const { events, settled } = readCheckpoint(this.stream.checkpoint);
    return { events, settled };
  }

  #noteSettled(from: number, to: number): void {
    this.#settled = withRange(this.#settled, [from, to], settled_ranges_max);
  }

  /** Whether its next batch is to be looked at, whoever would take it as it is. */
  get is_due(): boolean {
    return this.#is_faulty || this.#passed >= looked_at_of;
  }

  /** Notes a batch that was what it said, or passed on as it is. */
  note(how: "looked_at" | "passed" | "faulty"): void {
    if (how === "faulty") this.#is_faulty = true;
    this.#passed = how === "passed" ? this.#passed + 1 : 0;
  }

  /** Takes back a batch that was new as a whole, as if it had never come: its events are not those that its head named. */
  takeBack(receipt: Receipt, from: number, to: number): void {
    this.note("faulty");
    const own = this.#waiting.findIndex(({ end }) => end === receipt.end);
    // No checkpoint after it was reached, as nothing of it is settled.
    for (const { end } of this.#waiting.slice(own)) {
      end.taken = withoutRange(end.taken, from, to);
      end.settled = withoutRange(end.settled, from, to);
      end.events -= to - from;
    }
    this.#waiting.splice(own, 1);
    this.#taken = withoutRange(this.#taken, from, to);
    this.#settled = withoutRange(this.#settled, from, to);
    this.#events -= to - from;
    receipt.move(receipt.pending, receipt.bytes);
  }

  #saved(saved: unknown): void {
    if (this.#waiting.length === 0) return;
    const { batch } = saved as { batch: number };
    const ready = this.#waiting.findIndex(({ end }) => end.batch > batch);
    for (const { done } of this.#waiting.splice(0, ready === -1 ? this.#waiting.length : ready))
      done();
  }
}

export class AgentLanes {
  readonly #ledger: Ledger;
  readonly #input: string;
  /** By agent and lane; what was used last comes last. */
  readonly #lanes = new Map<string, AgentLane>();

  constructor(ledger: Ledger, input: string) {
    this.#ledger = ledger;
    this.#input = input;
    for (const stream of ledger.streamsOf(input)) {
      const known = identity.safeParse(stream.identity);
      if (known.success)
        this.#lanes.set(keyOf(known.data.agent, known.data.lane), new AgentLane(stream));
    }
  }

  /** `lane` has its epoch in it. */
  of(agent: string, lane: string): AgentLane {
    const key = keyOf(agent, lane);
    const known = this.#lanes.get(key) ?? this.#make(agent, lane);
    this.#lanes.delete(key);
    this.#lanes.set(key, known);
    return known;
  }

  /** A receipt of another aggregator. */
  heard(agent: string, { id }: ReceiptText): void {
    const batch = readBatchId(id);
    if (batch === undefined) return;
    const { lane, epoch, first, count } = batch;
    this.#lanes.get(keyOf(agent, `${lane}.${epoch}`))?.heard(first, count);
  }

  /** Of all lanes. */
  books(): (LaneBooks & { readonly agent: string; readonly lane: string })[] {
    return [...this.#lanes].map(([key, { books }]) => {
      const [agent = "", lane = ""] = key.split(" ");
      return { agent, lane, ...books };
    });
  }

  /** By agent: what lanes had that are forgotten. */
  ended(): Record<string, EndedLanes> {
    return Object.fromEntries(endedBelow(this.#ledger.kept, `${this.#input} `));
  }

  #make(agent: string, lane: string): AgentLane {
    this.#makeRoom();
    const start = { batch: 0, taken: [] };
    return new AgentLane(this.#ledger.openStream(this.#input, { agent, lane }, start));
  }

  #makeRoom(): void {
    if (this.#lanes.size < lanes_max) return;
    for (const [key, lane] of this.#lanes) {
      if (!lane.idle) continue;
      const [agent] = key.split(" ");
      const ended = { output: `${this.#input} ${agent}`, lanes: 1, events: lane.books.events };
      addEnded(this.#ledger.kept, ended);
      this.#ledger.forget(lane.stream);
      this.#lanes.delete(key);
      return;
    }
  }
}

function keyOf(agent: string, lane: string): string {
  return `${agent} ${lane}`;
}
