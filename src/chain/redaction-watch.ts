/**
 * Watches the paths of one redact step: one that finds nothing is most likely mistyped, and then secrets are shipped.
 *
 * It looks at a few events once, and costs nothing before and after that.
 */
import type { LogEvent } from "../event/log-event.ts";
import type { Records } from "../event/block.ts";
import type { Path } from "../event/scan/path.ts";
import type { Scanner } from "../event/scanner.ts";
import { KeySample } from "./key-sample.ts";

/** Events after which a path that has found nothing is worth a word, and how many of them are looked at. */
const events_min = 100;
const events_looked_at = 5;

/** The patterns of a step, and which of its patterns and detectors have found something. */
export interface PatternsInUse {
  readonly names: string[];
  readonly found: Set<string>;
}

/** A path, or `pattern NAME`, that has found nothing so far. */
export interface UnmatchedPath {
  readonly path: string;
  /** A path by which the events have something; undefined where none is near, or where they were not looked at. */
  readonly did_you_mean: string | undefined;
}

export class RedactionWatch {
  /** Of the events that the step was given, the next that is to be looked at. */
  look_at = events_min - events_looked_at + 1;
  /** Let go of when it has been looked at. */
  #sample: KeySample | undefined = new KeySample();
  /** What the paths that had found nothing then are likely meant to be. */
  #suggestions = new Map<string, string>();
  readonly #paths: readonly Path[];
  readonly #patterns: PatternsInUse;
  readonly #scanner: Scanner;
  /** Paths that have found something in a chain before this one. */
  readonly #found_before = new Set<string>();

  constructor(paths: readonly Path[], patterns: PatternsInUse, scanner: Scanner) {
    this.#paths = paths;
    this.#patterns = patterns;
    this.#scanner = scanner;
  }

  /** Takes the place of one with the same paths. */
  continueFrom(former: RedactionWatch): void {
    this.look_at = former.look_at;
    this.#sample = former.#sample;
    this.#suggestions = former.#suggestions;
    for (const name of former.#patterns.found) this.#patterns.found.add(name);
    for (const path of former.#paths) if (former.#hasFound(path)) this.#found_before.add(path.key);
  }

  /** Looks at the step's `number`th event. True where there is enough to decide. */
  look(event: LogEvent<Records>, number: number): boolean {
    const missing = this.#paths.filter((path) => !this.#hasFound(path));
    if (missing.length > 0 && !event.is_text) this.#sample?.add(event.text);
    this.look_at = number + 1;
    if (number < events_min) return false;
    this.look_at = Number.POSITIVE_INFINITY;
    for (const path of missing) {
      const suggestion = this.#sample?.suggestionFor(path, this.#paths);
      if (suggestion !== undefined) this.#suggestions.set(path.key, suggestion);
    }
    this.#sample = undefined;
    return true;
  }

  /** The paths that have found nothing so far. */
  unmatched(): readonly UnmatchedPath[] {
    const { names, found } = this.#patterns;
    const paths = this.#paths.filter((path) => !this.#hasFound(path));
    const patterns = names.filter((name) => !found.has(name));
    return [
      ...paths.map((path) => ({
        path: path.text,
        did_you_mean: this.#suggestions.get(path.key),
      })),
      ...patterns.map((name) => ({ path: `pattern ${name}`, did_you_mean: undefined })),
    ];
  }

  #hasFound(path: Path): boolean {
    return this.#scanner.hasFound(path) || this.#found_before.has(path.key);
  }
}
