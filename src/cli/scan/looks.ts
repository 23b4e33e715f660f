/**
 * What single values of a log look like: times, and secrets by their shape or by the name of their key.
 */
import { head_length, timeInHead } from "../../event/time/time-head.ts";
import { TimestampReader } from "../../event/time/timestamp-reader.ts";
import type { Field, Looker, TimeCounts } from "./fields.ts";
import type { SecretFinder } from "./secret-finder.ts";

/** No secret of a known shape is shorter. */
const secret_length_min = 6;
/** Values of each field in which other things than credentials are looked for. */
const others_tried_max = 200;
/** Values of each field that are tried as times. */
const times_tried_max = 200;
/** Numbers are times only under such a key: a size may well be one, too. */
const time_name = /time|date|stamp|when|^ts$|_at$|At$|epoch/i;
/** The shortest time, and the longest. */
const time_lengths = { min: 8, max: 64 };

export class Looks implements Looker {
  readonly #finder: SecretFinder;
  /** Whether the event that is looked at may hold a credential in a string. */
  may_hold_secrets = true;
  readonly #reader = new TimestampReader();

  constructor(finder: SecretFinder) {
    this.#finder = finder;
  }

  look(field: Field, value: string | number | boolean | null): void {
    if (value === null || typeof value === "boolean" || value === "") return;
    this.#lookForTime(field, value);
    const by_key = this.#finder.ofKey(field.key, value);
    for (const detector of by_key) field.noteSecret(detector);
    if (typeof value !== "string" || value.length < secret_length_min) return;
    if (this.may_hold_secrets) {
      for (const detector of this.#finder.inText(value)) {
        if (!by_key.includes(detector)) field.noteSecret(detector);
      }
    }
    this.#lookForOthers(field, value);
  }

  lookAtKey(field: Field, key: string): boolean {
    if (!this.may_hold_secrets || key.length < secret_length_min) return false;
    const found = this.#finder.inText(key);
    for (const detector of found) field.noteSecret(detector);
    return found.length > 0;
  }

  #lookForOthers({ others }: Field, value: string): void {
    if (others.tried >= others_tried_max) return;
    others.tried += 1;
    for (const detector of this.#finder.othersIn(value)) {
      others.found.set(detector, (others.found.get(detector) ?? 0) + 1);
    }
  }

  /** Looks for the time at the beginning of a text, as the daemon does. */
  lookAtHead(times: TimeCounts, text: string): void {
    if (times.tried >= times_tried_max) return;
    times.tried += 1;
    const time = timeInHead(text.slice(0, head_length));
    if (time !== undefined) this.#read(times, time);
  }

  #lookForTime({ times, key }: Field, value: string | number): void {
    if (times.tried >= times_tried_max) return;
    times.tried += 1;
    if (typeof value === "number" || /^\d+(?:\.\d+)?$/.test(value)) {
      if (!time_name.test(key ?? "")) return;
    }
    const text = String(value);
    if (text.length < time_lengths.min || text.length > time_lengths.max) return;
    this.#read(times, text);
  }

  #read(times: TimeCounts, text: string): void {
    const bytes = Buffer.from(text);
    if (this.#reader.read(bytes, 0, bytes.length)) times.read += 1;
    else if (this.#reader.fault === "no_zone") times.without_zone += 1;
  }
}
