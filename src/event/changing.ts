/** A change of the values that many paths lead to, of which most find nothing in most records. */
import type { RecordBody } from "./record-body.ts";
import type { Path } from "./scan/path.ts";
import type { PathNumbers, Scanner } from "./scanner.ts";
import type { ValueEdit } from "./span-edits.ts";

/** Does the edit with each value at the paths; gives the number of those that it changed. Throws UnreadableError. */
export function changeAll(
  body: RecordBody,
  paths: readonly Path[],
  { scanner, edit }: { scanner: Scanner; edit: ValueEdit },
): number {
  body.assertReadable();
  const numbers = scanner.numbersOf(paths);
  let changed = 0;
  let at = nextToLookFor(body, numbers, 0);
  while (at < paths.length) {
    changed += body.change(paths[at]!, edit);
    // Many paths lead to the same secret.
    do at = nextToLookFor(body, numbers, at + 1);
    while (at < paths.length && isDone(body, numbers.list[at]!, edit, scanner));
  }
  return changed;
}

/** Of these paths, the place in their list of the next one from `from` on that may find something; its end for none. */
function nextToLookFor(
  { spans }: RecordBody,
  { list, places, is_complete }: PathNumbers,
  from: number,
): number {
  if (!is_complete || spans === undefined) return from;
  const place = spans.nextPlace(places, from);
  return place < 0 ? list.length : place;
}

/** Whether the edit has put in already all that is now at the path with this number, which is noted as found then. */
function isDone(
  { spans, edits }: RecordBody,
  number: number,
  edit: ValueEdit,
  scanner: Scanner,
): boolean {
  if (edit.isOwn === undefined || edits === undefined || spans === undefined || number < 0)
    return false;
  const first = spans.first(number);
  if (first < 0 || !edits.areAll(spans, first, edit.isOwn)) return false;
  scanner.noteFound(number);
  return true;
}
