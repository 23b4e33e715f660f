/**
 * A gatherer that is given a stream in chunks, and all that it gives out.
 */
import type { Framer } from "../../../src/inputs/framing/contract/framer.ts";
import { LineGatherer } from "../../../src/inputs/lines/line-gatherer.ts";

/** A record as it was given out, with its bytes as Latin-1. */
export interface Taken {
  text: string;
  offset: number;
  original: { original_bytes: number; original_sha256: string } | undefined;
  unfinished: boolean;
  group_cut?: true;
}

/** Where to split a stream, and whether to take what there is by then. */
export interface Split {
  at: number;
  take: boolean;
  /** Whether nothing comes for a while before the next bytes. */
  pauses?: boolean;
}

/** A gatherer of records of at most so many bytes, which gives out so many at a time. */
export function gathererOf(framer: Framer, event_bytes_max: number, records_max = 5): LineGatherer {
  return new LineGatherer({
    origin: { input: "lines", stream: "test", metadata: {} },
    framer,
    encoding: "utf-8",
    positions: {
      starts: new Int32Array(records_max),
      ends: new Int32Array(records_max),
      event_bytes_max,
    },
  });
}

export function takeAll(gathering: LineGatherer): Taken[] {
  const taken: Taken[] = [];
  for (let records = gathering.take(); records !== undefined; records = gathering.take()) {
    const { bytes, starts, ends, count, offset, offsets = starts, truncations, known } = records;
    for (let number = 0; number < count; number += 1) {
      taken.push({
        text: bytes.subarray(starts[number], ends[number]).toString("latin1"),
        offset: offset + offsets[number]!,
        original: truncations?.get(number),
        unfinished: known?.[number]?.header?.fields?.tallyman_unfinished === true,
        ...(known?.[number]?.header?.fields?.tallyman_group_cut === true && { group_cut: true }),
      });
    }
  }
  return taken;
}

/** All records of a stream that comes in these chunks, to its end. */
export function gatherAll(
  gathering: LineGatherer,
  bytes: Buffer,
  splits: readonly Split[],
): Taken[] {
  const taken: Taken[] = [];
  let from = 0;
  for (const { at, take, pauses = false } of splits.toSorted((a, b) => a.at - b.at)) {
    const to = Math.min(at, bytes.length);
    if (to > from) gathering.push(Buffer.from(bytes.subarray(from, to)), 0);
    from = Math.max(from, to);
    if (pauses) gathering.quiet();
    if (take) taken.push(...takeAll(gathering));
  }
  if (bytes.length > from) gathering.push(Buffer.from(bytes.subarray(from)), 0);
  gathering.end();
  return [...taken, ...takeAll(gathering)];
}
