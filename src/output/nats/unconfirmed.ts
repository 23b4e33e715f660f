/**
 * What was published and has no receipt yet, and when that has to be looked after.
 *
 * A receipt can be lost with a connection, so a batch that others have overtaken is soon published again under another id: it is
 * recognised, and gets its receipt again. A stream can lose what it has acknowledged. So the oldest batch is published again after half a
 * minute, under the same id: a stream that still has it says so, and keeps no second copy. Where one answers with a place that it
 * had given away before, it has lost what was there, and all of it is published again.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Held } from "../output.ts";
import type { Refusal, Shipment } from "./shipment.ts";

const probe_after_ms = 30_000;
/**
 * The part of its time that one waits for its receipt that others have overtaken, or that was there when the connection was lost.
 * Another aggregator may just be slow with it, and the one that gets the repeat does not know that.
 */
const overtaken_part = 0.1;
/** What an aggregator refuses is not in the stream any more. The wait for another attempt doubles. */
const refused_ms_min = 60_000;
const refused_ms_max = 600_000;
/** The wait for a receipt doubles up to this. */
const timeout_ms_max = 6 * 3_600_000;

export class Unconfirmed {
  readonly #clock: Clock;
  readonly #timeout_ms: number;
  /** By id, in the order in which they were published first. */
  readonly #shipments = new Map<string, Shipment>();
  /** The highest place in the stream that was given to one of them, or to one before. */
  #highest = 0;
  /** What was stored before may have lost its receipt: one that was stored then has got it, or the connection was lost. */
  #overtaken_before_ms = -Infinity;

  constructor(clock: Clock, timeout_ms: number) {
    this.#clock = clock;
    this.#timeout_ms = timeout_ms;
  }

  get size(): number {
    return this.#shipments.size;
  }

  get highest(): number {
    return this.#highest;
  }

  get all(): Shipment[] {
    return [...this.#shipments.values()];
  }

  get held(): Held {
    let events = 0;
    let bytes = 0;
    for (const { batch } of this.#shipments.values()) {
      events += batch.open;
      bytes += batch.length;
    }
    return { events, bytes };
  }

  /** The oldest of those that are stored. */
  get oldest(): Shipment | undefined {
    for (const shipment of this.#shipments.values())
      if (shipment.stored_at !== undefined) return shipment;
    return undefined;
  }

  /** Those that an aggregator has refused, the oldest first. */
  get refusals(): Refusal[] {
    return [...this.#shipments.values()].flatMap(({ refusal }) => refusal ?? []);
  }

  has(shipment: Shipment): boolean {
    return this.#shipments.get(shipment.id) === shipment;
  }

  get(id: string): Shipment | undefined {
    return this.#shipments.get(id);
  }

  add(shipment: Shipment): void {
    if (!this.has(shipment)) this.#shipments.set(shipment.id, shipment);
  }

  delete(shipment: Shipment): void {
    if (this.has(shipment)) this.#shipments.delete(shipment.id);
  }

  /**
   * Notes where the stream has a batch. `highest` was its highest place when the batch was published. Says whether that shows
   * that the stream has lost something.
   */
  stored(shipment: Shipment, sequence: number, highest: number): boolean {
    const now_ms = this.#clock.monotonic();
    shipment.stored_at = sequence;
    shipment.stored_ms = now_ms;
    shipment.first_stored_ms ??= now_ms;
    const wait_ms = this.#timeout_ms * 2 ** Math.min(shipment.repeats, 16);
    shipment.due_ms = now_ms + Math.min(wait_ms, Math.max(timeout_ms_max, this.#timeout_ms));
    this.#highest = Math.max(this.#highest, sequence);
    return sequence <= highest;
  }

  /** Notes that an aggregator has refused it. It stays here, and is published again after a while: another one may take it. */
  refused(shipment: Shipment): void {
    const { refusal } = shipment;
    // The stream may have had it twice.
    if (refusal !== undefined && refusal.due_ms !== Infinity) return;
    const times = (refusal?.times ?? 0) + 1;
    const wait_ms = Math.min(refused_ms_min * 2 ** (times - 1), refused_ms_max);
    const since_ms = refusal?.since_ms ?? this.#clock.now();
    shipment.refusal = { times, since_ms, due_ms: this.#clock.monotonic() + wait_ms };
  }

  /** Notes that a receipt came. */
  confirmed({ stored_ms }: Shipment): void {
    this.#overtaken_before_ms = Math.max(this.#overtaken_before_ms, stored_ms);
  }

  /** Notes that receipts may have been lost. */
  reconnected(): void {
    this.#overtaken_before_ms = this.#clock.monotonic();
  }

  /** Has the stream begin again: all that is stored is as good as not. */
  restart(sequence: number): void {
    this.#highest = sequence;
  }

  /** Those that have to be published again: as they were, to ask for them, or as repeats. */
  due(): { readonly shipment: Shipment; readonly again: "probe" | "repeat" }[] {
    const now_ms = this.#clock.monotonic();
    const due: { shipment: Shipment; again: "probe" | "repeat" }[] = [];
    let is_oldest = true;
    for (const shipment of this.#shipments.values()) {
      if (shipment.stored_at === undefined) continue;
      if (now_ms >= this.#dueOf(shipment)) due.push({ shipment, again: "repeat" });
      else if (is_oldest && this.#mayProbe(shipment, now_ms))
        due.push({ shipment, again: "probe" });
      is_oldest = false;
    }
    return due;
  }

  #dueOf({ stored_ms, due_ms, repeats, refusal }: Shipment): number {
    if (refusal !== undefined && refusal.due_ms !== Infinity) return refusal.due_ms;
    if (stored_ms >= this.#overtaken_before_ms) return due_ms;
    return Math.min(
      due_ms,
      stored_ms + overtaken_part * this.#timeout_ms * 2 ** Math.min(repeats, 16),
    );
  }

  /** Only while the stream remembers ids for sure. */
  #mayProbe(shipment: Shipment, now_ms: number): boolean {
    const { stored_ms, first_stored_ms = 0, repeats, refusal } = shipment;
    if (refusal !== undefined) return false;
    const age_ms = now_ms - first_stored_ms;
    return repeats === 0 && now_ms - stored_ms >= probe_after_ms && age_ms < 3 * probe_after_ms;
  }
}
