/**
 * Makes a block's records of the entries of frames: where each is, what is known of it, and what had ended before.
 */
import type { RecordInit, RedactedRun, Truncation } from "../../event/block.ts";
import { Verdict, type Metadata } from "../../event/event.ts";
import type { EndedCount, MadeCount } from "./delivery.ts";
import {
  readEntries,
  type EntryTarget,
  type EventEntry,
  type QuarantinedEntry,
} from "./entries.ts";

/** Equal metadata gives the same object as long as it is remembered, so that outputs find what they keep by it. */
const metadata_kept_max = 1024;

/** Metadata objects by their JSON. */
export class KnownMetadata {
  readonly #objects = new Map<string, Metadata>();

  of(json: string): Metadata {
    let metadata = this.#objects.get(json);
    if (metadata === undefined) {
      metadata = JSON.parse(json) as Metadata;
      if (this.#objects.size >= metadata_kept_max) this.#objects.clear();
      this.#objects.set(json, metadata);
    }
    return metadata;
  }
}

export class BlockBuilder implements EntryTarget {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly known: RecordInit[] = [];
  readonly truncations = new Map<number, Truncation>();
  readonly ended: EndedCount[] = [];
  readonly redacted: RedactedRun[] = [];
  readonly made_counts: MadeCount[] = [];
  record_bytes = 0;
  readonly #metadata: KnownMetadata;
  /** The metadata of the frame that is read, by number. */
  #numbered: Metadata[] = [];
  /** The redact steps that its events have been through. */
  #steps = "";

  constructor(metadata: KnownMetadata) {
    this.#metadata = metadata;
  }

  /** Takes a frame's entries from `bytes[start, end)`; false, and nothing taken, where they make no sense. */
  addFrame(bytes: Buffer, start: number, end: number, events: number): boolean {
    const { length } = this.known;
    const ended_length = this.ended.length;
    const made_length = this.made_counts.length;
    const { record_bytes } = this;
    this.#numbered = [];
    this.#steps = "";
    try {
      readEntries(bytes, start, end, this);
      let count = this.known.length - length;
      for (const each of this.ended.slice(ended_length)) count += each.count;
      if (count === events) {
        this.#noteSteps(length);
        return true;
      }
    } catch {
      // What was written by another version, say, is counted as damaged like everything that cannot be read.
    }
    for (const number of this.truncations.keys()) {
      if (number >= length) this.truncations.delete(number);
    }
    this.starts.length = this.ends.length = this.known.length = length;
    this.ended.length = ended_length;
    this.made_counts.length = made_length;
    this.record_bytes = record_bytes;
    return false;
  }

  redaction(steps: string): void {
    this.#steps = steps;
  }

  metadata(json: string): void {
    this.#numbered.push(this.#metadata.of(json));
  }

  event({ metadata, time, truncation, start, end }: EventEntry): void {
    if (truncation !== undefined) this.truncations.set(this.known.length, truncation);
    this.#add(start, end, end - start, { metadata: this.#numbered[metadata], time });
  }

  quarantined({ reason, detail, original, kept, start, end }: QuarantinedEntry): void {
    const verdict = new Verdict("quarantined", reason, detail);
    this.#add(start, end, original.original_bytes, { verdict, original, kept });
  }

  end(fate: EndedCount["fate"], reason: string, count: number): void {
    this.ended.push({ fate, reason, count });
  }

  #noteSteps(from: number): void {
    const last = this.redacted.at(-1);
    if (last?.steps !== this.#steps) this.redacted.push({ from, steps: this.#steps });
  }

  made(step: string, count: number): void {
    this.made_counts.push({ step, count });
  }

  #add(start: number, end: number, record_bytes: number, known: RecordInit): void {
    this.starts.push(start);
    this.ends.push(end);
    this.known.push(known);
    this.record_bytes += record_bytes;
  }
}
