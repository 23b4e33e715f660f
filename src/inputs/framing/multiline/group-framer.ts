/**
 * Finds groups of lines. A record is a group's own bytes, from the beginning of its first line to before its last line end;
 * the line ends between its lines are part of it.
 *
 * NUL bytes before a group are passed over, as before a line. Those at the very end of a window of a file are left alone,
 * since a writer that allocates ahead will fill them.
 */
import { Found } from "../contract/found.ts";
import type { Framed, Framer, RecordPositions, Window } from "../contract/framer.ts";
import type { BytesFrom } from "../contract/framing.ts";
import { isBlank } from "../lines/long-line.ts";
import { skipNuls, withoutNuls } from "../contract/nuls.ts";
import { GroupScan } from "./group-scan.ts";
import { type Ending, Groups, type Progress } from "./groups.ts";
import { LongGroup } from "./long-group.ts";
import {
  beforeOf,
  cut_group,
  type GroupRule,
  head_bytes_max,
  isEnd,
  isGroupState,
  isStart,
  type Line,
} from "./rule.ts";

const line_feed = 10;
const carriage_return = 13;

/** The framing of groups of lines, as `rule` says; one without an end is given out after `flush_after_ms`. */
export function groupFramer(rule: GroupRule, from: BytesFrom, flush_after_ms: number): Framer {
  return {
    id: "multiline",
    isState: isGroupState,
    // An end shows by the head of the line behind it; until then both are held.
    end_bytes_max: rule.max_bytes + head_bytes_max + 2,
    window_bytes: 2 * rule.max_bytes,
    flush_after_ms,
    frame: (window, positions) => new Framing(rule, from, window, positions).run(),
    contentStart: (bytes, at) => skipNuls(bytes, at, bytes.length),
    lastEnd: (bytes) => lastEnd(rule, bytes),
    scan: (state) => new GroupScan(rule, state),
    long: (state) => new LongGroup(rule, state),
  };
}

/** One call of `frame`. */
class Framing {
  readonly #rule: GroupRule;
  readonly #from: BytesFrom;
  readonly #window: Window;
  readonly #found: Found;
  readonly #groups: Groups;
  /** Where the next line begins. */
  #at: number;

  constructor(rule: GroupRule, from: BytesFrom, window: Window, positions: RecordPositions) {
    this.#rule = rule;
    this.#from = from;
    this.#window = window;
    this.#found = new Found(window, positions);
    const progress = window.followed as Progress | undefined;
    this.#groups = new Groups(rule, window.state, progress);
    this.#at = window.from + (progress?.bytes ?? 0);
  }

  run(): Framed {
    const found = this.#found;
    const { bytes } = this.#window;
    while (!found.is_full) {
      const newline = bytes.indexOf(line_feed, this.#at);
      if (newline === -1) {
        if (this.#takeRest()) continue;
        break;
      }
      this.#takeLine(newline);
    }
    found.state = this.#groups.state;
    if (this.#groups.is_open) found.followed = this.#groups.progress;
    return found;
  }

  /** Takes the line that ends at `newline`, or only ends the group before it. */
  #takeLine(newline: number): void {
    const groups = this.#groups;
    const found = this.#found;
    const line = this.#lineTo(newline);
    const before = groups.endsBefore(line, true);
    if (before !== undefined) return this.#give(before);
    if (!groups.is_open) this.#pass(line.nuls);
    this.#at = newline + 1;
    const taken = groups.take(line);
    if (taken === "passed_over") found.end = this.#at;
    else if (taken !== "open") this.#give(taken);
  }

  /** What is behind the last line end. Returns whether there is more to be found. */
  #takeRest(): boolean {
    const { is_last, is_quiet, is_whole, bytes, behind } = this.#window;
    const groups = this.#groups;
    if (is_last) return this.#takeLast();
    const is_nothing = withoutNuls(bytes, this.#at) === this.#at;
    if (is_whole === true && groups.is_open) this.#give(beforeOf(behind) ?? "whole");
    else if (is_quiet === true && groups.is_open && is_nothing) this.#give("unended");
    else {
      const before = groups.endsBefore(this.#lineTo(this.#partEnd()), false);
      if (before === undefined) {
        if (!groups.is_open) this.#pass(skipNulsBeforeContent(bytes, this.#at));
        return false;
      }
      this.#give(before);
    }
    return this.#at < bytes.length;
  }

  /** Nothing comes behind these bytes: the last line is one although it has no end, and so is the last group. */
  #takeLast(): boolean {
    const { bytes } = this.#window;
    const groups = this.#groups;
    const found = this.#found;
    const end = this.#from === "stream" ? bytes.length : withoutNuls(bytes, this.#at);
    if (end > this.#at) {
      const line = this.#lineTo(end);
      const before = groups.endsBefore(line, true);
      if (before !== undefined) {
        this.#give(before);
        return true;
      }
      if (!groups.is_open) this.#pass(line.nuls);
      found.is_unfinished = groups.take(line) !== "passed_over";
      this.#at = end;
    }
    if (groups.is_open) this.#give("unended");
    found.nul_bytes += bytes.length - end;
    found.end = bytes.length;
    return false;
  }

  /** Notes the open group, whose last line ends where the next one begins. */
  #give(ending: Ending): void {
    const { bytes } = this.#window;
    const found = this.#found;
    const groups = this.#groups;
    if (groups.is_continued || ending === "cut") found.describe(cut_group);
    let end = found.is_unfinished ? this.#at : this.#at - 1;
    if (end > found.end && bytes[end - 1] === carriage_return) end -= 1;
    found.add(found.end, end);
    found.end = this.#at;
    groups.end(ending);
  }

  /** Passes over NUL bytes before a group. */
  #pass(nuls: number): void {
    this.#found.nul_bytes += nuls;
    this.#found.end = this.#at + nuls;
  }

  #lineTo(to: number): Line {
    const { bytes } = this.#window;
    const start = skipNuls(bytes, this.#at, to);
    return {
      nuls: start - this.#at,
      bytes: to - this.#at,
      head: bytes.subarray(start, Math.min(to, start + head_bytes_max)),
      is_blank: isBlank(bytes, start, to),
    };
  }

  /** Where a line ends so far. What the writer of a file may yet fill counts only where there is too much of it. */
  #partEnd(): number {
    const { bytes } = this.#window;
    const is_much = bytes.length - this.#at > this.#rule.max_bytes + head_bytes_max;
    return this.#from === "stream" || is_much ? bytes.length : withoutNuls(bytes, this.#at);
  }
}

/** NUL bytes before something else; 0 where nothing else is there, as they may yet be filled. */
function skipNulsBeforeContent(bytes: Buffer, from: number): number {
  const start = skipNuls(bytes, from, bytes.length);
  return start === bytes.length ? 0 : start - from;
}

/** Before the last line that begins a group, or behind the last one that ends one. */
function lastEnd(rule: GroupRule, bytes: Buffer): number {
  for (let end = bytes.length; end > 0;) {
    const newline = bytes.lastIndexOf(line_feed, end - 1);
    const start = newline + 1;
    const head = bytes.subarray(start, Math.min(end, start + head_bytes_max));
    const is_ended = end < bytes.length;
    if (is_ended && isEnd(rule, { head })) return end + 1;
    // The line that the bytes begin with may have begun before them.
    if (newline === -1) return 0;
    if (head.length > 0 && isStart(rule, { head })) return start;
    end = newline;
  }
  return 0;
}
