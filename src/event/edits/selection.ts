/**
 * What is left of a record where only the values at some paths are to be kept: the edits that remove all else.
 *
 * A container stays where something in it is kept, with its order and bytes. Works on bytes that are known to be JSON.
 */
import { StepFailure } from "../../platform/step-failure.ts";
import { type Edit, removal } from "./edits.ts";
import { skipSpace } from "../scan/json-text.ts";
import type { Path } from "../scan/path.ts";
import { isRead, type PathState } from "../scan/path-state.ts";
import { PathSet } from "../scan/path-set.ts";

export class Selection {
  readonly #paths: PathSet;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #edits: Edit[] = [];

  constructor(paths: readonly Path[]) {
    this.#paths = new PathSet(paths);
  }

  /** The removals of all members and items of the record `bytes[start, end)` that are not kept. */
  removals(bytes: Buffer, start: number, end: number): readonly Edit[] {
    this.#bytes = bytes;
    this.#at = skipSpace(bytes, start, end);
    this.#edits = [];
    if (this.#paths.root.accepts_count > 0) return this.#edits;
    const opener = bytes[this.#at];
    if (opener !== 0x7b && opener !== 0x5b) {
      throw new StepFailure("only from an object or an array can values be selected");
    }
    this.#keepWithin(this.#paths.root);
    return this.#edits;
  }

  /** Goes over the value here; says whether it, or something in it, is kept. */
  #isKept(state: PathState): boolean {
    const byte = this.#bytes[this.#at];
    if (state.accepts_count === 0 && state.live && (byte === 0x7b || byte === 0x5b)) {
      const known = this.#edits.length;
      if (this.#keepWithin(state)) return true;
      // It is removed as a whole.
      this.#edits.length = known;
      return false;
    }
    this.#skipValue();
    return state.accepts_count > 0;
  }

  /** Goes over the container here and notes what is removed; says whether something in it is kept. */
  #keepWithin(state: PathState): boolean {
    const bytes = this.#bytes;
    const is_object = bytes[this.#at] === 0x7b;
    const closer = is_object ? 0x7d : 0x5d;
    let keeps = false;
    this.#step(1);
    for (let index = 0; bytes[this.#at] !== closer; index += 1) {
      const start = this.#at;
      const child = is_object ? this.#readKey(state) : this.#paths.onItem(state, index);
      if (this.#isKept(child)) keeps = true;
      else this.#edits.push(removal(start, this.#at));
      this.#step(0);
      if (bytes[this.#at] === 0x2c) this.#step(1);
    }
    this.#at += 1;
    return keeps;
  }

  /** Goes over a key and its colon; gives where it leads. */
  #readKey(state: PathState): PathState {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const is_odd = this.#skipString();
    const end = this.#at - 1;
    this.#step(0);
    this.#step(1);
    if (!state.live) return this.#paths.dead;
    if (is_odd && state.reads_keys) return this.#paths.onSpelledKey(state, bytes, start, end);
    if (isRead(state, bytes, start, end)) {
      return this.#paths.onReadKey(state, bytes, start, end);
    }
    const is_known = ((state.key_lengths >>> (end - start)) & 1) === 1;
    return is_known ? this.#paths.onKey(state, bytes, start, end) : this.#paths.onOtherKey(state);
  }

  /** Goes over so many bytes, and white space behind them. */
  #step(count: number): void {
    this.#at = skipSpace(this.#bytes, this.#at + count, this.#bytes.length);
  }

  #skipValue(): void {
    const bytes = this.#bytes;
    for (let depth = 0; this.#at < bytes.length;) {
      const byte = bytes[this.#at]!;
      if (byte === 0x22) {
        this.#skipString();
        if (depth === 0) return;
        continue;
      }
      const is_end = byte === 0x7d || byte === 0x5d;
      // The end of what a number or a literal is in.
      if (depth === 0 && (is_end || byte === 0x2c || byte <= 0x20)) return;
      this.#at += 1;
      if (byte === 0x7b || byte === 0x5b) depth += 1;
      else if (is_end) {
        depth -= 1;
        if (depth === 0) return;
      }
    }
  }

  /** Says whether it has other characters than plain ones. */
  #skipString(): boolean {
    const bytes = this.#bytes;
    let is_odd = false;
    let at = this.#at + 1;
    for (; bytes[at] !== 0x22; at += 1) {
      const byte = bytes[at]!;
      if (byte === 0x5c) at += 1;
      if (byte === 0x5c || byte >= 0x80) is_odd = true;
    }
    this.#at = at + 1;
    return is_odd;
  }
}
