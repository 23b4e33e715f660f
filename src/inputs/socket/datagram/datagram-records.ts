/**
 * The records of a batch: one for each datagram, without the line end or NUL that senders put at its end, and without the header
 * that the framing takes off. Where it was longer than what is shipped of it, it is cut, as a line is.
 */
import { Records, type Origin, type RecordHeader, type Truncation } from "../../../event/block.ts";
import { characterBoundary, knownOf, truncationOf } from "../../framing/contract/found.ts";
import type { TakeHeader } from "../../framing/contract/framing.ts";
import { takeHeaders } from "../../framing/header/taken-off.ts";
import { isBlank } from "../../framing/lines/long-line.ts";
import { datagram_bytes_max, type DatagramBatch } from "./batch.ts";

const line_feed = 10;
const carriage_return = 13;

/** What a batch is read with. */
export interface RecordsOptions {
  readonly origin: Origin;
  readonly event_bytes_max: number;
  /** Where the batch begins in all that came in. */
  readonly offset: number;
  /** Takes the header off a datagram. */
  readonly take?: TakeHeader | undefined;
}

export interface BatchRecords {
  /** Undefined where all datagrams were empty. */
  readonly records: Records | undefined;
  /** Datagrams of which read(2) gave the beginning alone, or may have: they filled all the room there is. */
  readonly overlong: number;
}

/** An empty datagram, and one of nothing but blanks, is no record. */
export function recordsOf(batch: DatagramBatch, options: RecordsOptions): BatchRecords {
  const { bytes, ends, read_at_ms } = batch;
  const { origin, event_bytes_max, offset, take } = options;
  const found = { starts: new Int32Array(ends.length), ends: new Int32Array(ends.length) };
  const truncations = new Map<number, Truncation>();
  let [count, start, overlong] = [0, 0, 0];
  for (const datagram_end of ends) {
    const from = start;
    start = datagram_end;
    let end = contentEnd(bytes, from, datagram_end);
    if (isBlank(bytes, from, end)) continue;
    const is_overlong = datagram_end - from === datagram_bytes_max;
    if (is_overlong) overlong += 1;
    if (is_overlong || end - from > event_bytes_max) {
      truncations.set(count, truncationOf(bytes, from, end));
      end = characterBoundary(bytes, from, Math.min(end, from + event_bytes_max));
    }
    found.starts[count] = from;
    found.ends[count] = end;
    count += 1;
  }
  if (count === 0) return { records: undefined, overlong };
  const headers: Map<number, RecordHeader> | undefined = undefined;
  const framed = { count, truncations, headers };
  if (take !== undefined) takeHeaders(framed, bytes, found, take);
  const known = knownOf(framed);
  const records = new Records({
    origin,
    bytes,
    starts: found.starts.subarray(0, count),
    ends: found.ends.subarray(0, count),
    count,
    offset,
    read_at_ms,
    ...(truncations.size > 0 && { truncations }),
    ...(known && { known }),
  });
  return { records, overlong };
}

/** Where the content of a datagram ends: before LF, CRLF and NUL at its end, however many. */
function contentEnd(bytes: Buffer, from: number, datagram_end: number): number {
  let end = datagram_end;
  for (; end > from; end -= 1) {
    const last = bytes[end - 1];
    const is_before_line_feed = end < datagram_end && bytes[end] === line_feed;
    const is_line_end = last === line_feed || (last === carriage_return && is_before_line_feed);
    if (last !== 0 && !is_line_end) break;
  }
  return end;
}
