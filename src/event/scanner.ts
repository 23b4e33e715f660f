/**
 * What all events of one chain share: the walker for the chain's paths, and what is worth keeping from one
 * event to the next. Every cache here is bounded.
 */
import { StepFailure } from "../platform/step-failure.ts";
import type { RecordHeader } from "./block.ts";
import type { JsonValue } from "./event.ts";
import { headerMask } from "./header-mask.ts";
import { parentPaths } from "./edits/insertion.ts";
import { beginsLikeJson } from "./scan/json-hint.ts";
import { stringifyJson } from "./scan/json-value.ts";
import { MetadataVariants } from "./metadata.ts";
import { parsePath, Path, PathError } from "./scan/path.ts";
import { Selection } from "./edits/selection.ts";
import { EventTimes } from "./time/event-times.ts";
import type { TimeRule } from "./time/time-rule.ts";
import { Walker } from "./scan/walker.ts";

/** Walkers kept for paths that were given as text, or that are not the chain's. */
const walkers_max = 256;

/** Longer texts are not likely to come again. */
const text_kept_max = 48;
/** Texts kept for each path; a power of two. */
const texts_kept = 64;

/** JSON text in UTF-8. */
export interface Encoded {
  readonly bytes: Buffer;
  /** Whether it is a string that may hold JSON. */
  readonly holds_json: boolean;
}

/** The numbers of several paths in the walker's spans, in order; -1 for one that it does not look for. */
export interface PathNumbers {
  readonly list: Int32Array;
  readonly set: ReadonlySet<number>;
  /** By path number: where the path stands in the list; -1 for one that does not. */
  readonly places: Int32Array;
  /** Whether the walker looks for all of them, and each stands there once. */
  readonly is_complete: boolean;
}

/** What a value was written as. */
interface EncodedValue extends Encoded {
  readonly value: JsonValue;
}

export interface ScannerOptions {
  /** Outputs that the chain's events may be sent to beside the default one. Default: none. */
  readonly outputs?: ReadonlySet<string>;
  /** How the times of most events are read, so that the one scan finds them, too. */
  readonly time?: TimeRule | undefined;
  /** Masks what is secret in text, so that headers of records are masked. Default: nothing is. */
  readonly maskText?: (text: string) => string;
}

export class Scanner {
  /** Finds the chain's paths in the one scan of each event. */
  readonly walker: Walker;
  readonly times: EventTimes;
  /** Paths that come first among the walker's, for which alone `outline` looks. */
  readonly #time_paths: readonly Path[];
  #outline: Walker | undefined;
  readonly metadata = new MetadataVariants();
  /** Outputs that the chain's events may be sent to beside the default one. */
  readonly outputs: ReadonlySet<string>;
  /** Masks what is secret in the header of a record. */
  readonly maskHeader: ((header: RecordHeader) => RecordHeader) | undefined;
  readonly #numbers = new Map<Path, number>();
  readonly #others = new Map<string, Walker>();
  readonly #selections = new WeakMap<readonly Path[], Selection>();
  readonly #numbers_of = new WeakMap<readonly Path[], PathNumbers>();
  /** By path number: what was written there last. */
  readonly #encoded: (EncodedValue | undefined)[];
  /** By path number: 1 where the path has found something that was replaced. */
  readonly #found: Uint8Array;
  /** By path number and hash: texts that were read there. */
  readonly #texts: (string | undefined)[];

  /** `chain_paths` are all paths that the chain looks for; repeats are fine. */
  constructor(chain_paths: readonly Path[], options: ScannerOptions = {}) {
    const { outputs = new Set(), time, maskText } = options;
    this.outputs = outputs;
    this.maskHeader = maskText && headerMask(maskText);
    this.times = new EventTimes(time?.options ?? "");
    const paths = [...(time?.paths ?? []), ...chain_paths];
    const distinct = new Map<string, Path>();
    for (const path of paths) {
      const key = path.key;
      if (!distinct.has(key)) distinct.set(key, path);
    }
    this.#time_paths = [...new Set(time?.paths?.map(({ key }) => distinct.get(key)!))];
    const keys = [...distinct.keys()];
    for (const path of paths) this.#numbers.set(path, keys.indexOf(path.key));
    this.#encoded = keys.map(() => undefined);
    this.#found = new Uint8Array(keys.length);
    this.#texts = keys.flatMap(() => Array.from({ length: texts_kept }, () => undefined));
    this.walker = new Walker([...distinct.values()]);
  }

  /** Finds the time, by the walker's numbers, and checks the record: what every event needs, at a fraction of the cost of all paths. */
  get outline(): Walker {
    return (this.#outline ??= new Walker(this.#time_paths));
  }

  /** The path's number in the walker's spans, or -1 where it does not look for it. */
  numberOf(path: Path): number {
    return this.#numbers.get(path) ?? -1;
  }

  /** The numbers of these paths. Kept as long as the list. */
  numbersOf(paths: readonly Path[]): PathNumbers {
    let numbers = this.#numbers_of.get(paths);
    if (numbers === undefined) {
      const list = Int32Array.from(paths, (path) => this.numberOf(path));
      const places = Int32Array.from(this.walker.paths, (_, number) => list.indexOf(number));
      const set = new Set(list);
      numbers = { list, set, places, is_complete: !set.has(-1) && set.size === list.length };
      this.#numbers_of.set(paths, numbers);
    }
    return numbers;
  }

  /** Whether something that the path found has been replaced so far. */
  hasFound(path: Path): boolean {
    return this.#found[this.numberOf(path)] === 1;
  }

  /** Notes that something is being replaced that the path with this number found. */
  noteFound(number: number): void {
    if (number >= 0) this.#found[number] = 1;
  }

  /** The same for paths by their keys. */
  noteFoundPaths(keys: readonly string[]): void {
    for (const [path, number] of this.#numbers) if (keys.includes(path.key)) this.noteFound(number);
  }

  /** A walker for one path that is not among the chain's. Throws a StepFailure for what is no path. */
  other(path: Path | string): Walker {
    if (typeof path === "string") return this.#keep(`text ${path}`, () => [parseText(path)]);
    if (!(path instanceof Path)) throw new StepFailure("a path must be text or of context.path()");
    return this.#keep(path.key, () => [path]);
  }

  /** The path itself, also of a text. Throws a StepFailure for what is no path. */
  pathOf(path: Path | string): Path {
    return typeof path === "string" ? this.other(path).paths[0]! : path;
  }

  /** A walker for the parents of a path, the outermost first. */
  parents(path: Path): Walker {
    return this.#keep(`parents ${path.key}`, () => parentPaths(path));
  }

  /**
   * The value as JSON text in UTF-8, to replace what a path found, which is noted. The bytes of the last scalar are kept for each of the chain's paths
   * (`number` from numberOf), so that masking every event with one text encodes it once.
   */
  encode(number: number, value: JsonValue): Encoded {
    this.noteFound(number);
    const known = this.#encoded[number];
    if (known !== undefined && known.value === value) return known;
    const encoded = { value, ...encodedText(stringifyJson(value)) };
    if (number >= 0 && typeof value !== "object") this.#encoded[number] = encoded;
    return encoded;
  }

  /**
   * The plain ASCII text `bytes[start, end)`, a value of the path `number`. Most values that conditions
   * ask for are few and short, so the last ones are kept, and compared instead of being made again.
   */
  readText(number: number, bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    // Names that are alike mostly differ at their ends.
    const ends = length < 2 ? 0 : bytes[end - 1]! + bytes[end - 2]! * 13;
    const hash = length * 7 + bytes[start]! + ends;
    const place = number * texts_kept + (hash & (texts_kept - 1));
    const known = this.#texts[place];
    if (known !== undefined && known.length === length) {
      let same = 0;
      while (same < length && known.charCodeAt(same) === bytes[start + same]) same += 1;
      if (same === length) return known;
    }
    const text = bytes.toString("latin1", start, end);
    if (length <= text_kept_max) this.#texts[place] = text;
    return text;
  }

  /** What removes all from a record but the values at these paths. Kept as long as the list. */
  selection(paths: readonly Path[]): Selection {
    let selection = this.#selections.get(paths);
    if (selection === undefined) {
      selection = new Selection(paths);
      this.#selections.set(paths, selection);
    }
    return selection;
  }

  #keep(key: string, paths: () => Path[]): Walker {
    const known = this.#others.get(key);
    if (known !== undefined) return known;
    if (this.#others.size >= walkers_max) this.#others.clear();
    const walker = new Walker(paths());
    this.#others.set(key, walker);
    return walker;
  }
}

/** JSON text as it is put into a record. */
export function encodedText(text: string): Encoded {
  const bytes = Buffer.from(text);
  return { bytes, holds_json: holdsJson(bytes) };
}

/** Whether JSON text is a string that may hold JSON. */
export function holdsJson(text: Buffer): boolean {
  return text[0] === 0x22 && beginsLikeJson(text, 1, text.length - 1);
}

/** A path that a step gives as text while it runs. What is wrong is not quoted: the text may be made of the event. */
function parseText(text: string): Path {
  try {
    return parsePath(text);
  } catch (thrown) {
    if (!(thrown instanceof PathError)) throw thrown;
    throw new StepFailure(`a path given as text is wrong at column ${thrown.at}`);
  }
}
