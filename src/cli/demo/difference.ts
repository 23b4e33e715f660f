/** Where two texts differ: what they share before and after it, and what each of them has in between. */
export interface Difference {
  /** In both, before what differs. */
  readonly head: string;
  readonly removed: string;
  readonly inserted: string;
  /** In both, after what differs. */
  readonly tail: string;
}

/** The one place in which `after` differs from `before`: from the first to the last character that is another. */
export function differenceOf(before: string, after: string): Difference {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return {
    head: before.slice(0, start),
    removed: before.slice(start, before.length - end),
    inserted: after.slice(start, after.length - end),
    tail: before.slice(before.length - end),
  };
}
