/**
 * Gives the events of batches to another output: each is rebuilt from what is in the batch, with the same receipt, so
 * that whoever has it settles it.
 */
import { Block, type RecordInit } from "../../event/block.ts";
import type { Metadata } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Batch, TakenEvent } from "./batch.ts";
import type { Encoder, RecoveredEvent } from "./encoder.ts";
import type { Successor } from "../output.ts";

/** Metadata objects that are kept, so that the successor's encoder finds by them what it has made for them. */
const metadata_kept_max = 1024;

/** The event that was encoded, made by `make` of its bytes. */
export function eventOf<Made extends Pick<LogEvent, "invalid">>(
  { record, text }: RecoveredEvent,
  make: (bytes: Buffer) => Made,
): Made {
  if (text !== undefined) {
    const line = make(text);
    // What is JSON itself was a string that holds it, and stays that.
    if (line.invalid !== undefined) return line;
  }
  return make(record);
}

export interface HandoverDeps {
  /** What the batches were filled by. */
  encoder: Encoder;
  successor: Successor;
  clock: Clock;
}

export class Handover {
  readonly #deps: HandoverDeps;
  readonly #scanner = new Scanner([]);
  /** By what was sent of it. */
  readonly #metadata = new Map<string, Metadata>();

  constructor(deps: HandoverDeps) {
    this.#deps = deps;
  }

  /** Takes all events without a fate out of the batch. */
  give(batch: Batch): void {
    batch.unpack();
    while (batch.open > 0) this.#deps.successor.add(this.#eventOf(batch.takeFirst(), batch.path));
  }

  #eventOf(event: TakenEvent, path: string): LogEvent {
    const recovered = this.#deps.encoder.recover(event.encoded, path);
    const known = { metadata: this.#metadataOf(recovered.head), time: recovered.time };
    return eventOf(recovered, (bytes) => this.#make(event, bytes, known));
  }

  #make(
    { receipt, origin, offset, place }: TakenEvent,
    bytes: Buffer,
    known: RecordInit,
  ): LogEvent {
    const block = new Block({
      receipt,
      origin,
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(bytes.length),
      count: 1,
      offset,
      read_at_ms: this.#deps.clock.now(),
      known: [known],
    });
    const event = new LogEvent(block, 0, this.#scanner);
    event.place = place;
    return event;
  }

  #metadataOf(head: string): Metadata {
    const kept = this.#metadata.get(head);
    if (kept !== undefined) return kept;
    if (this.#metadata.size >= metadata_kept_max) this.#metadata.clear();
    const metadata = this.#deps.encoder.metadataOf(head);
    this.#metadata.set(head, metadata);
    return metadata;
  }
}
