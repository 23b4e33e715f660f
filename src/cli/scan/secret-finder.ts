/**
 * What finds secrets in the values of a log: all detectors that there are, also those that nobody has asked for yet.
 */
import { Detectors } from "../../detectors/detectors.ts";
import { mayHoldBase64, mayHoldPercent } from "../../event/strings/encodings.ts";
import { namedValuesIn } from "../../preview/secrets/secret-names.ts";
import { type Encoding, heldTexts } from "./held-texts.ts";
import { fitsKey, isKeptValue } from "../../detectors/keys/key-rule.ts";
import { groups } from "../../detectors/table.ts";

/** What has found a value that only the name before it makes a secret. */
export const by_name = "by its name";
/** The group whose secrets are looked for in every value. The others cost more, and are more often wrong. */
export const main_group = "credentials";
/** Keys that were judged; a log has a few hundred. */
const keys_max = 10_000;
/** Short texts without a credential that are remembered: keys and many values are the same in each event. */
const clean_texts_max = 1000;
const clean_length_max = 32;

export class SecretFinder {
  readonly #credentials: Detectors;
  readonly #others: Detectors;
  /** The detectors that a key says enough to, whatever is under it. */
  readonly #by_key = new Map<string, readonly string[]>();
  readonly #clean = new Set<string>();
  /** In which encodings secrets were found that detectors do not find as they are written. */
  readonly encodings = new Set<Encoding>();

  private constructor(credentials: Detectors, others: Detectors) {
    this.#credentials = credentials;
    this.#others = others;
  }

  static async create(): Promise<SecretFinder> {
    const others = groups.filter((group) => group !== main_group);
    return new SecretFinder(await Detectors.create([main_group]), await Detectors.create(others));
  }

  /** Whether any string of this JSON, or this text, may hold a credential, encoded or not. It is quick. */
  mayHold(bytes: Buffer, start: number, end: number): boolean {
    return (
      this.#credentials.mayFind(bytes, start, end) ||
      mayHoldPercent(bytes, start, end) ||
      mayHoldBase64(bytes, start, end)
    );
  }

  /** The detectors that find a credential in a text. */
  inText(text: string): readonly string[] {
    const is_short = text.length <= clean_length_max;
    if (is_short && this.#clean.has(text)) return [];
    const found = this.#namesIn(text);
    if (is_short && found.length === 0) {
      if (this.#clean.size >= clean_texts_max) this.#clean.clear();
      this.#clean.add(text);
    }
    return found;
  }

  /** As it is written; else by what it holds, and by the names in what it holds. */
  #namesIn(text: string): readonly string[] {
    const found = namesIn(this.#credentials, text);
    if (found.length > 0) return found;
    for (const { encoding, text: held } of heldTexts(text)) {
      const names = namesIn(this.#credentials, held);
      if (names.length === 0 && namedValuesIn(held).length === 0) continue;
      this.encodings.add(encoding);
      return names.length > 0 ? names : [by_name];
    }
    return [];
  }

  /** The detectors that find a credential in an event that is no JSON: also values by the names before them. */
  inEvent(text: string): readonly string[] {
    const found = this.inText(text);
    return found.length === 0 && namedValuesIn(text).length > 0 ? [by_name] : found;
  }

  /** The detectors of other groups that find something in a text. */
  othersIn(text: string): readonly string[] {
    return namesIn(this.#others, text);
  }

  /** The detectors whose keys this one is, for a value that says something. */
  ofKey(key: string | undefined, value: string | number): readonly string[] {
    if (key === undefined) return [];
    let found = this.#by_key.get(key);
    if (found === undefined) {
      if (this.#by_key.size >= keys_max) this.#by_key.clear();
      const rules = this.#credentials.keys.filter((rule) => fitsKey(rule, key));
      found = rules.map(({ detector }) => detector);
      this.#by_key.set(key, found);
    }
    return found.length === 0 || isKeptValue(String(value)) ? [] : found;
  }
}

function namesIn(detectors: Detectors, text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const found = detectors.find(bytes, 0, bytes.length);
  return found.length === 0 ? [] : [...new Set(found.map(({ detector }) => detector))];
}
