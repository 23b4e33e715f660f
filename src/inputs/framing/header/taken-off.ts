/**
 * A framing whose records have a header, which is taken off: another framing finds the records, and only where they begin is
 * changed. So a record keeps its own bytes.
 *
 * A record that is cut keeps its header: its length and hash are those of all of it.
 */
import { Walker } from "../../../event/scan/walker.ts";
import type { Framed, Framer, RecordPositions } from "../contract/framer.ts";
import type { TakeHeader } from "../contract/framing.ts";

/** A longer record than a chunk of a file, with its end, is still framed as a whole, and so its header is found. */
const raw_factor = 2;
const open_brace = 0x7b;
const walker = new Walker([]);

/** The records of `framer` without their headers. Its states and its id are those of `framer`, so that the two may be exchanged. */
export function withoutHeaders(framer: Framer, take: TakeHeader): Framer {
  return {
    ...framer,
    raw_factor,
    frame: (window, positions) => {
      const framed = framer.frame(window, positions);
      takeHeaders(framed, window.bytes, positions, take);
      return framed;
    },
  };
}

/** Has the records that are not cut begin behind their headers, and notes what these say. */
export function takeHeaders(
  framed: Pick<Framed, "count" | "truncations" | "headers">,
  bytes: Buffer,
  { starts, ends }: Pick<RecordPositions, "starts" | "ends">,
  take: TakeHeader,
): void {
  for (let number = 0; number < framed.count; number += 1) {
    if (framed.truncations?.has(number) === true) continue;
    const taken = take(bytes, starts[number]!, ends[number]!);
    if (taken === undefined) continue;
    starts[number] = taken.content;
    if (taken.header === undefined) continue;
    framed.headers ??= new Map();
    framed.headers.set(number, taken.header);
  }
}

/** Whether all of it is one JSON object. */
export function isJsonObject(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === open_brace && walker.scan(bytes, start, end) === undefined;
}
