/** Keys of events: by what some of their values are, or all of them, events are told apart. */
import { hash } from "node:crypto";
import type { Event } from "../event/event.ts";
import { textOfAny } from "../event/scan/json-value.ts";
import type { Path } from "../event/scan/path.ts";

/** Hexadecimal digits kept of a SHA-256: nobody can make two events with one key. */
const key_length = 32;

/**
 * Gives the key of an event: equal for equal values at the paths, and for equal events where there are no paths; undefined
 * where the event has none of the values. `salt` gives other keys for the same values.
 */
export function eventKey(
  paths: readonly Path[],
  salt: string,
): (event: Event) => string | undefined {
  return (event) => {
    if (paths.length === 0) return digest(salt, event.text);
    if (event.invalid !== undefined) return undefined;
    const values = paths.map((path) => event.get(path));
    if (values.every((value) => value === undefined)) return undefined;
    // A value that is not there is no null.
    const texts = values.map((value) => (value === undefined ? "" : textOfAny(value)));
    return digest(salt, `[${texts.join(",")}]`);
  };
}

function digest(salt: string, text: string): string {
  return hash("sha256", `${salt}\n${text}`, "hex").slice(0, key_length);
}
