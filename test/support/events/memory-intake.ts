/** What a durable input delivers to, in memory: it copies what it accepts, and can be full, unavailable or slow. */
import type { Records, Truncation } from "../../../src/event/block.ts";
import type { Metadata } from "../../../src/event/event.ts";
import type { Acceptance, DropCount, JournaledIntake } from "../../../src/inputs/input.ts";

export interface KeptEvent {
  readonly text: string;
  readonly bytes: Buffer;
  readonly metadata: Metadata;
  readonly time: string | undefined;
  readonly truncation: Truncation | undefined;
  /** The number of the delivery that it came with, from 0. */
  readonly delivery: number;
}

export interface KeptInQuarantine extends KeptEvent {
  readonly reason: string;
  readonly detail: string | undefined;
}

export class MemoryIntake implements JournaledIntake {
  readonly events: KeptEvent[] = [];
  readonly quarantined: KeptInQuarantine[] = [];
  /** What deliveries are answered from now on. */
  acceptance: Acceptance = "accepted";
  /** Of what is accepted from now on, this many events of each delivery are dropped. */
  drops_each = 0;
  /** Deliveries that were accepted. */
  deliveries = 0;
  /** Called before each answer, which waits for it. */
  beforeAnswer: () => Promise<void> | undefined = () => undefined;
  /** Keeps counts only. */
  is_counting = false;
  /** Events that were accepted. */
  count = 0;

  get texts(): string[] {
    return this.events.map(({ text }) => text);
  }

  accept(records: Records, drops?: DropCount): Promise<Acceptance> {
    if (drops !== undefined && this.acceptance === "accepted") drops.dropped += this.drops_each;
    return this.#keep(records, undefined);
  }

  quarantine(records: Records, reason: string, detail?: string): Promise<Acceptance> {
    return this.#keep(records, { reason, detail });
  }

  room(): Promise<void> | undefined {
    return this.acceptance === "accepted" ? undefined : Promise.resolve();
  }

  async #keep(
    records: Records,
    ending: { reason: string; detail: string | undefined } | undefined,
  ): Promise<Acceptance> {
    const { acceptance } = this;
    if (acceptance === "accepted") {
      const delivery = this.deliveries;
      this.deliveries += 1;
      this.count += records.count;
      for (let number = 0; number < records.count && !this.is_counting; number += 1) {
        const known = records.known?.[number];
        const verdict = known?.verdict ?? ending;
        const bytes = Buffer.from(
          records.bytes.subarray(records.starts[number], records.ends[number]),
        );
        const event = {
          text: bytes.toString(),
          bytes,
          metadata: records.metadataOf(number),
          time: known?.time,
          truncation: records.truncations?.get(number),
          delivery,
        };
        if (verdict === undefined) this.events.push(event);
        else this.quarantined.push({ ...event, reason: verdict.reason, detail: verdict.detail });
      }
    }
    const wait = this.beforeAnswer();
    if (wait !== undefined) await wait;
    return acceptance;
  }
}
