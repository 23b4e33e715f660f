/**
 * An open file that is read and written at positions, whole each time: the seam at which tests let each call fail.
 */
import type { FileHandle } from "node:fs/promises";

/** Every call rejects with the system's error. */
export interface PositionedFile {
  /** Fills `bytes` from `position` on, and says how many bytes there were. */
  read(bytes: Buffer, position: number): Promise<number>;
  /** Writes all of the buffers, one after the other, from `position` on. */
  write(buffers: readonly Buffer[], position: number): Promise<void>;
  /** Makes sure that what was written outlives a power cut. */
  sync(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export function positioned(handle: FileHandle): PositionedFile {
  return {
    async read(bytes, position) {
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          bytes.length - filled,
          position + filled,
        );
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    async write(buffers, position) {
      let rest = [...buffers];
      let at = position;
      while (rest.length > 0) {
        const { bytesWritten } = await handle.writev(rest, at);
        at += bytesWritten;
        rest = withoutFirst(rest, bytesWritten);
      }
    },
    sync: () => handle.datasync(),
    async size() {
      return (await handle.stat()).size;
    },
    close: () => handle.close(),
  };
}

/** What is left of the buffers after their first `count` bytes. */
function withoutFirst(buffers: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  let whole = 0;
  while (whole < buffers.length && left >= buffers[whole]!.length) {
    left -= buffers[whole]!.length;
    whole += 1;
  }
  const rest = buffers.slice(whole);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
