/**
 * Reading from a disk of which some sectors are gone: what cannot be read becomes zeros, that no checksum takes.
 */
import type { JournalFile } from "./files.ts";

/** What is read at a time where a larger read fails; file systems and disks fail no smaller pieces. */
const piece_bytes = 4096;

/** As JournalFile.read, but for bytes that the disk cannot give, which become zeros. */
export async function readTolerantly(
  file: JournalFile,
  bytes: Buffer,
  position: number,
): Promise<number> {
  try {
    return await file.read(bytes, position);
  } catch (cause) {
    if (!isInputError(cause)) throw cause;
  }
  const end = Math.min(bytes.length, (await file.size()) - position);
  for (let at = 0; at < end; at += piece_bytes) {
    const piece = bytes.subarray(at, Math.min(at + piece_bytes, end));
    try {
      await file.read(piece, position + at);
    } catch (cause) {
      if (!isInputError(cause)) throw cause;
      piece.fill(0);
    }
  }
  return Math.max(end, 0);
}

function isInputError(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === "EIO";
}
