/**
 * The streams of which something is not in a written state yet, so that what is written is only what has changed.
 */
import type { AsleepInputs } from "./asleep/asleep-inputs.ts";
import type { LedgerState, StreamState } from "./state.ts";
import type { StreamLedger } from "./stream-ledger.ts";

/** What is to be written, and by input the bytes that it covers and the state written before did not. */
export interface Snapshot {
  readonly state: Required<Omit<LedgerState, "asleep" | "numbers">> & {
    readonly forgotten: readonly string[];
  };
  /** What had changed. */
  readonly unwritten: UnwrittenStreams;
  readonly passed: ReadonlyMap<string, number>;
}

export class UnwrittenStreams {
  /** New ones in the order in which they were opened: a restart gives them back in that of the file. */
  #changed = new Set<StreamLedger>();
  /** Their ids. */
  readonly #forgotten = new Set<string>();

  get size(): number {
    return this.#changed.size;
  }

  has(stream: StreamLedger): boolean {
    return this.#changed.has(stream);
  }

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

/**
 * What is to be written of all streams, in their order, each as it is when it is asked for. One that is woken meanwhile may be
 * left out: it is among those that have changed.
 */
export function* statesInOrder(
  streams: Iterable<StreamLedger>,
  asleep: AsleepInputs,
): Generator<StreamState> {
  const awake = [...streams].sort((one, other) => one.number - other.number);
  let next = 0;
  for (const place of asleep.inOrder()) {
    const { input, slot, number } = place;
    for (; next < awake.length && awake[next]!.number < number; next += 1) yield awake[next]!.state;
    if (!place.streams.has(slot) || place.streams.numberOf(slot) !== number) continue;
    const { id, identity, checkpoint } = place.streams.at(slot);
    yield { id, input, identity, checkpoint };
  }
  for (const stream of awake.slice(next)) yield stream.state;
}
