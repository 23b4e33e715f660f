/**
 * The encoding of a file that is read: by its first bytes, once; and what shows that it is not the same everywhere.
 */
import { looked_at_bytes, utf16ShapeOf } from "../../framing/decoding/beginning.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import type { FileFramers } from "../../framing/decoding/file-framers.ts";
import { beginning_bytes_max, misfitOf } from "../../framing/fitting.ts";
import { withoutNuls } from "../../framing/contract/nuls.ts";
import type { Framed, RecordPositions } from "../../framing/contract/framer.ts";
import { readFully, type Readable } from "../unpacking/readable.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { idOf, markOf } from "../files/framing-marks.ts";

/** A character of UTF-16 has a byte among these that is not NUL. */
export const probed_bytes = 2;
/** Of UTF-16. */
export const character_bytes_max = 4;

/**
 * Finds out the encoding of a file that is read on in its middle. A state that the framing has there in another encoding is
 * not used. Rejects with the system's error.
 */
export async function recogniseEncoding(
  file: FollowedFile,
  descriptor: Readable,
  framers: FileFramers,
): Promise<void> {
  const head = Buffer.alloc(looked_at_bytes);
  const count = await readFully(descriptor, head, head.length, 0);
  file.encoding = framers.beginning(head.subarray(0, count), true)?.encoding;
  const framer = framers.in(file.encoding);
  const { framing, ...place } = file.checkpoint;
  const former = idOf(framing);
  if (former === framer.id) return;
  const lost = markOf(framer, framer.lost);
  file.checkpoint = { ...place, ...(lost && { framing: lost }) };
  file.former_framer = { id: former, offset: file.offset };
}

/**
 * Notes whether a file whose beginning is this is none of the framing: whether it is no lines, which may never end, or nothing
 * but what the framing refuses.
 */
export function noteMisfit(
  file: FollowedFile,
  bytes: Buffer,
  { count, verdicts }: Framed,
  framers: FileFramers,
): void {
  const framer = framers.in("utf-8");
  const is_refused = count > 0 && verdicts?.size === count;
  if (framer.id !== "lines" && !is_refused) return;
  const beginning = bytes.subarray(0, beginning_bytes_max);
  const { toUtf8 } = framers.in(file.encoding);
  file.misfit = misfitOf(toUtf8?.(beginning) ?? beginning, framer, "file");
}

/** Where the bytes end without what a writer may have allocated and not filled, from `from` on. Characters stay whole. */
export function contentEnd(bytes: Buffer, from: number, { unit_bytes = 1 }: FileFramer): number {
  const length = withoutNuls(bytes, from) - from;
  return Math.min(bytes.length, from + Math.ceil(length / unit_bytes) * unit_bytes);
}

/** Whether there are records in UTF-16 among those of a file in UTF-8, as PowerShell appends them. */
export function holdsUtf16(
  bytes: Buffer,
  { starts, ends }: RecordPositions,
  { count, made, nul_bytes }: Framed,
): boolean {
  if (made !== undefined) return false;
  // The second half of a line end is a NUL byte before the next line. Without one, the last record alone can be the first such.
  for (let number = nul_bytes > 0 ? 0 : Math.max(0, count - 1); number < count; number += 1) {
    const start = starts[number]!;
    if (bytes[start + 1] !== 0) continue;
    const shape = utf16ShapeOf(bytes.subarray(start, ends[number]), true);
    if (shape !== undefined) return true;
  }
  return false;
}

/** Where in what is read the text begins that was not read before: characters of several bytes are read as a whole. */
export function textFrom({ offset, checkpoint }: FollowedFile, framer: FileFramer): number {
  const { unit_bytes = 1 } = framer;
  return checkpoint.tail.length + (offset % unit_bytes);
}
