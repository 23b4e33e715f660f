/**
 * The union of all wanted paths as an automaton: one state per container that the scanner is in.
 *
 * A state is a set of positions (path, segment). It is made when a record first leads to it, and kept;
 * a transition that was taken before costs one comparison. The number of kept states is bounded,
 * since wildcards can make exponentially many (states_max).
 */
import { foldCase } from "./key-glob.ts";
import { KeyTests } from "./key-tests.ts";
import type { Path } from "./path.ts";
import { namesOf, pathOf, PathState, position_stride, segmentAt, segmentOf } from "./path-state.ts";
import { envelope_keys, throughKey, throughPlainKey, type Segment } from "./segment.ts";

/** About a megabyte of states; real sets of paths need a few dozen. */
const states_max = 1024;
/** The answers to keys (key-tests.ts) whose targets are kept. */
const answers_max = 1024;
/** Keys that were read and whose targets are kept, and how long they may be. */
const read_keys_max = 4096;
/** So many times as many have to come before others are kept instead. */
const read_keys_passed = 16;
const read_key_length_max = 128;

export class PathSet {
  readonly paths: readonly Path[];
  /** The state below which nothing is wanted. */
  readonly dead = new PathState([], []);
  readonly #states = new Map<string, PathState>();
  #root: PathState;
  /** Where keys lead that were read, by state, and how many of them there are. */
  readonly #read_targets = new Map<PathState, Map<string, PathState>>();
  #read_keys = 0;
  /** Made when a key is read first. */
  #tests: KeyTests | undefined = undefined;
  /** Where keys lead that were read, by state and by the answers to them, and how many of those there are. */
  readonly #answer_targets = new Map<PathState, Map<string, PathState>>();
  #answers = 0;

  constructor(paths: readonly Path[]) {
    this.paths = paths;
    this.#root = this.#state(paths.map((_, number) => number * position_stride));
  }

  /** The state of the record's top-level value. */
  get root(): PathState {
    return this.#root;
  }

  /**
   * Where a key leads: `bytes[start, end)` is what stands between its quotes. To be called where the state
   * has a name of that length and the key no escapes nor, where case is ignored, wide characters.
   */
  onKey(state: PathState, bytes: Buffer, start: number, end: number): PathState {
    let exact = 0;
    let folded = 0;
    const names = state.names_by_length.get(end - start);
    if (names !== undefined) {
      for (const name of names) {
        if (!sameBytes(name.bytes!, bytes, start, name.folded)) continue;
        if (name.folded) folded = name.number + 1;
        else exact = name.number + 1;
      }
    }
    return this.#named(state, exact, folded);
  }

  /** The same for any key, whatever its spelling. */
  onSpelledKey(state: PathState, bytes: Buffer, start: number, end: number): PathState {
    let exact = 0;
    let folded = 0;
    const text = JSON.parse(bytes.toString("utf8", start - 1, end + 1)) as string;
    if (state.globs || (state.thorough && text.includes("."))) return this.#read(state, text);
    const folded_text = foldCase(text);
    for (const name of state.names) {
      if (name.folded && name.text === folded_text) folded = name.number + 1;
      else if (!name.folded && name.text === text) exact = name.number + 1;
    }
    return this.#named(state, exact, folded);
  }

  /** The same for a key of plain ASCII that has to be read: it `isRead`. */
  onReadKey(state: PathState, bytes: Buffer, start: number, end: number): PathState {
    return this.#read(state, bytes.toString("latin1", start, end));
  }

  #read(state: PathState, key: string): PathState {
    const known = this.#read_targets.get(state)?.get(key);
    if (known !== undefined) return known;
    this.#tests ??= new KeyTests(this.paths);
    const answers = this.#tests.answersOf(key);
    let target = answers === undefined ? undefined : this.#answer_targets.get(state)?.get(answers);
    if (target === undefined) {
      target = this.#targetOf(state, key);
      if (answers !== undefined) this.#keepAnswers(state, answers, target);
    }
    if (key.length <= read_key_length_max) this.#keepRead(state, key, target);
    return target;
  }

  /** Where a key leads, by asking each path. */
  #targetOf(state: PathState, key: string): PathState {
    const next: number[] = [];
    const folded = foldCase(key);
    const has_dots = key.includes(".");
    for (const position of state.positions) {
      if (segmentAt(this.paths, position) === undefined) continue;
      const path = this.paths[pathOf(position)]!;
      if (path.secret) {
        const from = segmentOf(position);
        const start = position - from;
        const segments = has_dots
          ? throughKey(path, from, key)
          : throughPlainKey(path, from, path.ignore_case ? folded : key);
        for (const segment of segments) next.push(start + segment);
      } else {
        this.#stepFrom(position, next, (segment) => isKey(segment, key, path.ignore_case));
      }
    }
    return this.#state(next);
  }

  #keepRead(state: PathState, key: string, target: PathState): void {
    this.#read_keys += 1;
    if (this.#read_keys > read_keys_max) {
      // Where keys never come again, keeping them costs more than it saves.
      if (this.#read_keys < read_keys_passed * read_keys_max) return;
      this.#read_targets.clear();
      this.#read_keys = 0;
    }
    keep(this.#read_targets, state).set(key, target);
  }

  #keepAnswers(state: PathState, answers: string, target: PathState): void {
    if (this.#answers >= answers_max) this.#forgetAnswers();
    this.#answers += 1;
    keep(this.#answer_targets, state).set(answers, target);
  }

  #forgetAnswers(): void {
    this.#answer_targets.clear();
    this.#answers = 0;
  }

  #named(state: PathState, exact: number, folded: number): PathState {
    if (exact === 0 && folded === 0) return state.other_key ?? this.onOtherKey(state);
    return state.key_targets.get(nameCode(exact, folded)) ?? this.#keyTarget(state, exact, folded);
  }

  /** Where the item at `index` of an array leads. */
  onItem(state: PathState, index: number): PathState {
    if (state.has_indexes) {
      const known = state.item_targets.get(index);
      if (known !== undefined) return known;
      if (state.positions.some((position) => this.#isIndex(position, index))) {
        const target = this.#step(state, (segment) => isTop(segment) || isIndex(segment, index));
        state.item_targets.set(index, target);
        return target;
      }
    }
    return (state.other_item ??= this.#step(state, isTop));
  }

  onOtherKey(state: PathState): PathState {
    return (state.other_key ??= this.#step(state, never));
  }

  #isIndex(position: number, index: number): boolean {
    const segment = segmentAt(this.paths, position);
    return segment !== undefined && isIndex(segment, index);
  }

  #keyTarget(state: PathState, exact: number, folded: number): PathState {
    const exact_name = state.names[exact - 1];
    const folded_name = state.names[folded - 1];
    const target = this.#step(state, (segment, path) => {
      return namesOf(segment).some((name) =>
        path.ignore_case ? foldCase(name) === folded_name?.text : name === exact_name?.text,
      );
    });
    state.key_targets.set(nameCode(exact, folded), target);
    return target;
  }

  /** The state one level down, for a child that `matches` says which named segments take. */
  #step(state: PathState, matches: (segment: Segment, path: Path) => boolean): PathState {
    const next: number[] = [];
    for (const position of state.positions) this.#stepFrom(position, next, matches);
    return this.#state(next);
  }

  #stepFrom(
    position: number,
    next: number[],
    matches: (segment: Segment, path: Path) => boolean,
  ): void {
    const segment = segmentAt(this.paths, position);
    if (segment === undefined) return;
    if (segment.kind === "deep") next.push(position);
    else if (segment.kind === "any") next.push(position + 1);
    else if (matches(segment, this.paths[pathOf(position)]!)) {
      next.push(segment.kind === "top" ? position : position + 1);
    }
  }

  #state(positions: number[]): PathState {
    const closed = new Set<number>();
    for (const position of positions) this.#close(position, closed);
    if (closed.size === 0) return this.dead;
    const sorted = [...closed].sort((a, b) => a - b);
    const key = sorted.join();
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#states.size >= states_max) this.#forget();
      state = new PathState(sorted, this.paths);
      this.#states.set(key, state);
    }
    return state;
  }

  /** Adds the position, and those that lie no level deeper. */
  #close(position: number, closed: Set<number>): void {
    closed.add(position);
    const segment = segmentAt(this.paths, position);
    if (segment?.kind !== "deep" && segment?.kind !== "top") return;
    this.#close(position + 1, closed);
    // A path that begins at an envelope also means the event that came out of it.
    const first = segmentAt(this.paths, position + 1);
    if (segment.kind !== "top" || first?.kind !== "key") return;
    const has_more = segmentAt(this.paths, position + 2) !== undefined;
    if (has_more && envelope_keys.includes(first.name)) this.#close(position + 2, closed);
  }

  /**
   * Lets go of all states but the root. Those that a running scan is in stay usable: they are
   * merely not shared any more, and their transitions are made again.
   */
  #forget(): void {
    for (const state of this.#states.values()) state.forget();
    this.#forgetAnswers();
    this.#states.clear();
    this.#states.set(this.#root.positions.join(), this.#root);
  }
}

/** The map of a state among those of all states. */
function keep<Value>(
  maps: Map<PathState, Map<string, Value>>,
  state: PathState,
): Map<string, Value> {
  let map = maps.get(state);
  if (map === undefined) maps.set(state, (map = new Map<string, Value>()));
  return map;
}

function nameCode(exact: number, folded: number): number {
  return exact * 0x100_0000 + folded;
}

function never(): boolean {
  return false;
}

function isTop(segment: Segment): boolean {
  return segment.kind === "top";
}

function isKey(segment: Segment, key: string, ignore_case: boolean): boolean {
  return namesOf(segment).some(
    (name) => name === key || (ignore_case && foldCase(name) === foldCase(key)),
  );
}

function isIndex(segment: Segment, index: number): boolean {
  return segment.kind === "index" && segment.index === index;
}

/** Whether `name` is at `start`; `fold` ignores the case of ASCII letters, name being lower-case. */
function sameBytes(name: Buffer, bytes: Buffer, start: number, fold: boolean): boolean {
  for (let at = 0; at < name.length; at += 1) {
    let byte = bytes[start + at]!;
    if (fold && byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== name[at]) return false;
  }
  return true;
}
