/**
 * The one read of a turn.
 */
import { readAt, readFully, type Readable } from "../unpacking/readable.ts";
import type { FollowedFile } from "../files/followed-file.ts";

/**
 * Fills `bytes` from the overlap on. A short read is the end of a local file; only where the file is known
 * to be longer, or is about to be finished, is that worth a second call.
 */
export async function readChunk(
  file: FollowedFile,
  descriptor: Readable,
  bytes: Buffer,
): Promise<number> {
  const position = file.offset - file.checkpoint.tail.length;
  const count = await readAt(descriptor, bytes, bytes.length, position);
  if (count === bytes.length || count === 0) return count;
  if (position + count >= file.identity.size && !file.finishing) return count;
  const rest = bytes.subarray(count);
  return count + (await readFully(descriptor, rest, rest.length, position + count));
}
