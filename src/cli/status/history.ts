/**
 * The rates that were seen so far, for sparklines.
 */
import type { Status } from "../../admin/status/status.ts";

/** Of each rate, so many are kept: as many as a wide terminal has columns for. */
const kept_max = 180;

export class RateHistory {
  readonly #seen = new Map<string, number[]>();

  /** Takes in the rates of a status. What is not in it any more is forgotten. */
  note(status: Status): void {
    const now = new Map<string, number>([
      ["in", eventsIn(status)],
      ["out", eventsOut(status)],
      ...status.inputs.map(
        ({ name, rates }) => [`input ${name}`, rates.events_per_second] as const,
      ),
      ...status.outputs.map(
        ({ name, rates }) => [`output ${name}`, rates.events_per_second] as const,
      ),
    ]);
    for (const key of this.#seen.keys()) if (!now.has(key)) this.#seen.delete(key);
    for (const [key, rate] of now) {
      const kept = this.#seen.get(key) ?? [];
      if (kept.length >= kept_max) kept.shift();
      kept.push(rate);
      this.#seen.set(key, kept);
    }
  }

  /** The oldest first: of `in`, `out`, `input NAME` or `output NAME`. */
  of(key: string): readonly number[] {
    return this.#seen.get(key) ?? [];
  }
}

/** Events that all inputs take in a second. */
export function eventsIn({ inputs }: Status): number {
  return inputs.reduce((sum, { rates }) => sum + rates.events_per_second, 0);
}

/** Events that all outputs take in a second. */
export function eventsOut({ outputs }: Status): number {
  return outputs.reduce((sum, { rates }) => sum + rates.events_per_second, 0);
}
