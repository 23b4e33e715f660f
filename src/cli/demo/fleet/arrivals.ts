/** Which events have arrived at the receiver, by their numbers: what comes twice is not what was missing. */
import { numberOf } from "../weka-events.ts";

export class Arrivals {
  readonly #seen = new Set<number>();
  events = 0;

  get distinct(): number {
    return this.#seen.size;
  }

  get repeats(): number {
    return this.events - this.#seen.size;
  }

  note(body: string): void {
    for (const line of body.split("\n")) {
      const number = numberOf(line);
      if (number < 0) continue;
      this.events += 1;
      this.#seen.add(number);
    }
  }
}
