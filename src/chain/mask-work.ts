/**
 * The work of masking one text, counted in steps: characters looked at, whether here or by the engine.
 *
 * The mask is linear by construction. The bound is for what its authors did not think of: whoever may write
 * a line of a log must not be able to hold up the agent.
 */

/** Several times what the worst text known costs; ordinary lines cost a few steps a character. */
const steps_per_character = 256;
const steps_min = 65_536;

export class Work {
  /** Steps done so far. */
  steps = 0;
  readonly #steps_max: number;

  /** `length` is that of the text in characters. */
  constructor(length: number, steps_max = length * steps_per_character + steps_min) {
    this.#steps_max = steps_max;
  }

  spend(steps: number): void {
    this.steps += steps;
  }

  /** Whether all the work is done that the text may cost. */
  get isSpent(): boolean {
    return this.steps > this.#steps_max;
  }
}
