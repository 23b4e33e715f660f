/**
 * What another part keeps in the state file, by names of its own: written in one batch with the checkpoints, and as good as they are.
 */

/** A line of it. Without a value it is no more. */
export interface KeptValue {
  readonly kept: string;
  readonly value?: unknown;
}

export class KeptValues {
  readonly #values = new Map<string, unknown>();
  /** The names of those that are not in the written state as they are. */
  #changed = new Set<string>();

  constructor(restored: readonly KeptValue[] = []) {
    for (const { kept, value } of restored) this.#values.set(kept, value);
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  /** JSON. It must not be changed afterwards. */
  set(name: string, value: unknown): void {
    this.#values.set(name, value);
    this.#changed.add(name);
  }

  delete(name: string): void {
    if (this.#values.delete(name)) this.#changed.add(name);
  }

  /** All there are. */
  *all(): Generator<KeptValue> {
    for (const [kept, value] of this.#values) yield { kept, value };
  }

  /** What has changed since the last call. */
  take(): KeptValue[] {
    const changed = this.#changed;
    this.#changed = new Set();
    return [...changed].map((kept) => {
      return this.#values.has(kept) ? { kept, value: this.#values.get(kept) } : { kept };
    });
  }

  /** Takes back what could not be written. */
  takeBack(taken: readonly KeptValue[]): void {
    for (const { kept } of taken) this.#changed.add(kept);
  }
}
