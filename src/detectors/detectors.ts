/**
 * The detectors in use: whether a text may hold a secret, which is quick, and where the secrets are.
 *
 * A scan looks for the anchors of all detectors at once. What it finds is looked at by the detectors whose anchors stand
 * there, and by no others.
 */
import type { Detection, Part } from "./contract/detection.ts";
import type { Detector, Way } from "./contract/detector.ts";
import { merged } from "./contract/merged.ts";
import { Text } from "./contract/text.ts";
import { key_rules } from "./credentials/key-rules.ts";
import type { KeyRule } from "./keys/key-rule.ts";
import { type OwnPattern, ownPatterns, type PatternText } from "./patterns/own-patterns.ts";
import { AnchorIndex, standsAt } from "./scan/anchor-index.ts";
import { fastestScan } from "./kernel/vector-scan.ts";
import type { Scan } from "./scan/byte-scan.ts";
import { escapes, inJson } from "./scan/json-anchors.ts";
import { chosen } from "./table.ts";

/** How many patterns have their literal among the anchors: the table of fingerprints has no room for any number. */
const anchored_max = 128;

export class Detectors {
  /** Keys whose values are secret whatever they look like. */
  readonly keys: readonly KeyRule[];
  /** What the user should know of his own patterns: which of them cost time on every text. */
  readonly warnings: readonly string[];
  /** How many bytes the detectors looked at so far, beside the scan. Tests hold it against the length of the texts. */
  steps = 0;
  /** In decoded text, and in JSON as it is written. */
  readonly #index = new AnchorIndex();
  readonly #json_index = new AnchorIndex();
  /** Made where something is found for the first time. */
  #own_scan: Scan | undefined = undefined;
  readonly #json_scan: Scan;
  readonly #sweeps: readonly Detector[];
  readonly #reporting: readonly Detector[];
  /** The user's patterns that are tried where an anchor of theirs stands, by the way that has it. */
  readonly #anchored = new Map<Way, OwnPattern>();
  /** Those whose literal is looked for in each text. */
  readonly #loose: readonly OwnPattern[];
  /** Those that may match in JSON where no anchor stands. */
  readonly #loose_in_json: readonly OwnPattern[];

  private constructor(detectors: readonly Detector[], patterns: readonly OwnPattern[]) {
    for (const { id, ways } of detectors) {
      for (const way of ways) {
        this.#index.add(id, way);
        this.#json_index.add(id, inJson(way));
      }
    }
    this.#json_index.add("", escapes);
    for (const pattern of patterns) {
      if (pattern.anchor === undefined || this.#anchored.size >= anchored_max) continue;
      const way: Way = { anchors: [pattern.anchor], look: () => undefined };
      this.#anchored.set(way, pattern);
      this.#index.add(pattern.name, way);
      if (pattern.is_plain) this.#json_index.add(pattern.name, way);
    }
    const anchored = new Set(this.#anchored.values());
    this.#loose = patterns.filter((pattern) => !anchored.has(pattern));
    this.#loose_in_json = patterns.filter((each) => !anchored.has(each) || !each.is_plain);
    this.#json_scan = fastestScan(this.#json_index.keys);
    const sweeping = detectors.filter(({ sweep }) => sweep !== undefined);
    this.#sweeps = sweeping.filter(({ report_only }) => report_only === undefined);
    this.#reporting = sweeping.filter(({ report_only }) => report_only !== undefined);
    const ids = new Set(detectors.map(({ id }) => id));
    this.keys = key_rules.filter(({ detector }) => ids.has(detector));
    this.warnings = patterns.flatMap(({ warning }) => warning ?? []);
  }

  /**
   * The detectors of these names, which are ids or groups, and the user's own patterns in RE2's syntax. Throws a
   * DetectorError for a name that nobody has and for a pattern that is wrong.
   */
  static async create(
    names: readonly string[],
    patterns: readonly PatternText[] = [],
  ): Promise<Detectors> {
    return new Detectors(chosen(names), await ownPatterns(patterns));
  }

  /**
   * Whether any string of this JSON may hold a secret, its keys included. It is quick, and rarely says so without need;
   * where it says no, `find` finds nothing in any of the strings once they are decoded. What is in the ranges of `except`,
   * which are sorted, does not count.
   */
  mayFind(bytes: Buffer, start: number, end: number, except: readonly Part[] = []): boolean {
    if (this.#sweeps.length > 0) return true;
    this.#json_scan.load(bytes, start, end);
    let from = start;
    for (const part of except) {
      if (this.#mayStandIn(bytes, from, part.start)) return true;
      from = part.end;
    }
    return this.#mayStandIn(bytes, from, end);
  }

  /**
   * Gives whether ranges of this JSON may hold a secret, as `mayFind` does, for those who ask for many of them from left to
   * right: in most of them there is no anchor.
   */
  mayFindIn(bytes: Buffer, start: number, end: number): (from: number, to: number) => boolean {
    if (this.#sweeps.length + this.#loose_in_json.length > 0) {
      return (from, to) => this.mayFind(bytes, from, to);
    }
    const scan = this.#json_scan;
    scan.load(bytes, start, end);
    const places: number[] = [];
    for (let at = scan.next(start); at >= 0; at = scan.next(at + 1)) places.push(at);
    let next = 0;
    return (from, to) => {
      while (next < places.length && places[next]! < from) next += 1;
      return next < places.length && places[next]! < to && this.mayFind(bytes, from, to);
    };
  }

  /** The range is in what the scan has loaded. */
  #mayStandIn(bytes: Buffer, start: number, end: number): boolean {
    return this.#mayAnchorStand(bytes, start, end) || this.#mayPatternMatch(bytes, start, end);
  }

  #mayAnchorStand(bytes: Buffer, start: number, end: number): boolean {
    const scan = this.#json_scan;
    let place = scan.next(start, end);
    if (place < 0) return false;
    const text = new Text(bytes, start, end);
    for (; place >= 0; place = scan.next(place + 1, end)) {
      for (const entry of this.#json_index.at(bytes, place)) {
        const at = place - entry.offset;
        if (!standsAt(entry, text, at)) continue;
        const { quick } = entry.way;
        if (quick === undefined || quick(text, at, at + entry.anchor.literal.length)) return true;
      }
    }
    return false;
  }

  #mayPatternMatch(bytes: Buffer, start: number, end: number): boolean {
    if (this.#loose_in_json.length === 0) return false;
    const range = bytes.subarray(start, end);
    return this.#loose_in_json.some(
      ({ literal, is_plain }) => literal === undefined || !is_plain || range.includes(literal),
    );
  }

  /** All secrets in decoded text in UTF-8, sorted and not overlapping, in linear time whatever the text. */
  find(bytes: Buffer, start: number, end: number): readonly Detection[] {
    const text = new Text(bytes, start, end);
    const standing = new Set<OwnPattern>();
    const found: Detection[] = this.#findAnchored(text, standing);
    for (const each of swept(this.#sweeps, text)) found.push(each);
    const range = this.#loose.length === 0 ? bytes : bytes.subarray(start, end);
    for (const pattern of this.#loose) {
      if (pattern.literal === undefined || range.includes(pattern.literal)) standing.add(pattern);
    }
    for (const pattern of standing) {
      const { name: detector, steps } = pattern;
      for (const each of pattern.find(bytes, start, end)) found.push({ detector, ...each });
      this.steps += pattern.steps - steps;
    }
    this.steps += text.steps;
    return merged(found);
  }

  /** What is no secret for certain, and worth a look of a person: what the detectors find that `find` leaves out. */
  report(bytes: Buffer, start: number, end: number): readonly Detection[] {
    return merged(swept(this.#reporting, new Text(bytes, start, end)));
  }

  get #scan(): Scan {
    return (this.#own_scan ??= fastestScan(this.#index.keys));
  }

  /** Adds to `standing` the patterns whose anchor stands in the text. */
  #findAnchored(text: Text, standing: Set<OwnPattern>): Detection[] {
    const found: Detection[] = [];
    const scan = this.#scan;
    scan.load(text.bytes, text.start, text.end);
    for (let place = scan.next(text.start); place >= 0; place = scan.next(place + 1)) {
      for (const entry of this.#index.at(text.bytes, place)) {
        const at = place - entry.offset;
        if (!standsAt(entry, text, at)) continue;
        const pattern = this.#anchored.get(entry.way);
        if (pattern !== undefined) standing.add(pattern);
        const each = entry.way.look(text, at, at + entry.anchor.literal.length);
        if (each !== undefined) found.push({ detector: entry.detector, ...each });
      }
    }
    return found;
  }
}

function swept(detectors: readonly Detector[], text: Text): Detection[] {
  return detectors.flatMap(({ id, sweep }) =>
    sweep!(text).map((each): Detection => ({ detector: id, ...each })),
  );
}
