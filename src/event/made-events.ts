/**
 * The events that steps make of one record: how many, how long they are, and which of them no step has returned yet.
 *
 * Both are bounded over the whole chain, so that no plugin fills the memory with what it makes of one event.
 */
import { StepFailure } from "../platform/step-failure.ts";

export const made_events_max = 10_000;
const MiB = 1024 * 1024;
const made_bytes_max = 64 * MiB;

export class MadeEvents {
  #events = 0;
  #bytes = 0;
  /** Those that no step has returned. */
  readonly #open = new Set<object>();

  /** Counts one more of so many bytes. Throws StepFailure where they are too many. */
  count(bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
    if (this.#events > made_events_max) {
      throw new StepFailure(`steps may make at most ${made_events_max} events of one`);
    }
    if (this.#bytes > made_bytes_max) {
      throw new StepFailure("what steps make of one event may have at most 64 MiB");
    }
  }

  add(event: object): void {
    this.#open.add(event);
  }

  /** Whether a step made the event and none has returned it; it counts as returned from now on. */
  take(event: object): boolean {
    return this.#open.delete(event);
  }
}
