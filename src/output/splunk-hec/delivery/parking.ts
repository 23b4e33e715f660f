/**
 * Batches that Splunk refuses as they are, while it takes others: they are set aside until that is fixed.
 *
 * A wrong index concerns all batches of the index: the first of them tries now and then, the others wait behind it.
 * Any other such refusal concerns its one batch, where the order does not matter; when it comes to many it is not the
 * batches, and they take turns.
 */
import type { Clock, Timer } from "../../../platform/clock.ts";
import type { LogFacts, Logger } from "../../../platform/log.ts";
import { Reminder } from "../../../platform/reminder.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Wait } from "../answers/response.ts";
import type { Shipment } from "./shipment.ts";
import { Trouble } from "../answers/trouble.ts";

export interface ParkingDeps {
  /** Whether the events of one index must not overtake one another: then any such refusal concerns its index. */
  in_order: boolean;
  clock: Clock;
  log: Logger;
  random: () => number;
  /** What every line in the log carries. */
  logged: LogFacts;
  /** Called with a batch that is to be sent (again). */
  onDue: (shipment: Shipment) => void;
  /** Called when an index is refused that was not known to be, before its batch is here. */
  onIndexRefused: () => void;
}

/** What waits for the same thing to be fixed. */
interface Lane {
  /** Why it was opened. */
  readonly reason: string;
  readonly trouble: Trouble;
  readonly index: string | undefined;
  /** The oldest first. */
  readonly waiting: Shipment[];
  /** What tries, while it is in progress. */
  probe: Shipment | undefined;
  timer: Timer | undefined;
}

/** An index, the one batch, or a reason that many have in common. */
type LaneKey = string | Batch;

export interface RefusedIndex {
  /** Undefined is the token's default. */
  readonly index: string | undefined;
  readonly events: number;
}

/** So many batches may try each for itself. */
const single_batches_max = 8;

/** So many other indexes are named in one line of the log. */
const named_max = 10;
const index_reason = "incorrect_index";
/** What the log calls the index of events that name none. */
const default_index = "(the token's default)";

export class Parking {
  readonly #deps: ParkingDeps;
  readonly #lanes = new Map<LaneKey, Lane>();
  /** Bytes that are here, by the input that they come from. */
  readonly #bytes = new Map<string, number>();
  /** By reason: there may be thousands of lanes. */
  readonly #reminder: Reminder<string>;

  constructor(deps: ParkingDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  get empty(): boolean {
    return this.#lanes.size === 0;
  }

  /** The trouble that has lasted longest. */
  get trouble(): Trouble | undefined {
    return this.#lanes.values().next().value?.trouble;
  }

  /** The indexes that are refused as such, and how many events wait for each. */
  get refused_indexes(): RefusedIndex[] {
    const lanes = [...this.#lanes.values()].filter(({ reason }) => reason === index_reason);
    return lanes.map(({ index, waiting, probe }) => {
      const batches = [...waiting, ...(probe === undefined ? [] : [probe])];
      return { index, events: batches.reduce((sum, { batch }) => sum + batch.open, 0) };
    });
  }

  /** Bytes of batches that are here with events of the input. */
  bytesOf(input: string): number {
    return this.#bytes.get(input) ?? 0;
  }

  /** Takes the batch where others of its index wait already, and says so. */
  joins(shipment: Shipment): boolean {
    const lane = this.#lanes.get(indexKey(shipment.batch));
    if (lane === undefined || lane.probe === shipment) return false;
    this.#enter(lane, shipment);
    return true;
  }

  /**
   * Takes a batch that was refused. The oldest of what waits for the same thing tries again; but where it is
   * `doubted` that anything is wrong outside of this batch, the next tries in its place, and shows it.
   */
  park(shipment: Shipment, refusal: Wait, doubted?: "doubted"): void {
    const key = this.#keyFor(shipment.batch, refusal);
    const takes_turns = doubted !== undefined || key === reasonKey(refusal);
    const lane = this.#lanes.get(key) ?? this.#open(key, shipment.batch, refusal);
    const tried = lane.probe === shipment;
    for (const other of this.#lanes.values()) {
      if (other !== lane && other.probe === shipment) this.#end(other);
    }
    this.#enter(lane, shipment, tried && !takes_turns);
    // Another that was refused at the same time says nothing new.
    if (lane.timer !== undefined || (lane.probe !== undefined && !tried)) return;
    lane.probe = undefined;
    const delay_ms = lane.trouble.failed(refusal);
    lane.timer = this.#deps.clock.after(delay_ms, () => this.#try(lane));
  }

  /** Notes that Splunk took something of the batch, or all of it; those that waited behind it go on. */
  passed(shipment: Shipment): void {
    for (const lane of this.#lanes.values()) if (lane.probe === shipment) this.#end(lane);
  }

  /** Gives away all that is here, the oldest of each lane first. */
  surrender(): Shipment[] {
    this.close();
    const shipments = [...this.#lanes.values()].flatMap(({ waiting }) => waiting);
    this.#lanes.clear();
    this.#bytes.clear();
    return shipments;
  }

  /** Lets all timers go. */
  close(): void {
    for (const { timer } of this.#lanes.values()) timer?.cancel();
  }

  #keyFor(batch: Batch, refusal: Wait): LaneKey {
    if (this.#deps.in_order || refusal.reason === index_reason) return indexKey(batch);
    if (this.#lanes.has(batch)) return batch;
    const common = reasonKey(refusal);
    if (this.#lanes.has(common)) return common;
    const single = [...this.#lanes.keys()].filter((key) => typeof key !== "string");
    return single.length < single_batches_max ? batch : common;
  }

  #open(key: LaneKey, { index }: Batch, { reason }: Wait): Lane {
    const { clock, log, random } = this.#deps;
    const logged = (): LogFacts => ({ ...this.#deps.logged, ...this.#pictureFor(index) });
    const trouble = new Trouble({ clock, log, random, logged, reminder: this.#reminder });
    const lane: Lane = { trouble, reason, index, waiting: [], probe: undefined, timer: undefined };
    this.#lanes.set(key, lane);
    if (reason === index_reason) this.#deps.onIndexRefused();
    return lane;
  }

  /** What is here now, for a line about one index or one of its batches. */
  #pictureFor(index: string | undefined): object {
    const others = new Set<string>();
    let batches_aside = 0;
    for (const { waiting, index: other } of this.#lanes.values()) {
      batches_aside += waiting.length;
      if (other !== index && others.size < named_max) others.add(other ?? default_index);
    }
    const also = others.size === 0 ? undefined : [...others];
    return { scope: "batch", index: index ?? default_index, also, batches_aside };
  }

  #enter(lane: Lane, shipment: Shipment, first = false): void {
    if (first) lane.waiting.unshift(shipment);
    else lane.waiting.push(shipment);
    this.#count(shipment, 1);
  }

  #try(lane: Lane): void {
    lane.timer = undefined;
    lane.probe = lane.waiting.shift();
    if (lane.probe !== undefined) this.#leave(lane.probe);
  }

  #end(lane: Lane): void {
    lane.trouble.ended();
    lane.probe = undefined;
    lane.timer?.cancel();
    for (const [key, each] of this.#lanes) if (each === lane) this.#lanes.delete(key);
    for (const shipment of lane.waiting.splice(0)) this.#leave(shipment);
  }

  #leave(shipment: Shipment): void {
    this.#count(shipment, -1);
    this.#deps.onDue(shipment);
  }

  /** While a batch is here, nothing of it gets a fate: what it counts for stays the same. */
  #count({ batch }: Shipment, sign: 1 | -1): void {
    for (const input of batch.inputs()) {
      this.#bytes.set(input, this.bytesOf(input) + sign * batch.length);
    }
  }
}

function indexKey(batch: Batch): string {
  return `index ${batch.index ?? ""}`;
}

function reasonKey({ reason }: Wait): string {
  return `reason ${reason}`;
}
