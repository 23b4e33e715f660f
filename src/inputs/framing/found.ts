/**
 * What a framer finds in a window, noted record by record. A record that is longer than an event may be is cut.
 */
import { hash } from "node:crypto";
import type { RecordInit, Truncation } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import type { Framed, FramingState, RecordPositions, Window } from "./framer.ts";

export class Found implements Framed {
  count = 0;
  end: number;
  state: FramingState;
  nul_bytes = 0;
  truncations: Map<number, Truncation> | undefined = undefined;
  verdicts: Map<number, Verdict> | undefined = undefined;
  is_unfinished = false;
  members = 0;
  followed: unknown = undefined;
  readonly #bytes: Buffer;
  readonly #positions: RecordPositions;

  constructor({ bytes, from, state }: Window, positions: RecordPositions) {
    this.end = from;
    this.state = state;
    this.#bytes = bytes;
    this.#positions = positions;
  }

  /** Whether no more can be noted. */
  get is_full(): boolean {
    return this.count === this.#positions.starts.length;
  }

  /** Notes a record. */
  add(start: number, end: number): void {
    const { starts, ends, event_bytes_max } = this.#positions;
    starts[this.count] = start;
    ends[this.count] = end - start > event_bytes_max ? this.#cut(start, end) : end;
    this.count += 1;
  }

  /** Notes what is no record, and why. */
  refuse(start: number, end: number, verdict: Verdict): void {
    this.verdicts ??= new Map();
    this.verdicts.set(this.count, verdict);
    this.add(start, end);
  }

  #cut(start: number, end: number): number {
    const { event_bytes_max } = this.#positions;
    this.truncations ??= new Map();
    this.truncations.set(this.count, truncationOf(this.#bytes, start, end));
    return characterBoundary(this.#bytes, start, start + event_bytes_max);
  }
}

/** What is known of the records of which some have verdicts. */
export function knownOf({ verdicts, count }: Framed): (RecordInit | undefined)[] | undefined {
  if (verdicts === undefined) return undefined;
  return Array.from({ length: count }, (_, number) => {
    const verdict = verdicts.get(number);
    return verdict && { verdict };
  });
}

/** What is kept of a record that is cut. */
export function truncationOf(bytes: Buffer, start: number, end: number): Truncation {
  return {
    original_bytes: end - start,
    original_sha256: hash("sha256", bytes.subarray(start, end)),
  };
}

/** The largest end at or before `limit` that does not cut a UTF-8 character of `bytes` in two. */
export function characterBoundary(bytes: Buffer, start: number, limit: number): number {
  for (let lead = limit - 1; lead >= start && lead >= limit - 4; lead -= 1) {
    const byte = bytes[lead]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return lead + length > limit ? lead : limit;
  }
  return limit;
}
