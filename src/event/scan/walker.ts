/**
 * The one pass over a record's bytes: says whether it is strict JSON (RFC 8259, in UTF-8), and where the
 * values of all wanted paths are. It never stops early: a repeated key would hide the second secret.
 *
 * A walker holds the spans of the record that it scanned last; whoever kept its `generation` can tell
 * whether they are still theirs.
 */
import type { Invalid } from "./json.ts";
import { beginsLikeJson, isHint } from "./json-hint.ts";
import {
  fault,
  faultAt,
  faultPosition,
  faultReason,
  finishString,
  isFault,
  skipLiteral,
  skipNumber,
  skipPlain,
  skipSpace,
} from "./json-text.ts";
import type { Path } from "./path.ts";
import { KeyTracks } from "./key-track.ts";
import type { KeyTrack, KnownKey } from "./key-track.ts";
import { PathSet } from "./path-set.ts";
import { isRead, type PathState } from "./path-state.ts";
import { Spans, type HoldingString } from "./spans.ts";

/** Deeper records are refused: more would only serve to exhaust whoever parses them next. */
export const depth_max = 512;

const frame_size = 2;

/** The row of a value that nothing is wanted of. One at which no path ends, but which may hold JSON, has -1. */
const unwanted = -2;

export class Walker {
  /** Counts the scans, so that users of the spans notice when another record was scanned. */
  generation = 0;
  readonly spans: Spans;
  readonly paths: readonly Path[];
  /** The strings of the record that may hold JSON, in the order of their starts. */
  holding: HoldingString[] = [];
  /** Whether the record has a list whose first item is a string, as an item of another: it may be a pair of a name and its value. */
  may_have_pairs = false;
  #inner: Walker | undefined = undefined;
  readonly #set: PathSet;
  readonly #containers: PathState[];
  readonly #tracks = new KeyTracks();
  readonly #track_stack: KeyTrack[];
  readonly #expected_stack: (KnownKey | undefined)[];
  readonly #frames: Int32Array;
  readonly #depth_max: number;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** The spans have the paths' places in this list as their numbers. `depth` is how deep a record may be. */
  constructor(paths: readonly Path[], set = new PathSet(paths), depth = depth_max) {
    this.paths = paths;
    this.spans = new Spans(paths.length);
    this.#set = set;
    this.#depth_max = depth;
    this.#frames = new Int32Array(depth * frame_size);
    this.#containers = Array.from({ length: depth }, () => this.#set.root);
    this.#track_stack = Array.from({ length: depth }, () => this.#tracks.none);
    this.#expected_stack = Array.from({ length: depth }, () => undefined);
  }

  /** For the JSON in a string of what this one has scanned. */
  get inner(): Walker {
    return (this.#inner ??= new Walker(this.paths, this.#set));
  }

  /** Scans `bytes[start, end)`. The spans are its own until the next scan. The paths begin at `root`, if that is given. */
  scan(bytes: Buffer, start: number, end: number, root?: PathState): Invalid | undefined {
    this.#start(bytes);
    const result = this.#walk(bytes, start, end, root);
    if (result >= 0) return undefined;
    this.#forget();
    return { reason: faultReason(result), byte: faultPosition(result) - start };
  }

  /**
   * Scans the first of several values that follow each other in `bytes[start, end)`. Returns where the next one
   * starts, or `end`: white space after a value is passed over. Where there is no value, it returns the fault as
   * json-text.ts has it, a negative number.
   */
  scanFirst(bytes: Buffer, start: number, end: number): number {
    this.#start(bytes);
    const result = this.#walk(bytes, start, end);
    if (result >= 0) return result;
    if (isFault(result, fault.trailing)) return faultPosition(result);
    this.#forget();
    return result;
  }

  #forget(): void {
    this.spans.clear();
    if (this.holding.length > 0) this.holding = [];
  }

  #start(bytes: Buffer): void {
    this.generation += 1;
    this.may_have_pairs = false;
    this.#forget();
    this.#tracks.start();
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * The hot loop. Each turn reads one value, then closes what ends there, then reads on to where the
   * next value starts: over a key and its colon in an object. `state` is the container's, `child` the
   * value's; `index` counts the items of an array and is -1 in an object.
   */
  // oxlint-disable-next-line max-lines-per-function -- splitting it costs a third of the speed
  #walk(bytes: Buffer, start: number, end: number, root = this.#set.root): number {
    const view = this.#view;
    const spans = this.spans;
    const set = this.#set;
    const containers = this.#containers;
    const frames = this.#frames;
    const dead = set.dead;
    const tracks = this.#tracks;
    const track_stack = this.#track_stack;
    const expected_stack = this.#expected_stack;
    const deepest = this.#depth_max;
    let state = root;
    let child = state;
    let depth = 0;
    let index = 0;
    let at = skipSpace(bytes, start, end);
    let member = at;
    let track = root === set.root ? tracks.root : tracks.rootOf(root);
    let child_track = track;
    let expected: KnownKey | undefined = undefined;
    if (at >= end) return faultAt(fault.empty, start);
    let byte = bytes[at]!;
    for (;;) {
      let row = unwanted;
      if (child.wanted) row = child.accepts_count ? spans.open(child.accepts, member, at) : -1;
      let opened = false;
      if (byte === 0x22) {
        let plain = 1;
        const opens = at;
        at = skipPlain(view, at + 1, end);
        if (at < end && bytes[at] === 0x22) at += 1;
        else {
          at = finishString(view, bytes, at, end);
          if (at < 0) return at;
          plain = 0;
        }
        if (row !== unwanted) {
          if (row >= 0) spans.close(row, child.accepts_count, at, plain);
          if (child.thorough && isHint(bytes[opens + 1]!)) this.#note(opens, at, child);
        }
      } else if (byte === 0x7b || byte === 0x5b) {
        if (depth === deepest) return faultAt(fault.depth, at);
        const closer = byte + 2;
        at += 1;
        if (at < end && bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
        if (at >= end) return faultAt(fault.cut, end);
        if (bytes[at] === closer) {
          at += 1;
          if (row >= 0) spans.close(row, child.accepts_count, at, 0);
        } else {
          opened = true;
          if (byte === 0x5b && index >= 0 && depth > 0) {
            this.may_have_pairs ||= bytes[at] === 0x22;
          }
          frames[depth * frame_size] = row;
          frames[depth * frame_size + 1] = index;
          containers[depth] = state;
          track_stack[depth] = track;
          expected_stack[depth] = expected;
          track = child_track;
          expected = track.first;
          depth += 1;
          state = child;
          index = byte === 0x7b ? -1 : 0;
        }
      } else {
        at =
          byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
            ? skipNumber(bytes, at, end)
            : skipLiteral(bytes, at, end);
        if (at < 0) return at;
        if (row >= 0) spans.close(row, child.accepts_count, at, 0);
      }
      if (!opened && index < 0 && expected !== undefined && at < end && bytes[at] === 0x2c) {
        // The usual case: the next member is the expected one, right after its comma.
        if (expected.isAt(view, at + 1, end)) {
          member = at + 1;
          at = member + expected.length;
          child = expected.child;
          child_track = expected.track;
          expected = expected.next;
          byte = bytes[at]!;
          if (byte > 0x20) continue;
          at = skipSpace(bytes, at, end);
          if (at >= end) return faultAt(fault.cut, end);
          byte = bytes[at]!;
          continue;
        }
      }
      for (;;) {
        if (opened) break;
        byte = at < end ? bytes[at]! : 0;
        if (byte <= 0x20) {
          at = skipSpace(bytes, at, end);
          if (at >= end) return depth === 0 ? at : faultAt(fault.cut, end);
          byte = bytes[at]!;
        }
        if (depth === 0) return faultAt(fault.trailing, at);
        if (byte === 0x2c) {
          at += 1;
          if (index >= 0) index += 1;
          if (at < end && bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
          break;
        }
        if (byte !== (index < 0 ? 0x7d : 0x5d)) {
          return faultAt(index < 0 ? fault.object : fault.array, at);
        }
        at += 1;
        depth -= 1;
        const closed = frames[depth * frame_size]!;
        if (closed >= 0) spans.close(closed, state.accepts_count, at, 0);
        index = frames[depth * frame_size + 1]!;
        state = containers[depth]!;
        track = track_stack[depth]!;
        expected = expected_stack[depth];
      }
      if (at >= end) return faultAt(fault.cut, end);
      member = at;
      if (index >= 0) {
        child = state.live ? set.onItem(state, index) : dead;
        child_track = state.has_indexes ? tracks.none : track.items;
      } else {
        let known = expected;
        if (known !== undefined && !known.isAt(view, at, end)) {
          known = known.next;
          if (known !== undefined && !known.isAt(view, at, end)) known = undefined;
        }
        let is_odd = false;
        if (known === undefined) {
          if (bytes[at] !== 0x22) return faultAt(fault.key, at);
          at = skipPlain(view, at + 1, end);
          if (at < end && bytes[at] === 0x22) at += 1;
          else {
            at = finishString(view, bytes, at, end);
            if (at < 0) return at;
            is_odd = true;
          }
          if (!is_odd) known = track.find(view, member, at, end);
        }
        if (known !== undefined) {
          at = member + known.length;
          if (bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
          if (at >= end) return faultAt(fault.cut, end);
          child = known.child;
          child_track = known.track;
          expected = known.next;
        } else {
          if (!state.live) child = dead;
          else if (is_odd && state.reads_keys) {
            child = set.onSpelledKey(state, bytes, member + 1, at - 1);
          } else if (isRead(state, bytes, member + 1, at - 1)) {
            child = set.onReadKey(state, bytes, member + 1, at - 1);
          } else if ((state.key_lengths >>> (at - member - 2)) & 1) {
            child = set.onKey(state, bytes, member + 1, at - 1);
          } else child = state.other_key ?? set.onOtherKey(state);
          if (at < end && bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
          if (at >= end) return faultAt(fault.cut, end);
          if (bytes[at] !== 0x3a) return faultAt(fault.colon, at);
          at += 1;
          if (at < end && bytes[at]! <= 0x20) at = skipSpace(bytes, at, end);
          if (at >= end) return faultAt(fault.cut, end);
          child_track = tracks.none;
          if (track.misses()) track.learn(bytes.subarray(member, at), child, expected);
        }
      }
      byte = bytes[at]!;
    }
  }

  #note(start: number, end: number, state: PathState): void {
    if (beginsLikeJson(this.#bytes, start + 1, end - 1)) this.holding.push({ start, end, state });
  }
}
