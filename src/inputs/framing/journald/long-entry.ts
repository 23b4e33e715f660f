/**
 * An entry that is longer than what is held of it: it is followed to its end, measured and hashed.
 *
 * What it is, and its header, are those of its beginning, as much of which as is framed.
 */
import { createHash } from "node:crypto";
import type { RecordHeader } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";
import type { FramingState, LongRecord } from "../contract/framer.ts";
import { withoutNuls } from "../contract/nuls.ts";
import { isRest, rest } from "./between.ts";
import { EntryHeader } from "./entry-header.ts";
import { EntryWalk } from "./entry-walk.ts";
import { refusalOf } from "./faults.ts";

export class LongEntry implements LongRecord {
  readonly is_blank = false;
  content_bytes = 0;
  /** What is known of its beginning, once all of that has come. */
  header: RecordHeader | undefined;
  #verdict: Verdict | undefined;
  readonly #fields = new EntryHeader();
  readonly #walk: EntryWalk;
  /** Of the beginning, those that have yet to come. */
  #left_bytes: number;
  readonly #hash = createHash("sha256");

  constructor(state: FramingState, beginning_bytes: number) {
    this.#walk = new EntryWalk(this.#fields, isRest(state));
    this.#left_bytes = beginning_bytes;
  }

  get is_ended(): boolean {
    return this.#walk.is_ended;
  }

  get state(): FramingState {
    return this.#walk.leaves_rest ? rest : undefined;
  }

  push(bytes: Buffer): number {
    // NUL bytes at the end of a beginning are none of it.
    const beginning = withoutNuls(bytes.subarray(0, this.#left_bytes), 0);
    let taken_bytes = this.#walk.push(bytes, 0, beginning);
    if (taken_bytes > 0) this.#look();
    if (!this.is_ended) taken_bytes = this.#walk.push(bytes, taken_bytes, bytes.length);
    this.#left_bytes = Math.max(0, this.#left_bytes - taken_bytes);
    // The blank line is none of its content.
    const content = bytes.subarray(0, this.is_ended ? taken_bytes - 1 : taken_bytes);
    this.#hash.update(content);
    this.content_bytes += content.length;
    return taken_bytes;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }

  verdict(): Verdict | undefined {
    return this.#verdict;
  }

  #look(): void {
    const { fault } = this.#walk;
    this.header = fault === undefined ? this.#fields.header : undefined;
    this.#verdict = fault && refusalOf(fault).verdict;
  }
}
