/**
 * How many events there are, by input and reason: what `list` ends with.
 */
import type { SnapshotLine } from "../../output/quarantine/snapshot.ts";

/** The reasons of a plugin can be many; the memory that they take is bounded. */
const counts_max = 1000;
const other = "(other)";

export class Counts {
  events = 0;
  bytes = 0;
  /** Lines that cannot be understood. */
  damaged = 0;
  readonly #by_reason = new Map<string, number>();
  readonly #by_input = new Map<string, number>();

  add({ details, start, end }: SnapshotLine): void {
    this.bytes += end - start;
    if (details === undefined) {
      this.damaged += 1;
      return;
    }
    this.events += 1;
    add(this.#by_reason, details.reason);
    add(this.#by_input, details.input);
  }

  get by_reason(): [string, number][] {
    return sorted(this.#by_reason);
  }

  get by_input(): [string, number][] {
    return sorted(this.#by_input);
  }
}

function add(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < counts_max ? name : other;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The most frequent first. */
function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].toSorted(([, one], [, another]) => another - one);
}
