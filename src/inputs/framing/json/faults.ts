/**
 * Why a part of a JSON file or stream is no record: under which reason it is quarantined, and at which line and column.
 */
import { Verdict } from "../../../event/event.ts";
import type { Invalid } from "../../../event/scan/json.ts";
import type { Place } from "./place.ts";
import type { Shape } from "./shape.ts";
import type { Flaw } from "./unit.ts";

/** Under which reason each is quarantined. */
const reasons = {
  /** Not strict JSON. */
  broken: "not_json",
  no_array: "no_records_array",
  no_object: "not_an_object",
  no_document: "between_documents",
  unfinished: "unfinished_json",
} as const;

/** For what is not strict JSON: `place` is where it begins, or that of its first fault where that is known. */
export function notJson(place: Place, invalid?: Invalid): Verdict {
  const what = invalid?.reason ?? "brackets or quotes do not match";
  return verdict(
    "broken",
    invalid === undefined ? `${what} from ${place.text} on` : `${what} at ${place.text}`,
  );
}

/** For what ends before it should; `place` is where it begins. */
export function unfinished(place: Place): Verdict {
  return verdict("unfinished", `ends too early; it begins at ${place.text}`);
}

/** For what the framing itself knows to be no record; `place` is where it begins. */
export function flawed(flaw: Flaw, place: Place, { records }: Shape): Verdict {
  if (flaw === "broken") return notJson(place);
  if (flaw === "no_array") {
    return verdict(flaw, `no array ${records} in the document that begins at ${place.text}`);
  }
  if (flaw === "no_object") return verdict(flaw, `an object is expected at ${place.text}`);
  return verdict(flaw, `an object or an array is expected at ${place.text}`);
}

function verdict(kind: keyof typeof reasons, detail: string): Verdict {
  return new Verdict("quarantined", reasons[kind], detail);
}
