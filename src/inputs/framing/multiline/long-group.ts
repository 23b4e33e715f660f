/**
 * A group that is longer than what is kept of it: it is one line.
 */
import type { RecordHeader } from "../../../event/block.ts";
import type { FramingState, LongRecord } from "../contract/framer.ts";
import { LongLine } from "../lines/long-line.ts";
import { cut_group, type GroupRule, head_bytes_max, isEnd, isStart, stateOf } from "./rule.ts";

export class LongGroup implements LongRecord {
  readonly #line = new LongLine("lf");
  readonly #rule: GroupRule;
  readonly #is_continued: boolean;
  #head: Buffer = Buffer.alloc(0);

  constructor(rule: GroupRule, state: FramingState) {
    this.#rule = rule;
    this.#is_continued = state !== undefined;
  }

  get content_bytes(): number {
    return this.#line.content_bytes;
  }

  get is_ended(): boolean {
    return this.#line.is_ended;
  }

  get is_blank(): boolean {
    return this.#line.is_blank;
  }

  get header(): RecordHeader | undefined {
    return this.#is_continued && !isStart(this.#rule, { head: this.#head }) ? cut_group : undefined;
  }

  get state(): FramingState {
    return stateOf(isEnd(this.#rule, { head: this.#head }) ? undefined : "unended");
  }

  push(bytes: Buffer): number {
    const taken_bytes = this.#line.push(bytes);
    const missing = head_bytes_max - this.#head.length;
    if (missing > 0) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, Math.min(missing, taken_bytes))]);
    }
    return taken_bytes;
  }

  digest(): string {
    return this.#line.digest();
  }
}
