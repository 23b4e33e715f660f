/**
 * The metadata of an event, and how often anything of the event was changed.
 */
import { StepFailure } from "../platform/step-failure.ts";
import type { Place } from "../ledger/lanes/lane.ts";
import type { Metadata } from "./event.ts";
import { type MetadataKey, withFields } from "./metadata.ts";
import type { Scanner } from "./scanner.ts";

export class EventMetadata {
  protected readonly scanner: Scanner;
  #metadata: Metadata;
  #changes = 0;
  /** Where it is in the sequence of its lane, once it is given to an output; undefined where events are not numbered. */
  place: Place | undefined = undefined;

  constructor(scanner: Scanner, metadata: Metadata) {
    this.scanner = scanner;
    this.#metadata = metadata;
  }

  /** Another number than before where the event was changed meanwhile, by whomever. */
  get changes(): number {
    return this.#changes;
  }

  /** Counts so many changes, and gives their number back. */
  protected count(changes: number): number {
    this.#changes += changes;
    return changes;
  }

  /** As it is now; the block's own object unless a step changed it. */
  get metadata(): Metadata {
    return this.#metadata;
  }

  get host(): string | undefined {
    return this.#metadata.host;
  }

  set host(host: string | undefined) {
    this.#set("host", host);
  }

  get source(): string | undefined {
    return this.#metadata.source;
  }

  set source(source: string | undefined) {
    this.#set("source", source);
  }

  get sourcetype(): string | undefined {
    return this.#metadata.sourcetype;
  }

  set sourcetype(sourcetype: string | undefined) {
    this.#set("sourcetype", sourcetype);
  }

  get index(): string | undefined {
    return this.#metadata.index;
  }

  set index(index: string | undefined) {
    this.#set("index", index);
  }

  get fields(): Metadata["fields"] {
    return this.#metadata.fields;
  }

  set fields(fields: Metadata["fields"]) {
    this.#metadata = withFields(this.#metadata, fields);
    this.#changes += 1;
  }

  get output(): string | undefined {
    return this.#metadata.output;
  }

  set output(output: string | undefined) {
    if (output !== undefined && !this.scanner.outputs.has(output)) {
      throw new StepFailure("output must be a name that context.output() was given");
    }
    this.#set("output", output);
  }

  #set(key: MetadataKey | "output", value: string | undefined): void {
    const metadata = this.scanner.metadata.with(this.#metadata, key, value);
    if (metadata !== this.#metadata) this.#changes += 1;
    this.#metadata = metadata;
  }
}
