/**
 * The encoding of a file that is read: by its first bytes, once; and what shows that it is not the same everywhere.
 */
import { looked_at_bytes, utf16ShapeOf } from "../../framing/decoding/beginning.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import { framingIdOf, type FileFramers } from "../../framing/decoding/file-framers.ts";
import { fittingFraming, looked_at_bytes as fitted_bytes } from "../../framing/fitting.ts";
import type { Framed, RecordPositions } from "../../framing/contract/framer.ts";
import { readFully } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { idOf, markOf } from "../files/framing-marks.ts";

/**
 * Finds out the encoding of a file that is read on in its middle. A state that the framing has there in another encoding is
 * not used. Rejects with the system's error.
 */
export async function recogniseEncoding(
  file: FollowedFile,
  descriptor: number,
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

/** Which framing fits a file whose text begins so, where it is read as lines. */
export function fittingOf({ id, toUtf8 }: FileFramer, bytes: Buffer): string | undefined {
  if (framingIdOf(id) !== "lines") return undefined;
  const beginning = bytes.subarray(0, 2 * fitted_bytes);
  return fittingFraming(toUtf8?.(beginning) ?? beginning);
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
