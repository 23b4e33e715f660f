/**
 * Any framing of a file in another encoding: what is read is decoded to UTF-8, and framed then. Places stay those of the
 * file's own bytes, so that offsets and checkpoints do not depend on it.
 *
 * The state is that of the framing. Which encoding it belongs to is part of the id.
 */
import type { Framed, Framer, RecordPositions, Window } from "../contract/framer.ts";
import { isUtf16, unitBytesOf, type Encoding } from "./encodings.ts";
import { LongDecoded } from "./long-decoded.ts";
import { replaceOther } from "./other-encoding.ts";
import { RawPlaces } from "./raw-places.ts";
import { toUtf8, wholeBytesOf } from "./transcode.ts";

/** Finds the records of a file. */
export interface FileFramer extends Omit<Framer, "scan" | "headerAt"> {
  /** Bytes of the smallest character, where that is more than one: records begin at multiples of it. */
  readonly unit_bytes?: number;
  /** What the file's bytes are in UTF-8, where that is something else. */
  readonly toUtf8?: (this: void, bytes: Buffer) => Buffer;
  /** Replaces text of another encoding in what was decoded, and says whether there was any. */
  readonly replaceOther?: (this: void, content: Buffer) => boolean;
}

export function decoding(framer: Framer, encoding: Encoding): FileFramer {
  const { lost, flush_after_ms, raw_factor } = framer;
  const unit_bytes = unitBytesOf(encoding);
  return {
    id: `${encoding} ${framer.id}`,
    isState: (value) => framer.isState(value),
    lost,
    unit_bytes,
    ...(flush_after_ms !== undefined && { flush_after_ms }),
    ...(raw_factor !== undefined && { raw_factor: raw_factor * unit_bytes }),
    toUtf8: (bytes) => toUtf8(bytes, encoding),
    ...(isUtf16(encoding) && {
      replaceOther: (content: Buffer) => replaceOther(content, 0, content.length),
    }),
    frame: (window, positions) => frame(framer, encoding, window, positions),
    contentStart: (bytes, from, state) => {
      const { decoded, places } = decodedPart(bytes, encoding, from);
      const start = framer.contentStart(decoded, 0, state);
      return start === decoded.length ? bytes.length : places.of(start);
    },
    lastEnd: (bytes) => {
      const { decoded, places } = decodedPart(bytes, encoding, 0);
      return places.of(framer.lastEnd(decoded));
    },
    long: (state, kept_bytes_max) => new LongDecoded(framer.long(state, kept_bytes_max), encoding),
  };
}

/** The whole characters from `from` on. */
function decodedPart(bytes: Buffer, encoding: Encoding, from: number, is_last = false) {
  const rest = bytes.subarray(from);
  const to = is_last ? bytes.length : from + wholeBytesOf(rest, encoding);
  const decoded = toUtf8(bytes.subarray(from, to), encoding);
  return { decoded, places: new RawPlaces(decoded, encoding, from, to) };
}

function frame(
  framer: Framer,
  encoding: Encoding,
  window: Window,
  positions: RecordPositions,
): Framed {
  const { bytes, from, is_last } = window;
  const { decoded, places } = decodedPart(bytes, encoding, from, is_last);
  const framed = framer.frame({ ...window, bytes: decoded, from: 0 }, positions);
  const { count, made, end } = framed;
  const starts = made?.offsets ?? positions.starts;
  const offsets = Array.from({ length: count }, (_, number) => places.of(starts[number]!));
  const content = made?.bytes ?? decoded;
  framed.made = { bytes: content, offsets };
  if (isUtf16(encoding)) {
    const { starts: from_each, ends } = positions;
    for (let number = 0; number < count; number += 1) {
      if (replaceOther(content, from_each[number]!, ends[number]!)) framed.is_mixed = true;
    }
  }
  framed.end = places.of(end);
  framed.nul_bytes *= unitBytesOf(encoding);
  return framed;
}
