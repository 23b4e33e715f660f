/**
 * Sees what becomes of every event of a simulated hour, on Splunk's side, and notes the first thing that does not hold:
 *
 * - the books balance whenever they are looked at, and never say more to be delivered than Splunk has told;
 * - a checkpoint passes only events that Splunk has told to have, or that it refuses for what they hold;
 * - no event is sent again once its sender was told that it is taken, or while it waits for a promised acknowledgement;
 * - what is refused, and nothing else, is in quarantine, with Splunk's code;
 * - where that is promised, the events of an index arrive in order.
 */
import type { Books } from "../../../src/ledger/books.ts";
import type { Take } from "../splunk/take.ts";

export interface WitnessFacts {
  events: number;
  /** Splunk's code for each event that it refuses; 0 for the others. */
  poison: Uint8Array;
  /** The index of each event, as the code of its one letter. */
  index_of: Uint8Array;
  in_order: boolean;
  /** Whether the token has acknowledgement, and when an event is to be sent again for want of one. */
  ack: boolean;
  ack_timeout_ms: number;
  now: () => number;
}

const reason_by_code: Readonly<Record<number, string>> = {
  6: "splunk_invalid_data_format",
  12: "splunk_event_required",
  13: "splunk_event_blank",
  15: "splunk_indexed_fields",
};

export class Witness {
  /** The first thing that did not hold. */
  violation: string | undefined;
  /** Whether Splunk sees a request now that its sender gave up before. */
  late = false;
  readonly #facts: WitnessFacts;
  /** How often each event was indexed, and how often its sender was told that it was taken. */
  readonly #indexed: Uint16Array;
  readonly #told: Uint8Array;
  #told_events = 0;
  /** When the sender of each event was last promised an acknowledgement. */
  readonly #promised_ms: Float64Array;
  /** Whether a sender was ever promised one. */
  has_promised = false;
  /** By index: the last event that arrived for the first time. */
  readonly #last_arrived = new Int32Array(256).fill(-1);

  constructor(facts: WitnessFacts) {
    const { events } = facts;
    this.#facts = facts;
    this.#indexed = new Uint16Array(events);
    this.#told = new Uint8Array(events);
    this.#promised_ms = new Float64Array(events).fill(-Infinity);
  }

  /** How often any event was indexed. */
  get times_indexed(): number {
    return this.#indexed.reduce((sum, times) => sum + times, 0);
  }

  violated(what: string): void {
    this.violation ??= what;
  }

  accepted({ events }: Take<number>): void {
    if (this.late) return;
    const unanswered_ms = this.#facts.now() - this.#facts.ack_timeout_ms;
    for (const number of events) {
      if (this.#told[number]! > 0) this.violated(`event ${number} was sent again, although told`);
      if (this.#promised_ms[number]! > unanswered_ms) {
        this.violated(`event ${number} was sent again, although promised`);
      }
    }
  }

  indexed({ events }: Take<number>): void {
    const { index_of, in_order } = this.#facts;
    const index = index_of[events[0]!]!;
    for (const number of events) {
      this.#indexed[number]! += 1;
      if (this.#indexed[number] !== 1) continue;
      const last = this.#last_arrived[index]!;
      if (in_order && number < last) this.violated(`event ${number} came after ${last}`);
      this.#last_arrived[index] = number;
    }
  }

  told({ events }: Take<number>): void {
    for (const number of events) {
      if (this.#told[number] === 0) this.#told_events += 1;
      this.#told[number]! += 1;
      if (this.#indexed[number] === 0) this.violated(`event ${number} was told and not indexed`);
    }
  }

  promised({ events }: Take<number>): void {
    const now = this.#facts.now();
    this.has_promised = true;
    for (const number of events) this.#promised_ms[number] = now;
  }

  /** A checkpoint has passed `count` events from number `first` on. */
  passed(first: number, count: number): void {
    const { poison } = this.#facts;
    for (let number = first; number < first + count; number += 1) {
      if (poison[number] === 0 && this.#told[number] === 0) {
        this.violated(`the checkpoint passed event ${number}, which was not taken`);
      }
    }
  }

  look({ balanced, total }: Books): void {
    if (!balanced) this.violated("the books do not balance");
    if (total.delivered > this.#told_events) {
      this.violated(`${total.delivered} are booked as delivered of ${this.#told_events}`);
    }
  }

  /** Everything has its fate. `quarantine` is the lines of the quarantine's file. */
  end(books: Books, quarantine: readonly string[]): void {
    this.look(books);
    const { events, poison, ack } = this.#facts;
    const poisoned = poison.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
    const { received, delivered, quarantined, in_flight } = books.total;
    const settled = delivered === events - poisoned && quarantined === poisoned;
    if (received !== events || !settled || in_flight !== 0) {
      this.violated(`with ${poisoned} refused the books are ${JSON.stringify(books.total)}`);
    }
    for (let number = 0; number < events; number += 1) {
      const told = this.#told[number]!;
      const right = poison[number] === 0 ? told === 1 || (ack && told > 1) : told === 0;
      if (!right || (poison[number] !== 0 && this.#indexed[number] !== 0)) {
        this.violated(`event ${number} was taken ${told} times`);
      }
    }
    this.#checkQuarantine(quarantine, poisoned);
  }

  #checkQuarantine(lines: readonly string[], poisoned: number): void {
    const { poison } = this.#facts;
    const seen = new Set<number>();
    for (const line of lines) {
      const { text, code, reason } = JSON.parse(line) as Record<string, unknown>;
      const number = Number(text);
      seen.add(number);
      if (code !== poison[number] || reason !== reason_by_code[Number(code)]) {
        this.violated(`event ${number} is in quarantine for the wrong reason: ${line}`);
      }
    }
    if (lines.length !== poisoned || seen.size !== poisoned) {
      this.violated(`${lines.length} lines of ${seen.size} events are in quarantine`);
    }
  }
}
