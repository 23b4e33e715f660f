/**
 * A last look at an event behind the chain: whether one of a step's secrets is left, as where a later step has put a value
 * back. What the step itself puts in the place of secrets is none.
 */
import type { DetectedSecrets, Event, JsonValue, ValueChange } from "../../event/event.ts";
import type { IndexedFields } from "../../plugin.ts";
import { maskDetected } from "../masking/detected-text.ts";
import { encodedRules, type RulesWithin } from "./encoded-rules.ts";
import { fieldsRedactor } from "./secret-fields.ts";

/** What hashes begin with, and cut values end with. */
const own_marks = /^hmac-sha256|…$/;

/** Says of an event whether none of these secrets is left. What it finds in strings is masked at once. */
export function lastLook({ secrets, detected, encodings }: RulesWithin): (event: Event) => boolean {
  const { change, named, paths, replacement } = secrets;
  let is_left = false;
  const isOwn = (value: JsonValue): boolean =>
    typeof value === "string" && (value.includes(replacement) || own_marks.test(value));
  const look: ValueChange = (value, path) => {
    is_left ||= !isOwn(value) && (change === undefined || change(value, path) !== value);
    return value;
  };
  const again = { ...secrets, change: look };
  const search = detected && {
    ...detected,
    replace: (secret: string) => {
      is_left ||= !isOwn(secret);
      return replacement;
    },
  };
  const encoded = encodedRules({ encodings, secrets: again, detected: search });
  return (event) => {
    is_left = false;
    // Without what it remembers: the same fields are to be looked at in every event.
    if (event.fields !== undefined) fieldsRedactor(again, false)(event.fields);
    if (search !== undefined) lookAtFields(event.fields ?? {}, search);
    if (event.is_text) return !is_left;
    event.change(paths, look);
    if (named !== undefined) event.replaceNamed(again);
    event.replaceInStrings(again);
    if (search !== undefined) event.replaceDetected(search);
    if (encoded !== undefined) event.replaceEncoded(encoded);
    return !is_left;
  };
}

/** Has the search look at the names and texts of indexed fields. */
function lookAtFields(fields: IndexedFields, search: DetectedSecrets): void {
  for (const text of Object.entries(fields).flat(2)) {
    if (typeof text === "string") maskDetected(text, search);
  }
}
