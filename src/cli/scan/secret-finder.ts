/**
 * What finds secrets in the values of a log: all detectors there are, also those that no one has asked for yet.
 */
import { Detectors } from "../../detectors/detectors.ts";
import { fitsKey, isKeptValue } from "../../detectors/keys/key-rule.ts";
import { groups } from "../../detectors/table.ts";

/** Keys that were judged; a log has a few hundred. */
const keys_max = 10_000;

export class SecretFinder {
  readonly #detectors: Detectors;
  /** The detectors whose keys these are. */
  readonly #by_key = new Map<string, readonly string[]>();

  private constructor(detectors: Detectors) {
    this.#detectors = detectors;
  }

  static async create(): Promise<SecretFinder> {
    return new SecretFinder(await Detectors.create(groups));
  }

  /** The detectors that find something in a text. */
  inText(text: string): readonly string[] {
    const bytes = Buffer.from(text);
    const detectors = this.#detectors;
    if (!detectors.mayFind(bytes, 0, bytes.length)) return [];
    const found = detectors.find(bytes, 0, bytes.length);
    return [...new Set(found.map(({ detector }) => detector))];
  }

  /** The same for a value, also by the key that it is under. */
  inValue(key: string | undefined, value: string | number): readonly string[] {
    const found = typeof value === "string" ? this.inText(value) : [];
    if (key === undefined) return found;
    const by_key = this.#ofKey(key);
    if (by_key.length === 0 || isKeptValue(String(value))) return found;
    return [...new Set([...found, ...by_key])];
  }

  #ofKey(key: string): readonly string[] {
    let found = this.#by_key.get(key);
    if (found === undefined) {
      if (this.#by_key.size >= keys_max) this.#by_key.clear();
      const rules = this.#detectors.keys.filter((rule) => fitsKey(rule, key));
      found = rules.map(({ detector }) => detector);
      this.#by_key.set(key, found);
    }
    return found;
  }
}
