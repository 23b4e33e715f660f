/**
 * A batch: the body of one request while it is filled, sent and sent again, and the receipts that it covers.
 */
import type { LogEvent } from "../event/log-event.ts";
import type { Account, Receipt } from "../ledger/receipt.ts";
import type { Timer } from "../platform/clock.ts";
import type { Encoder } from "./encoder.ts";

export class Batch {
  /** Path and query that the batch is posted to. */
  readonly path: string;
  buffer: Buffer;
  /** Bytes of the buffer that are filled. */
  length = 0;
  events = 0;
  /** Whether it has waited for as long as a part-filled batch may. */
  due = false;
  /** Makes it due. */
  timer: Timer | undefined;
  /** The body under compression; undefined where it goes as it stands. */
  compressed: Promise<Buffer> | undefined;
  /** Whether a request with it has failed. */
  failed = false;
  readonly #receipts: Receipt[] = [];
  /** Events by receipt. */
  readonly #counts: number[] = [];

  constructor(path: string, buffer: Buffer) {
    this.path = path;
    this.buffer = buffer;
  }

  get body(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Takes the event in, or says false where there is no room for it. */
  add(event: LogEvent, encoder: Encoder): boolean {
    const end = encoder.encode(event, this.buffer, this.length);
    if (end === -1) return false;
    this.length = end;
    this.events += 1;
    const { receipt } = event.block;
    const last = this.#receipts.length - 1;
    if (this.#receipts[last] === receipt) {
      this.#counts[last]! += 1;
    } else {
      this.#receipts.push(receipt);
      this.#counts.push(1);
    }
    return true;
  }

  /** Books every event of the batch under `account`. */
  settle(account: Account): void {
    this.#receipts.forEach((receipt, number) => receipt.settle(account, this.#counts[number]!));
  }
}

/** Batch buffers that are used again: a new one costs its page faults. */
export class BufferPool {
  readonly #bytes: number;
  readonly #spare_max: number;
  readonly #spare: Buffer[] = [];

  constructor(bytes: number, spare_max: number) {
    this.#bytes = bytes;
    this.#spare_max = spare_max;
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length === this.#bytes && this.#spare.length < this.#spare_max) {
      this.#spare.push(buffer);
    }
  }
}
