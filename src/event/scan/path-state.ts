/**
 * One state of the automaton that finds the wanted paths: a set of positions in them, and where each child leads.
 */
import type { Path } from "./path.ts";
import { foldCase } from "./key-glob.ts";
import { envelope_keys, type Segment } from "./segment.ts";

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
  /** Whether a key in another spelling than its plain one has to be read. */
  readonly reads_keys: boolean;
  /** Whether secrets are wanted: also under keys whose dots stand for levels, and in strings that hold JSON. */
  readonly thorough: boolean;
  /** Whether a path ends at this value, or the value may be a string that holds JSON with secrets in it. */
  readonly wanted: boolean;
  /** Numbers of the paths to those secrets. */
  readonly inside: readonly number[];
  /** Whether the text of every key has to be read. */
  readonly globs: boolean;
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
    this.globs = segments.some((segment) => segment?.kind === "glob");
    this.names = collectNames(positions, paths);
    const secret = positions.filter((position, at) => segments[at] && isSecret(paths, position));
    this.thorough = secret.length > 0;
    this.wanted = this.accepts_count > 0 || this.thorough;
    this.inside = [...new Set(secret.map((position) => pathOf(position)))];
    this.reads_keys = this.names.length > 0 || this.thorough;
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

/** A position is a number: the path's number times this, plus the segment's. More than path_segments_max. */
export const position_stride = 128;

export function pathOf(position: number): number {
  return Math.floor(position / position_stride);
}

/** The number of the segment in its path. */
export function segmentOf(position: number): number {
  return position % position_stride;
}

function isSecret(paths: readonly Path[], position: number): boolean {
  return paths[pathOf(position)]!.secret;
}

/** The segment at a position; undefined at the end of the path. */
export function segmentAt(paths: readonly Path[], position: number): Segment | undefined {
  return paths[pathOf(position)]!.segments[segmentOf(position)];
}

/** The keys that lead on from the segment, where not all of them do. */
export function namesOf(segment: Segment): readonly string[] {
  if (segment.kind === "key") return [segment.name];
  return segment.kind === "top" ? envelope_keys : [];
}

function collectNames(positions: readonly number[], paths: readonly Path[]): KeyName[] {
  const names = new Map<string, KeyName>();
  for (const position of positions) {
    const segment = segmentAt(paths, position);
    const folded = paths[pathOf(position)]!.ignore_case;
    for (const own of segment === undefined ? [] : namesOf(segment)) {
      const text = folded ? foldCase(own) : own;
      const key = `${folded ? "folded" : "exact"} ${text}`;
      if (names.has(key)) continue;
      const bytes = text.isWellFormed() ? Buffer.from(text) : undefined;
      names.set(key, { folded, text, bytes, number: names.size });
    }
  }
  return [...names.values()];
}

/** Whether the text of a key decides where it leads: it may stand for several levels, or key globs are wanted. */
export function isRead(state: PathState, bytes: Buffer, start: number, end: number): boolean {
  return state.globs || (state.thorough && hasDot(bytes, start, end));
}

function hasDot(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0x2e) return true;
  return false;
}
