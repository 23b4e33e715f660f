/**
 * The ledger as one file input sees it, until another input of the same name takes its place. A system call that hangs
 * may come back after that: what would follow from it is for the other one to book.
 */
import type { AsleepStreams } from "../../../ledger/asleep/asleep-streams.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { StreamLedger } from "../../../ledger/stream-ledger.ts";

export class OwnStreams {
  readonly #input: string;
  readonly #ledger: Ledger;
  #state: "own" | "handed_over" = "own";

  constructor(input: string, ledger: Ledger) {
    this.#input = input;
    this.#ledger = ledger;
  }

  /** From now on every call throws. */
  handOver(): void {
    this.#state = "handed_over";
  }

  /** Those that are awake, in the order in which they were opened. */
  all(): StreamLedger[] {
    this.#check();
    const streams = this.#ledger.streamsOf(this.#input);
    return streams.sort((one, other) => one.number - other.number);
  }

  open(identity: unknown, checkpoint: unknown): StreamLedger {
    this.#check();
    return this.#ledger.openStream(this.#input, identity, checkpoint);
  }

  /** Those that are asleep. */
  asleep(): AsleepStreams {
    this.#check();
    return this.#ledger.asleep(this.#input);
  }

  /** The slot, or undefined where the stream cannot sleep now. */
  sleep(stream: StreamLedger, note: unknown): number | undefined {
    this.#check();
    return this.#ledger.sleep(stream, note);
  }

  wake(slot: number): { stream: StreamLedger; note: unknown } {
    this.#check();
    return this.#ledger.wake(this.#input, slot);
  }

  forget(stream: StreamLedger): void {
    this.#check();
    this.#ledger.forget(stream);
  }

  lose(reason: "truncated" | "deleted" | "damaged", bytes: number): void {
    this.#check();
    this.#ledger.lose(this.#input, reason, bytes);
  }

  mayHaveLost(bytes: number): void {
    this.#check();
    this.#ledger.mayHaveLost(this.#input, bytes);
  }

  #check(): void {
    if (this.#state === "handed_over") throw new Error("the files were handed over meanwhile");
  }
}
