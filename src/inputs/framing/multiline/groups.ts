/**
 * Follows lines one by one, and says where groups of them end.
 */
import {
  type Before,
  beforeOf,
  type GroupRule,
  head_bytes_max,
  isEnd,
  isStart,
  type Line,
  stateOf,
} from "./rule.ts";
import type { FramingState } from "../contract/framer.ts";

/** The group that is open, as far as it was followed. */
export interface Progress {
  readonly lines: number;
  readonly bytes: number;
  readonly before: Before;
}

/** How a group ended: as it should, by a bound, or otherwise without its end. */
export type Ending = "whole" | "cut" | "unended";

export class Groups {
  readonly #rule: GroupRule;
  /** Of the open group; 0 where none is. */
  #lines = 0;
  /** From its first byte to after its last line end. */
  #bytes = 0;
  /** How the group before it ended, where it goes on with that. */
  #before: Before;

  constructor(rule: GroupRule, state: FramingState, progress?: Progress) {
    this.#rule = rule;
    this.#before = beforeOf(state);
    if (progress === undefined) return;
    this.#lines = progress.lines;
    this.#bytes = progress.bytes;
    this.#before = progress.before;
  }

  /** Whether a group is open. */
  get is_open(): boolean {
    return this.#lines > 0;
  }

  /** Whether the open group goes on with one that was cut. */
  get is_continued(): boolean {
    return this.#before !== undefined;
  }

  get progress(): Progress {
    return { lines: this.#lines, bytes: this.#bytes, before: this.#before };
  }

  /** Where the open group begins, or the next one would. */
  get state(): FramingState {
    return stateOf(this.#before);
  }

  /**
   * How the open group ends before this line, if it does. Of a line that is not there as a whole that may show only later;
   * what shows holds for the whole line.
   */
  endsBefore(line: Line, is_whole: boolean): Ending | undefined {
    if (this.#lines === 0) return undefined;
    const { max_lines, max_bytes } = this.#rule;
    // A hole, and what is behind it may be anything.
    if (this.#bytes + line.nuls > max_bytes) return "unended";
    if (!is_whole && line.head.length < head_bytes_max) return undefined;
    if (isStart(this.#rule, line)) return "whole";
    const is_full = this.#lines === max_lines || this.#bytes + line.bytes > max_bytes;
    return is_full ? "cut" : undefined;
  }

  /** Says that the open group has ended. */
  end(ending: Ending): void {
    this.#lines = 0;
    this.#bytes = 0;
    this.#before = ending === "whole" ? undefined : ending;
  }

  /** Takes a whole line, before which no group ends, and says how it ends its group, or whether it is in none. */
  take(line: Line): Ending | "open" | "passed_over" {
    if (this.#lines === 0) {
      if (line.is_blank) return "passed_over";
      if (this.#before !== undefined && isStart(this.#rule, line)) this.#before = undefined;
      this.#bytes = -line.nuls;
    }
    this.#lines += 1;
    this.#bytes += line.bytes + 1;
    if (isEnd(this.#rule, line)) return "whole";
    return this.#lines === 1 && this.#bytes - 1 > this.#rule.max_bytes ? "unended" : "open";
  }
}
