/**
 * Which lines belong together.
 *
 * A line that matches `start` begins a group, one that matches `end` is the last of its group. Other lines belong to the
 * group before them; where none is open, they form one of their own. A group of more than `max_lines` or `max_bytes` is cut
 * between two lines. A line that is longer than `max_bytes` is a group by itself, so that what is longer is one line.
 */
import { z } from "zod";
import type { RecordHeader } from "../../../event/block.ts";
import type { LinearPattern } from "../../../platform/text/linear-pattern.ts";
import type { FramingState } from "../contract/framer.ts";

/** Bytes of a line, from its first that is not NUL, that are compared with the patterns. */
export const head_bytes_max = 4096;

export interface GroupRule {
  readonly start: LinearPattern | undefined;
  readonly end: LinearPattern | undefined;
  readonly max_lines: number;
  /** From the group's first byte to the last line end, CR included and LF not. */
  readonly max_bytes: number;
}

/** A line, or as much of it as there is. Its LF is no part of it. */
export interface Line {
  /** NUL bytes that it begins with. */
  readonly nuls: number;
  /** All of its bytes, those included. */
  readonly bytes: number;
  /** The first bytes after the NUL bytes, at most `head_bytes_max`. */
  readonly head: Buffer;
  readonly is_blank: boolean;
}

/** What is known of a record whose group was cut by a bound, or by a pause: this is not all of it. */
export const cut_group: RecordHeader = { fields: { tallyman_group_cut: true } };

/**
 * How the group before ended, where a line that does not match `start` goes on with it: it was cut by a bound, or given
 * out without an end, since nothing more came.
 */
const groupState = z.strictObject({ before: z.enum(["cut", "unended"]) });
export type Before = z.infer<typeof groupState>["before"] | undefined;

export function stateOf(before: Before): FramingState {
  return before && { before };
}

export function beforeOf(state: FramingState): Before {
  return (state as z.infer<typeof groupState> | undefined)?.before;
}

export function isGroupState(value: unknown): boolean {
  return groupState.safeParse(value).success;
}

/** Whether the line begins a group, for as much of it as there is. */
export function isStart({ start }: GroupRule, line: Pick<Line, "head">): boolean {
  return start?.test(withoutReturn(line.head)) === true;
}

export function isEnd({ end }: GroupRule, line: Pick<Line, "head">): boolean {
  return end?.test(withoutReturn(line.head)) === true;
}

/** CR at the end is a part of the line end: a pattern that ends with `$` means what is before it. */
function withoutReturn(head: Buffer): Buffer {
  return head.at(-1) === 13 ? head.subarray(0, -1) : head;
}
