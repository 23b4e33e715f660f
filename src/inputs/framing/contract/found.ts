/**
 * What a framer finds in a window, noted record by record. A record that is longer than an event may be is cut.
 */
import { hash } from "node:crypto";
import type { RecordHeader, RecordInit, Truncation } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";
import type { KeptEvent } from "../../../event/kept-event.ts";
import type { Framed, FramingState, LongRecord, RecordPositions, Window } from "./framer.ts";

export class Found implements Framed {
  count = 0;
  end: number;
  state: FramingState;
  nul_bytes = 0;
  truncations: Map<number, Truncation> | undefined = undefined;
  verdicts: Map<number, Verdict> | undefined = undefined;
  headers: Map<number, RecordHeader> | undefined = undefined;
  made: Framed["made"] = undefined;
  is_unfinished = false;
  members = 0;
  followed: unknown = undefined;
  /** In which the positions of records are. */
  protected content: Buffer;
  readonly #positions: RecordPositions;

  constructor({ bytes, from, state }: Window, positions: RecordPositions) {
    this.end = from;
    this.state = state;
    this.content = bytes;
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

  /** Says of the next record what is known beside its content. */
  describe(header: RecordHeader): void {
    this.headers ??= new Map();
    this.headers.set(this.count, header);
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
    this.truncations.set(this.count, truncationOf(this.content, start, end));
    return characterBoundary(this.content, start, start + event_bytes_max);
  }
}

/** Of a record whose end never came. */
export const unfinished: RecordHeader = { fields: { tallyman_unfinished: true } };

/** Of a record of which no content is kept. */
export const withheld: Partial<KeptEvent> = { text: null };

/** What is known of the records; undefined where that is nothing. */
export function knownOf(
  framed: Pick<Framed, "count" | "headers"> & Partial<Framed>,
): (RecordInit | undefined)[] | undefined {
  const { count, verdicts, headers, is_unfinished = false } = framed;
  if (verdicts === undefined && headers === undefined && !is_unfinished) return undefined;
  return Array.from({ length: count }, (_, number) => {
    const verdict = verdicts?.get(number);
    const own = headers?.get(number);
    const header = is_unfinished && number === count - 1 ? unfinishedOf(own) : own;
    if (framed.withheld?.has(number) === true) return { verdict, header, kept: withheld };
    return (verdict || header) && { verdict, header };
  });
}

/** What is known of a long record whose content the framer has made and kept. */
export function knownOfKept(record: LongRecord): RecordInit {
  const { header, kept, content_bytes } = record;
  const verdict = record.verdict?.(undefined);
  const is_withheld = kept?.length === 0 && content_bytes > 0;
  return { header, verdict, ...(is_withheld && { kept: withheld }) };
}

/** The header of a record whose end never came. */
export function unfinishedOf(header: RecordHeader | undefined): RecordHeader {
  if (header === undefined) return unfinished;
  return { ...header, fields: { ...header.fields, ...unfinished.fields } };
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
