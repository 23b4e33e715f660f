/**
 * The ledger as one file input sees it, until another input of the same name takes its place. A system call that hangs
 * may come back after that: what would follow from it is for the other one to book.
 */
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

  all(): StreamLedger[] {
    this.#check();
    return this.#ledger.streamsOf(this.#input);
  }

  open(identity: unknown, checkpoint: unknown): StreamLedger {
    this.#check();
    return this.#ledger.openStream(this.#input, identity, checkpoint);
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
