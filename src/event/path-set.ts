/**
 * The union of all wanted paths as an automaton: one state per container that the scanner stands in.
 *
 * A state is a set of positions (path, segment). It is made when a record first leads to it, and kept;
 * a transition that was taken before costs one comparison. The number of kept states is bounded,
 * since wildcards can make exponentially many (states_max).
 */
import type { Path, Segment } from "./path.ts";

/** About a megabyte of states; real sets of paths need a few dozen. */
const states_max = 1024;

/** One key that leads on from a state. */
interface KeyName {
  readonly folded: boolean;
  /** The key, folded where case is ignored. */
  readonly text: string;
  /** The same in UTF-8; undefined for text that UTF-8 cannot hold (lone surrogates). */
  readonly bytes: Buffer | undefined;
  /** The name's number among the state's names. */
  readonly number: number;
}

/** What the scanner may find below one container. */
export class PathState {
  /** Numbers of the paths that end at this value. */
  readonly accepts: readonly number[];
  readonly accepts_count: number;
  /** False where nothing below can match, so that it need only be validated. */
  readonly live: boolean;
  /** Bit (n mod 32) is set when a name of n bytes leads on. */
  readonly key_lengths: number;
  readonly has_names: boolean;
  /** Whether some names match whatever their case. */
  readonly folds: boolean;
  readonly has_indexes: boolean;
  /** Where every key that no name matches leads; undefined until first needed. */
  other_key: PathState | undefined = undefined;
  /** Where every item that no index names leads; undefined until first needed. */
  other_item: PathState | undefined = undefined;
  readonly positions: readonly number[];
  readonly names: readonly KeyName[];
  readonly names_by_length: ReadonlyMap<number, readonly KeyName[]>;
  /** By the names that matched (`nameCode`). */
  readonly key_targets = new Map<number, PathState>();
  readonly item_targets = new Map<number, PathState>();

  constructor(positions: readonly number[], paths: readonly Path[]) {
    this.positions = positions;
    const segments = positions.map((position) => segmentAt(paths, position));
    this.accepts = positions.filter((_, at) => segments[at] === undefined).map(pathOf);
    this.accepts_count = this.accepts.length;
    this.live = this.accepts_count < positions.length;
    this.has_indexes = segments.some((segment) => segment?.kind === "index");
    this.names = collectNames(positions, paths);
    this.has_names = this.names.length > 0;
    this.folds = this.names.some((name) => name.folded);
    const by_length = new Map<number, KeyName[]>();
    let lengths = 0;
    for (const name of this.names) {
      if (name.bytes === undefined) continue;
      lengths |= 1 << name.bytes.length;
      const same = by_length.get(name.bytes.length);
      if (same === undefined) by_length.set(name.bytes.length, [name]);
      else same.push(name);
    }
    this.key_lengths = lengths;
    this.names_by_length = by_length;
  }

  forget(): void {
    this.other_key = undefined;
    this.other_item = undefined;
    this.key_targets.clear();
    this.item_targets.clear();
  }
}

export class PathSet {
  readonly paths: readonly Path[];
  /** The state below which nothing is wanted. */
  readonly dead = new PathState([], []);
  readonly #states = new Map<string, PathState>();
  #root: PathState;

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
    const folded_text = foldCase(text);
    for (const name of state.names) {
      if (name.folded && name.text === folded_text) folded = name.number + 1;
      else if (!name.folded && name.text === text) exact = name.number + 1;
    }
    return this.#named(state, exact, folded);
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
        const target = this.#step(state, (segment) => isIndex(segment, index));
        state.item_targets.set(index, target);
        return target;
      }
    }
    return (state.other_item ??= this.#step(state, never));
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
      if (segment.kind !== "key") return false;
      return path.ignore_case
        ? foldCase(segment.name) === folded_name?.text
        : segment.name === exact_name?.text;
    });
    state.key_targets.set(nameCode(exact, folded), target);
    return target;
  }

  /** The state one level down, for a child that `matches` says which named segments take. */
  #step(state: PathState, matches: (segment: Segment, path: Path) => boolean): PathState {
    const next: number[] = [];
    for (const position of state.positions) {
      const segment = segmentAt(this.paths, position);
      if (segment === undefined) continue;
      if (segment.kind === "deep") next.push(position);
      else if (segment.kind === "any" || matches(segment, this.paths[pathOf(position)]!)) {
        next.push(position + 1);
      }
    }
    return this.#state(next);
  }

  #state(positions: number[]): PathState {
    const closed = new Set<number>();
    for (let position of positions) {
      closed.add(position);
      while (segmentAt(this.paths, position)?.kind === "deep") closed.add((position += 1));
    }
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

  /**
   * Lets go of all states but the root. Those that a running scan stands in stay usable: they are
   * merely not shared any more, and their transitions are made again.
   */
  #forget(): void {
    for (const state of this.#states.values()) state.forget();
    this.#states.clear();
    this.#states.set(this.#root.positions.join(), this.#root);
  }
}

/**
 * One spelling for all cases of a key. Upper case first, since some letters have only one way
 * (the long s ſ is a lower-case letter, the Kelvin sign K an upper-case one).
 */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** A position is a number: the path's number times this, plus the segment's. More than path_segments_max. */
const position_stride = 128;

function pathOf(position: number): number {
  return Math.floor(position / position_stride);
}

/** The segment at a position; undefined at the end of the path. */
function segmentAt(paths: readonly Path[], position: number): Segment | undefined {
  return paths[pathOf(position)]!.segments[position % position_stride];
}

function nameCode(exact: number, folded: number): number {
  return exact * 0x100_0000 + folded;
}

function never(): boolean {
  return false;
}

function isIndex(segment: Segment, index: number): boolean {
  return segment.kind === "index" && segment.index === index;
}

function collectNames(positions: readonly number[], paths: readonly Path[]): KeyName[] {
  const names = new Map<string, KeyName>();
  for (const position of positions) {
    const segment = segmentAt(paths, position);
    if (segment?.kind !== "key") continue;
    const folded = paths[pathOf(position)]!.ignore_case;
    const text = folded ? foldCase(segment.name) : segment.name;
    const key = `${folded ? "folded" : "exact"} ${text}`;
    if (names.has(key)) continue;
    const bytes = text.isWellFormed() ? Buffer.from(text) : undefined;
    names.set(key, { folded, text, bytes, number: names.size });
  }
  return [...names.values()];
}

/** Whether `name` stands at `start`; `fold` ignores the case of ASCII letters, name being lower-case. */
function sameBytes(name: Buffer, bytes: Buffer, start: number, fold: boolean): boolean {
  for (let at = 0; at < name.length; at += 1) {
    let byte = bytes[start + at]!;
    if (fold && byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== name[at]) return false;
  }
  return true;
}
