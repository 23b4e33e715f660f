/**
 * The contract of every output.
 */
import type { Aside, PackedBlock, PackedBody, UnpackReason } from "../event/block.ts";
import type { LogEvent } from "../event/log-event.ts";
import type { Delivered } from "./delivered.ts";

export type OutputState = "sending" | "retrying" | "paused" | "blocked";

/** Whether events go, and if not, why and since when. */
export interface OutputCondition {
  state: OutputState;
  /** One of a bounded set of words, such as `unwritable`. */
  reason: string | undefined;
  /** ISO 8601. */
  since: string | undefined;
}

/** Who gets what an output that is retired has not delivered. */
export interface Successor {
  add(event: LogEvent): void;
}

/** Events that an output has, and that have no fate. */
export interface Held {
  readonly events: number;
  readonly bytes: number;
}

export function sumHeld(helds: readonly Held[]): Held {
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, each) => total + each, 0);
  return {
    events: sum(helds.map((each) => each.events)),
    bytes: sum(helds.map((each) => each.bytes)),
  };
}

export interface Output {
  readonly name: string;
  readonly delivered: Delivered;
  /** Bytes that may be sent and not settled yet, because the receiver says only later that it has them safely. */
  readonly held_bytes_max: number;
  /**
   * Takes one event: encodes it into the current batch at once, so that nothing of the event is kept.
   * The event's receipt is settled as delivered when the receiver has taken it, and never before.
   */
  add(event: LogEvent): void;
  /** Of an output that posts what agents have packed: why it would not post such a body. As of an intake. */
  whyUnpacked?(body: PackedBody): UnpackReason | undefined;
  /** Takes all events of a block as it is, for which `whyUnpacked` has just said nothing; else as `add` does. */
  pass?(block: PackedBlock): void;
  /**
   * Takes one event that another output had, as `add` does. There is no room for others until all of those were tried:
   * else each output that follows another in an outage would take in some more.
   */
  inherit(event: LogEvent): void;
  /**
   * Undefined while there is room for another block of `input`; else a promise for when there may be. Never rejects.
   */
  room(input: string, aside?: Aside): Promise<void> | undefined;
  /** What it is doing. An output may say more of itself than this, in a type of its own. */
  status(): OutputCondition;
  /** The indexes that the receiver refuses now, of an output that knows; undefined in it is the token's default. */
  readonly refused_indexes?: readonly (string | undefined)[];
  /** Says that nothing more is at hand now, so that a part-filled batch may go at once. */
  idle(): void;
  /**
   * Sends all that was added, and resolves when it is delivered or `stop` is aborted. Never rejects.
   * What is not delivered by then stays unsettled: it is read again after the next start.
   */
  drain(stop: AbortSignal): Promise<void>;
  /** Ends all requests and closes all connections. Nothing is settled after it. */
  close(): Promise<void>;
  /**
   * From now on it is given no event. What is not in progress goes to the successor before this returns. A request or a write
   * that is in progress may end: what it delivers is settled here, what it does not goes to the successor, and so does what is
   * not acknowledged in time. Resolves when nothing is left here, or it is closed. Never rejects.
   */
  retire(successor: Successor): Promise<void>;
  /** Of an output that is retired: what is still in progress, or not acknowledged. */
  readonly held: Held;
}
