/** Moves a value from one path of a record to another, with its bytes as they are. */
import { StepFailure } from "../platform/step-failure.ts";
import { isPlace } from "./insertion.ts";
import type { RecordBody } from "./record-body.ts";
import type { Path, Segment } from "./scan/path.ts";

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
