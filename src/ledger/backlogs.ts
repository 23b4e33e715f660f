/** What journals have accepted for inputs, and the ledger does not have in its counts. */

/** What a journal has accepted for an input, in events. */
export interface Backlog {
  /** Of them, those that no stream has given yet. */
  readonly unread: () => number;
  /** Of them, those that no written state counts as settled. */
  readonly unsaved: () => number;
}

export class Backlogs {
  readonly #by_input = new Map<string, Backlog[]>();

  add(input: string, backlog: Backlog): void {
    this.#by_input.set(input, [...this.#of(input), backlog]);
  }

  unread(input: string): number {
    return this.#of(input).reduce((sum, { unread }) => sum + unread(), 0);
  }

  unsaved(input: string): number {
    return this.#of(input).reduce((sum, { unsaved }) => sum + unsaved(), 0);
  }

  #of(input: string): readonly Backlog[] {
    return this.#by_input.get(input) ?? [];
  }
}
