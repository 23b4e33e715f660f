/** Setups that are not in force any more: their steps are ended when no event can be given to them. */
import { disposeSetup, type Setup } from "./setup.ts";

export class FormerSetups {
  readonly #ending = new Set<Promise<void>>();

  /**
   * Ends the steps of one, when `used` is resolved where something uses it still. Resolves at once then, and otherwise when
   * they are ended. Never rejects.
   */
  async add(setup: Setup, used?: Promise<void>): Promise<void> {
    const ending = Promise.resolve(used).then(() => disposeSetup(setup));
    this.#ending.add(ending);
    const ended = ending.then(() => void this.#ending.delete(ending));
    if (used === undefined) await ended;
  }

  /** Ends the steps of the last one, too, and resolves when those of all are ended. */
  async end(last: Setup): Promise<void> {
    await Promise.all([this.add(last), ...this.#ending]);
  }
}
