/** Puts JSON at a path with its bytes as they are: a value of the record, or a text from elsewhere. */
import { StepFailure } from "../platform/step-failure.ts";
import { isPlace } from "./edits/insertion.ts";
import type { RecordBody } from "./record-body.ts";
import type { Path, Segment } from "./scan/path.ts";
import { Walker } from "./scan/walker.ts";

/** Looks for nothing: whether a text is JSON is all that is asked. */
const json_check = new Walker([]);

/** Moves the last value at `from`, and removes all others there; whether there was one. */
export function moveValue(body: RecordBody, from: Path, to: Path): boolean {
  if (!isExact(from) || !isExact(to)) {
    throw new StepFailure(
      "a value is moved between paths without wildcards, in the case as written",
    );
  }
  if (isBelow(to, from)) throw new StepFailure("a value cannot be moved into itself");
  const found = body.find(from);
  if (found === undefined) return false;
  if (isWithin(to, from)) return true;
  // Throws before anything is removed where it has no place there.
  body.setText(to, found.bytes.toString("utf8", found.start, found.end));
  if (!isBelow(from, to)) body.remove(from);
  return true;
}

/** Puts JSON text at a path; false where it is none. */
export function setJsonText(body: RecordBody, path: Path, text: string): boolean {
  if (!isExact(path)) {
    throw new StepFailure("JSON is put at a path without wildcards, in the case as written");
  }
  const bytes = Buffer.from(text);
  // A lone surrogate would become another character.
  if (!text.isWellFormed() || json_check.scan(bytes, 0, bytes.length) !== undefined) return false;
  body.setText(path, text);
  return true;
}

/** Whether `path` leads into what is at `place`. */
function isBelow(path: Path, place: Path): boolean {
  return path.segments.length > place.segments.length && isWithin(path, place);
}

/** Whether `path` leads to what is at `place`, or into it. */
function isWithin(path: Path, place: Path): boolean {
  return place.segments.every((segment, at) => isSame(segment, path.segments[at]));
}

function isSame(one: Segment, other: Segment | undefined): boolean {
  if (one.kind === "key") return other?.kind === "key" && one.name === other.name;
  return one.kind === "index" && other?.kind === "index" && one.index === other.index;
}

/** Whether the path leads to one value alone, in one spelling. */
function isExact(path: Path): boolean {
  return isPlace(path) && !path.ignore_case;
}
