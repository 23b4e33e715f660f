/**
 * The work of masking one text, counted in steps: characters looked at, whether here or by the engine.
 *
 * The mask is linear by construction. The bound is for what its authors did not think of: whoever may write
 * a line of a log must not be able to hold up the agent.
 */

const steps_min = 65_536;
/** Ordinary lines take a few steps a character, however many words are looked for; the worst texts known, one and some for each word. */
const steps_per_word = 8;
/** What is looked at beside that, in words. */
const words_min = 16;

/** The most steps that a text of this length may cost, where so many words are looked for. */
export function stepsMax(length: number, words: number): number {
  return length * steps_per_word * (words + words_min) + steps_min;
}

export class Work {
  /** Steps done so far. */
  steps = 0;
  readonly #steps_max: number;

  constructor(steps_max: number) {
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
