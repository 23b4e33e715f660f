/**
 * Which lanes are new: an event is not sent before its lane is in a written state. A crash would else leave events in Splunk of whose
 * lane nobody knows, and no seal could ever speak of them.
 *
 * One written state names all lanes that came until then. Where it cannot be written, nothing waits for it: that a seal may miss
 * events is better than that events are not sent.
 */

/** A ledger, as far as whoever sends has to wait for it. */
export interface NamingLedger {
  readonly lanes: { readonly naming: Pick<Naming, "pending"> };
}

export class Naming {
  /** Has the state written at once; undefined where nobody writes it. */
  onNew: (() => void) | undefined = undefined;
  /** Of lanes that are in no state that is being written. */
  #new: PromiseWithResolvers<void> | undefined;
  #being_written: PromiseWithResolvers<void> | undefined;

  /** Resolves when the lanes that there are may be sent to; undefined where they may be now. Never rejects. */
  get pending(): Promise<void> | undefined {
    return (this.#new ?? this.#being_written)?.promise;
  }

  /** Whether the next state is waited for. */
  get is_urgent(): boolean {
    return this.#new !== undefined;
  }

  /** A lane is new, and noted for the next state. */
  add(): void {
    if (this.onNew === undefined || this.#new !== undefined) return;
    this.#new = Promise.withResolvers();
    this.onNew();
  }

  /** A state is taken to be written; the one before is no more. */
  taken(): void {
    if (this.#new === undefined) return;
    this.#being_written = this.#new;
    this.#new = undefined;
  }

  /** It is written, or could not be. */
  ended(): void {
    this.#being_written?.resolve();
    this.#being_written = undefined;
  }

  /** Nobody writes any more. */
  close(): void {
    this.onNew = undefined;
    this.ended();
    this.taken();
    this.ended();
  }
}
