/**
 * The streams that are asleep, by input, and in their order.
 */
import { JsonPacker } from "../../platform/packing/json-packer.ts";
import { AsleepStreams } from "./asleep-streams.ts";

/** A stream that is asleep. */
export interface AsleepPlace {
  readonly input: string;
  readonly streams: AsleepStreams;
  readonly slot: number;
  readonly number: number;
}

export class AsleepInputs {
  readonly #packer = new JsonPacker();
  readonly #inputs = new Map<string, AsleepStreams>();

  of(input: string): AsleepStreams {
    let streams = this.#inputs.get(input);
    if (streams === undefined) {
      streams = new AsleepStreams(this.#packer);
      this.#inputs.set(input, streams);
    }
    return streams;
  }

  get count(): number {
    let count = 0;
    for (const streams of this.#inputs.values()) count += streams.count;
    return count;
  }

  /** A number that is greater than that of each stream. */
  get next_number(): number {
    let next = 0;
    for (const streams of this.#inputs.values()) next = Math.max(next, streams.next_number);
    return next;
  }

  /** Those that are asleep now, in the order in which they were opened. Some may be awake when it is their turn. */
  *inOrder(): Generator<AsleepPlace> {
    const waiting = [...this.#inputs].map(([input, streams]) => {
      const slots = streams.inOrder();
      const numbers = Float64Array.from(slots, (slot) => streams.numberOf(slot));
      return { input, streams, slots, numbers, next: 0 };
    });
    for (;;) {
      let first: (typeof waiting)[number] | undefined;
      for (const each of waiting) {
        if (each.next === each.slots.length) continue;
        const number = each.numbers[each.next]!;
        if (first === undefined || number < first.numbers[first.next]!) first = each;
      }
      if (first === undefined) return;
      const { input, streams, slots, numbers } = first;
      yield { input, streams, slot: slots[first.next]!, number: numbers[first.next]! };
      first.next += 1;
    }
  }
}
