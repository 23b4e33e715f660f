/** The record of an event that a step made of another one: it belongs to the same block, and is settled with it. */
import { Block, type RecordInit, Records } from "./block.ts";

/** `bytes` as a record that stands where the `number`th of `source` does. */
export function madeRecords<Source extends Records>(
  source: Source,
  number: number,
  bytes: Buffer,
  known: RecordInit,
): Source {
  const { origin, read_at_ms, offset, offsets, starts, truncations } = source;
  const truncation = truncations?.get(number);
  const init = {
    origin,
    read_at_ms,
    bytes,
    starts: Int32Array.of(0),
    ends: Int32Array.of(bytes.length),
    count: 1,
    offset: offset + (offsets ?? starts)[number]!,
    truncations: truncation && new Map([[0, truncation]]),
    known: [known],
  };
  const made: Records =
    source instanceof Block ? new Block({ ...init, receipt: source.receipt }) : new Records(init);
  return made as Source;
}
