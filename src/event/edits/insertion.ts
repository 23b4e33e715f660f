/**
 * Where `set` puts a value that a record does not have yet.
 *
 * It goes into the deepest parent that is there (the last one where a key is repeated), after all else
 * in it; the parents below that are made, objects for keys and arrays for `[0]`. A parent that is null
 * counts as missing. Any other value in a parent's place is not overwritten: that throws a StepFailure.
 */
import { StepFailure } from "../../platform/step-failure.ts";
import type { Edit, Edits } from "./edits.ts";
import { skipSpaceBack } from "./edits.ts";
import { skipSpace } from "../scan/json-text.ts";
import { parseJson, stringifyJson } from "../scan/json-value.ts";
import { Path } from "../scan/path.ts";
import type { Segment } from "../scan/path.ts";
import type { Walker } from "../scan/walker.ts";

/** A range of a record. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Parent extends Range {
  /** How many segments of the path lead to it. */
  readonly depth: number;
}

/** Whether the path names one place, so that a value can be put there. */
export function isPlace(path: Path): boolean {
  return path.segments.every((segment) => segment.kind === "key" || segment.kind === "index");
}

/** The paths of all parents, the record itself apart, the outermost first. */
export function parentPaths(path: Path): Path[] {
  return path.segments.slice(1).map((_, at) => {
    const segments = path.segments.slice(0, at + 1);
    return new Path(JSON.stringify(segments), segments, { ignore_case: path.ignore_case });
  });
}

/** The deepest parent in the record that `walker`, made of `parentPaths`, has just scanned. */
function findParent(walker: Walker, bytes: Buffer, record: Range): Parent {
  const start = skipSpace(bytes, record.start, record.end);
  let parent = { depth: 0, start, end: skipSpaceBack(bytes, record.end, record.start) };
  for (let number = 0; number < walker.paths.length; number += 1) {
    const row = walker.spans.last(number);
    if (row < 0 || walker.spans.start(row) < parent.start) break;
    parent = {
      depth: number + 1,
      start: walker.spans.start(row),
      end: walker.spans.end(row),
    };
  }
  return parent;
}

/** A record with its pending edits. */
export interface EditedRecord extends Range {
  readonly bytes: Buffer;
  readonly edits: Edits | undefined;
}

/**
 * The edit that puts `value`, JSON text, at `path`, and how many segments of it lead to the parent; undefined where the
 * pending edits have to be written into the record first. `parents` is made of `parentPaths`.
 */
export function insertionInto(
  record: EditedRecord,
  path: Path,
  value: string,
  parents: Walker,
): { edit: Edit; depth: number } | undefined {
  const { bytes, edits } = record;
  parents.scan(bytes, record.start, record.end);
  const parent = findParent(parents, bytes, record);
  const relation = edits?.relation(parent.start, parent.end);
  if (relation === "replaced" || relation === "covered") return undefined;
  const hasInsertionAt = (at: number): boolean => edits?.hasInsertionAt(at) ?? false;
  return { edit: insertion(path, value, parent, { bytes, hasInsertionAt }), depth: parent.depth };
}

/** The edit that puts `value`, JSON text, at `path` below `parent`. */
function insertion(
  path: Path,
  value: string,
  parent: Parent,
  record: { bytes: Buffer; hasInsertionAt: (at: number) => boolean },
): Edit {
  const { bytes } = record;
  const segment = path.segments[parent.depth]!;
  const nested = nest(path, parent.depth + 1, value);
  if (bytes[parent.start] === 0x6e) {
    const text = wrap(segment, nested);
    return { kind: "replace", start: parent.start, end: parent.end, bytes: Buffer.from(text) };
  }
  const opener = segment.kind === "key" ? 0x7b : 0x5b;
  if (bytes[parent.start] !== opener) {
    const wanted = segment.kind === "key" ? "an object" : "an array";
    throw refusal(`what holds it is not ${wanted}`);
  }
  if (segment.kind === "index") {
    const items = parseJson(bytes.toString("utf8", parent.start, parent.end)) as unknown[];
    if (segment.index !== items.length) throw notNext();
  }
  const at = skipSpaceBack(bytes, parent.end - 1, parent.start);
  const is_first = at === parent.start + 1 && !record.hasInsertionAt(at);
  const member = segment.kind === "key" ? `${stringifyJson(segment.name)}:${nested}` : nested;
  return {
    kind: "insert",
    start: at,
    end: at,
    bytes: Buffer.from(is_first ? member : `,${member}`),
  };
}

/** Whether a value at `path` cannot lie in, around or beside what was put at `place` (a path's start). */
export function isApart(path: Path, place: readonly Segment[]): boolean {
  if (path.ignore_case || path.secret) return false;
  for (let at = 0; at < place.length; at += 1) {
    const segment = path.segments[at];
    const placed = place[at]!;
    if (segment?.kind !== "key" || placed.kind !== "key") return false;
    if (segment.name !== placed.name) return true;
  }
  return false;
}

/** `value` inside new containers for the segments from `from` on. */
function nest(path: Path, from: number, value: string): string {
  let text = value;
  for (let at = path.segments.length - 1; at >= from; at -= 1) {
    text = wrap(path.segments[at]!, text);
  }
  return text;
}

function wrap(segment: Segment, text: string): string {
  if (segment.kind === "key") return `{${stringifyJson(segment.name)}:${text}}`;
  if (segment.kind === "index" && segment.index > 0) throw notNext();
  return `[${text}]`;
}

function notNext(): StepFailure {
  return refusal("an array grows only by its next item");
}

/** Does not name the path, as a step may make its text of the event. */
function refusal(why: string): StepFailure {
  return new StepFailure(`cannot set a value at this path: ${why}`);
}
