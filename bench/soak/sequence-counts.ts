/**
 * How often each number of a sequence came: every number from the first on, in a byte each.
 */

/** Numbers from here on go over the socket, those below into the file. */
export const socket_numbers_from = 2 ** 40;

export interface SequenceTotals {
  /** Different numbers. */
  distinct: number;
  /** Times that one came that had come before. */
  repeats: number;
  /** All numbers below this one have come, but for those that a filter ends. */
  complete_to: number;
  /** The one after the highest. */
  end: number;
}

/** The events that the filter of the soak ends: see wekaEvent and the configuration. */
export function isFiltered(number: number): boolean {
  return number % 8 === 2;
}

export class SequenceCounts {
  readonly #from: number;
  #counts = new Uint8Array(1024 * 1024);
  #distinct = 0;
  #repeats = 0;
  #complete = 0;
  #end = 0;

  constructor(from: number) {
    this.#from = from;
  }

  add(number: number): void {
    const place = number - this.#from;
    if (place >= this.#counts.length) this.#grow(place);
    const count = this.#counts[place]!;
    if (count === 0) this.#distinct += 1;
    else this.#repeats += 1;
    if (count < 255) this.#counts[place] = count + 1;
    if (place >= this.#end) this.#end = place + 1;
  }

  totals(): SequenceTotals {
    while (this.#complete < this.#end && this.#isThere(this.#complete)) this.#complete += 1;
    return {
      distinct: this.#distinct,
      repeats: this.#repeats,
      complete_to: this.#from + this.#complete,
      end: this.#from + this.#end,
    };
  }

  #isThere(place: number): boolean {
    return this.#counts[place] !== 0 || isFiltered(this.#from + place);
  }

  #grow(place: number): void {
    const larger = new Uint8Array(Math.max(place + 1, 2 * this.#counts.length));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
