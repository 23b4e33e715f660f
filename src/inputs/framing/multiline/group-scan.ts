/**
 * Says of each chunk of a stream how far it has whole groups of lines.
 */
import type { FramingState, RecordScan } from "../contract/framer.ts";
import { isBlank } from "../lines/long-line.ts";
import { skipNuls } from "../contract/nuls.ts";
import { Groups } from "./groups.ts";
import { type GroupRule, head_bytes_max, type Line } from "./rule.ts";

const line_feed = 10;
const nothing: Buffer = Buffer.alloc(0);

export class GroupScan implements RecordScan {
  /** Behind the last end. */
  state: FramingState;
  bytes_before = 0;
  readonly #groups: Groups;
  readonly #line = new GatheredLine();

  constructor(rule: GroupRule, state: FramingState) {
    this.state = state;
    this.#groups = new Groups(rule, state);
  }

  push(chunk: Buffer): number {
    const groups = this.#groups;
    const line = this.#line;
    /** In the chunk; below 0 before it. */
    let end: number | undefined;
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(line_feed, at);
      const to = newline === -1 ? chunk.length : newline;
      line.add(chunk, at, to);
      const before = groups.endsBefore(line, newline !== -1);
      if (before !== undefined) {
        groups.end(before);
        end = to - line.bytes;
      }
      if (newline === -1) break;
      const taken = groups.take(line);
      if (taken !== "open" && taken !== "passed_over") groups.end(taken);
      if (taken !== "open") end = newline + 1;
      line.clear();
      at = newline + 1;
    }
    if (end === undefined) return -1;
    this.state = groups.state;
    this.bytes_before = Math.max(0, -end);
    return Math.max(0, end);
  }

  endsQuietly(): boolean {
    if (!this.#groups.is_open || this.#line.bytes > 0) return false;
    this.#groups.end("unended");
    this.state = this.#groups.state;
    return true;
  }
}

/** A line that comes in parts, of which no more is kept than is looked at. */
class GatheredLine implements Line {
  nuls = 0;
  bytes = 0;
  head = nothing;
  is_blank = true;

  add(chunk: Buffer, from: number, to: number): void {
    const is_in_nuls = this.nuls === this.bytes;
    const start = is_in_nuls ? skipNuls(chunk, from, to) : from;
    this.nuls += start - from;
    this.bytes += to - from;
    const wanted = chunk.subarray(start, Math.min(to, start + head_bytes_max - this.head.length));
    if (wanted.length > 0) this.head = Buffer.concat([this.head, wanted]);
    this.is_blank &&= isBlank(chunk, start, to);
  }

  clear(): void {
    this.nuls = 0;
    this.bytes = 0;
    this.head = nothing;
    this.is_blank = true;
  }
}
