/**
 * How far a journal goes, in the state: what of its end is missing at the next start was cut or removed meanwhile. The end
 * of a write that a crash has torn is behind it, as it is moved only past what is safe on the disk.
 */
import type { StreamLedger } from "../ledger/stream-ledger.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import { identityOf, type JournalIdentity } from "./stream.ts";

/** How much later it is written, where nothing else has the state written: so often at most for nothing but this. */
const interval_ms = 1000;

export interface WrittenMarkDeps {
  readonly stream: StreamLedger;
  readonly clock: Clock;
  /** All events before this sequence number are safe on the disk, and in the books nowhere else. */
  readonly sequence: () => number;
}

export class WrittenMark {
  readonly #deps: WrittenMarkDeps;
  #timer: Timer | undefined;

  constructor(deps: WrittenMarkDeps) {
    this.#deps = deps;
  }

  /** Says that the journal may go further now. */
  progressed(): void {
    this.#timer ??= this.#deps.clock.after(interval_ms, () => this.note());
  }

  /** Has it in the next state that is written. */
  note(): void {
    const { stream, sequence } = this.#deps;
    this.#timer?.cancel();
    this.#timer = undefined;
    const identity = identityOf(stream)!;
    const written = sequence();
    if (identity.written === written) return;
    stream.identity = { ...identity, written } satisfies JournalIdentity;
    stream.identityChanged();
  }
}
