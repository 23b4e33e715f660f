/**
 * Lines on their way to a file or to standard output, and what it takes to settle their events once they are there.
 */
import type { LogEvent } from "../event/log-event.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { Delivered } from "./delivered.ts";
import type { Encoder } from "./encoder.ts";

/** Events that follow one another and are of one block. */
interface Run {
  readonly receipt: Receipt;
  events: number;
}

export class Lines {
  readonly #bytes: Buffer;
  readonly #runs: Run[] = [];
  #length = 0;

  /** They are written to `bytes`, which are theirs until they are settled. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** What they may be written to. */
  get buffer(): Buffer {
    return this.#bytes;
  }

  /** Takes the event in, or says false where there is no room for it. */
  add(event: LogEvent, encoder: Encoder): boolean {
    const end = encoder.encode(event, this.#bytes, this.#length);
    if (end === -1) return false;
    this.#length = end;
    const { receipt } = event.block;
    const last = this.#runs.at(-1);
    if (last?.receipt === receipt) last.events += 1;
    else this.#runs.push({ receipt, events: 1 });
    return true;
  }

  settle(delivered: Delivered): void {
    for (const { receipt, events } of this.#runs) delivered.settle(receipt, events);
  }
}
