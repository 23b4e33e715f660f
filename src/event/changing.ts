/** A change of the values that many paths lead to, of which most find nothing in most records. */
import type { RecordBody } from "./record-body.ts";
import type { Path } from "./scan/path.ts";
import type { Scanner } from "./scanner.ts";
import type { ValueEdit } from "./span-edits.ts";

/** Does the edit with each value at the paths; gives the number of those that it changed. Throws UnreadableError. */
export function changeAll(
  body: RecordBody,
  paths: readonly Path[],
  { scanner, edit }: { scanner: Scanner; edit: ValueEdit },
): number {
  body.assertReadable();
  const { list } = scanner.numbersOf(paths);
  let changed = 0;
  for (let at = 0; at < list.length; at += 1) {
    if (body.mayFind(list[at]!)) changed += body.change(paths[at]!, edit);
  }
  return changed;
}
