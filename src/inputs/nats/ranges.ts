/** Sets of numbers, as ranges in their order: a lane that comes in order has one. */

/** From the first on, up to and without the second. */
export type Range = readonly [number, number];

/** More gaps than this are not remembered: the lowest ranges are forgotten, and what is in them would be taken twice. */
const ranges_max = 64;

/** `ranges` and the numbers from `from` up to `to`, in so many ranges at most. */
export function withRange(
  ranges: readonly Range[],
  [from, to]: Range,
  max = ranges_max,
): readonly Range[] {
  const last = ranges.at(-1);
  // Nearly always it goes on where the last one ends.
  if (last !== undefined && last[1] === from) return [...ranges.slice(0, -1), [last[0], to]];
  const merged: Range[] = [];
  let [start, end] = [from, to];
  for (const range of ranges) {
    if (range[1] < start || range[0] > end) merged.push(range);
    else [start, end] = [Math.min(start, range[0]), Math.max(end, range[1])];
  }
  merged.push([start, end]);
  merged.sort(([one], [other]) => one - other);
  return merged.slice(-max);
}

/** `ranges` without the numbers from `from` up to `to`. */
export function withoutRange(ranges: readonly Range[], from: number, to: number): readonly Range[] {
  return ranges.flatMap(([start, end]) => missingIn([[from, to]], start, end));
}

/** The parts of `from` up to `to` that are not in `ranges`. */
export function missingIn(ranges: readonly Range[], from: number, to: number): Range[] {
  const missing: Range[] = [];
  let at = from;
  for (const [start, end] of ranges) {
    if (end <= at) continue;
    if (start >= to) break;
    if (start > at) missing.push([at, start]);
    at = end;
  }
  if (at < to) missing.push([at, to]);
  return missing;
}
