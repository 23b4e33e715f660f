/**
 * The streams of which something is not in a written state yet, so that what is written is only what has changed.
 */
import type { LedgerState } from "./state.ts";
import type { StreamLedger } from "./stream-ledger.ts";

/** What is to be written, and by input the bytes that it covers and the state written before did not. */
export interface Snapshot {
  readonly state: Required<LedgerState> & { readonly forgotten: readonly string[] };
  /** What had changed. */
  readonly unwritten: UnwrittenStreams;
  readonly passed: ReadonlyMap<string, number>;
}

export class UnwrittenStreams {
  /** New ones in the order in which they were opened: a restart gives them back in that of the file. */
  #changed = new Set<StreamLedger>();
  /** Their ids. */
  readonly #forgotten = new Set<string>();

  get changed(): readonly StreamLedger[] {
    return [...this.#changed];
  }

  get forgotten(): readonly string[] {
    return [...this.#forgotten];
  }

  add(stream: StreamLedger): void {
    this.#changed.add(stream);
  }

  forget(stream: StreamLedger): void {
    this.#changed.delete(stream);
    this.#forgotten.add(stream.id);
  }

  /** Takes up what another had, as it could not be written. Streams that were forgotten since stay so. */
  takeUp({ changed, forgotten }: UnwrittenStreams): void {
    const both = new Set([...changed, ...this.#changed]);
    for (const stream of both) if (this.#forgotten.has(stream.id)) both.delete(stream);
    this.#changed = both;
    for (const id of forgotten) this.#forgotten.add(id);
  }
}
