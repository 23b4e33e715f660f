/**
 * The events on which a step hung, as far as the next start has to know them: by their length and a hash, never by their
 * content. They are kept for as long as the step's plugin and options are the same.
 */
import { hash } from "node:crypto";
import { record_bytes_max } from "./marks.ts";

/** So that the file stays small whatever a plugin does; the oldest go first. */
const events_max = 1000;

export interface HungEvent {
  /** Of the plugin's files and the step's options, in hex. */
  readonly code: string;
  readonly step: string;
  /** Its length. */
  readonly bytes: number;
  /** Of its first 64 KiB, in hex. */
  readonly sha256: string;
}

/** The text of the file with one more event. */
export function withHungEvent(events: readonly HungEvent[], event: HungEvent): string {
  const all = [...events.filter((each) => !isSame(each, event)), event];
  return JSON.stringify({ events: all.slice(-events_max) });
}

function isSame(one: HungEvent, other: HungEvent): boolean {
  return one.code === other.code && one.bytes === other.bytes && one.sha256 === other.sha256;
}

/** The hash by which an event is known again. */
export function hashOfRecord(content: Buffer): string {
  return hash("sha256", content.subarray(0, record_bytes_max));
}

/** Those of one step, to be asked with every event. */
export class HungEventsOfStep {
  readonly #by_length = new Map<number, Set<string>>();

  constructor(events: readonly HungEvent[], code: string) {
    for (const { bytes, sha256, code: of } of events) {
      if (of !== code) continue;
      const known = this.#by_length.get(bytes);
      if (known === undefined) this.#by_length.set(bytes, new Set([sha256]));
      else known.add(sha256);
    }
  }

  get is_empty(): boolean {
    return this.#by_length.size === 0;
  }

  /** Whether the step hung on a record of these bytes. */
  has(bytes: Buffer, start: number, end: number): boolean {
    const hashes = this.#by_length.get(end - start);
    return hashes?.has(hashOfRecord(bytes.subarray(start, end))) === true;
  }
}
