/**
 * The quarantine as it is at one moment, for whoever only looks: beside an agent that writes, and without holding
 * it up.
 */
import type { FileHandle } from "node:fs/promises";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { linesOf, openToRead, quarantineFiles, type QuarantineLine } from "./lines.ts";

export interface SnapshotLine extends QuarantineLine {
  /** Reads the whole line, without its line feed. */
  read(): Promise<Buffer>;
}

/** The lines of all files, the oldest first. Throws TallymanError quarantine_unreadable. */
export async function* readSnapshot(directory: string): AsyncGenerator<SnapshotLine> {
  const files: FileHandle[] = [];
  try {
    await openAll(directory, files);
    for (const file of files) {
      for await (const lines of linesOf(file)) {
        for (const line of lines) yield { ...line, read: () => read(file, line) };
      }
    }
  } catch (cause) {
    const message = `cannot read the quarantine in ${directory}: ${messageOf(cause)}`;
    throw new TallymanError("quarantine_unreadable", message, { file: directory }, { cause });
  } finally {
    for (const file of files) await file.close();
  }
}

/**
 * Adds all of them to `files`, which the caller closes, also where one of them cannot be opened. The newest is opened first,
 * so that a file that gets its next number meanwhile is found twice rather than never.
 */
async function openAll(directory: string, files: FileHandle[]): Promise<void> {
  const seen = new Set<string>();
  for (const path of quarantineFiles(directory).toReversed()) {
    const file = await openToRead(path);
    if (file === undefined) continue;
    const { dev, ino } = await file.stat();
    if (seen.has(`${dev}:${ino}`)) await file.close();
    else files.unshift(file);
    seen.add(`${dev}:${ino}`);
  }
}

async function read(file: FileHandle, { start, end }: QuarantineLine): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start - 1);
  await file.read(bytes, 0, bytes.length, start);
  return bytes;
}
