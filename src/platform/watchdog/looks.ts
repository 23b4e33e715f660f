/**
 * Decides by looks at the main thread whether it hangs. Looks are counted rather than time: a machine or process that stood
 * still, looker included, is not taken for one that hangs.
 */

/** Looks at the same thing, one after the other, until it counts as hanging. */
export const looks_max = 10;
/** Outside of a plugin's own calls it may be the disk that is slow, or tallyman. So long is it given. */
const patience_outside = 3;

export class Looks {
  #progress = -1;
  #activity = 0;
  #same = 0;

  /** Whether it hangs. */
  look(progress: number, activity: number): boolean {
    if (progress !== this.#progress || activity !== this.#activity) {
      this.#progress = progress;
      this.#activity = activity;
      this.#same = 0;
      return false;
    }
    this.#same += 1;
    return this.#same >= (activity === 0 ? looks_max * patience_outside : looks_max);
  }
}
