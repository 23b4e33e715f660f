/** Wakes whoever waits for a change. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** Wakes all that wait now. Who begins to wait later, even at once, waits for the next ring. */
  ring(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }

  /** Resolves at the next ring. Any number may wait. */
  rung(): Promise<void> {
    return this.#next.promise;
  }
}
