/**
 * What single values of a log look like: times, and secrets by their shape or by the name of their key.
 */
import { TimestampReader } from "../../event/time/timestamp-reader.ts";
import type { Field, Looker } from "./fields.ts";

/** What finds secrets. */
export interface SecretFinder {
  /** The detectors that find something in a text. */
  inText(text: string): readonly string[];
  /** Whether a value under such a key is secret whatever it looks like. */
  isSecretKey(key: string): boolean;
}

/** What a secret is found by where only the name of its key says so. */
export const by_name = "name of the key";

/** Values of each field that are tried as times. */
const times_tried_max = 200;
/** Numbers are times only under such a key: a size may well be one, too. */
const time_name = /time|date|stamp|when|^ts$|_at$|At$|epoch/i;
/** The shortest time, and the longest. */
const time_lengths = { min: 8, max: 64 };

export class Looks implements Looker {
  readonly #finder: SecretFinder;
  readonly #reader = new TimestampReader();

  constructor(finder: SecretFinder) {
    this.#finder = finder;
  }

  look(field: Field, value: string | number | boolean | null): void {
    if (value === null || typeof value === "boolean" || value === "") return;
    this.#lookForTime(field, value);
    if (typeof value === "string") {
      for (const detector of this.#finder.inText(value)) field.noteSecret(detector);
    }
    if (field.key !== undefined && this.#finder.isSecretKey(field.key)) field.noteSecret(by_name);
  }

  lookAtKey(field: Field, key: string): boolean {
    const found = this.#finder.inText(key);
    for (const detector of found) field.noteSecret(`${detector}, in a key`);
    return found.length > 0;
  }

  #lookForTime({ times, key }: Field, value: string | number): void {
    if (times.tried >= times_tried_max) return;
    times.tried += 1;
    if (typeof value === "number" || /^\d+(?:\.\d+)?$/.test(value)) {
      if (!time_name.test(key ?? "")) return;
    }
    const text = String(value);
    if (text.length < time_lengths.min || text.length > time_lengths.max) return;
    const bytes = Buffer.from(text);
    if (this.#reader.read(bytes, 0, bytes.length)) times.read += 1;
    else if (this.#reader.fault === "no_zone") times.without_zone += 1;
  }
}
