/**
 * Reading a short text file that a configuration names, and saying in words why that cannot be done.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { formatSize } from "../text/units.ts";

/** A pipe without a writer would block the open for ever; O_NONBLOCK makes it return. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Why a file cannot be used, in words that follow its name: "does not exist". */
export class UnusableFile extends Error {}

/** The file's text. Throws UnusableFile, for a file longer than `bytes_max` too. */
export function readShortFile(path: string, bytes_max: number): string {
  try {
    const descriptor = openSync(path, flags);
    try {
      refuseOther(fstatSync(descriptor));
      const buffer = Buffer.allocUnsafe(bytes_max + 1);
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      return textOf(buffer.subarray(0, length), bytes_max);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    throw unusable(thrown);
  }
}

/** The same, without holding anything up where the file is on a network that hangs. Rejects with UnusableFile. */
export async function readShortFileAside(path: string, bytes_max: number): Promise<string> {
  try {
    const handle = await open(path, flags);
    try {
      refuseOther(await handle.stat());
      const buffer = Buffer.allocUnsafe(bytes_max + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return textOf(buffer.subarray(0, bytesRead), bytes_max);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw unusable(thrown);
  }
}

function refuseOther(stats: Stats): void {
  if (!stats.isFile()) throw new UnusableFile("is not a regular file");
}

function textOf(bytes: Buffer, bytes_max: number): string {
  if (bytes.length > bytes_max)
    throw new UnusableFile(`is longer than ${formatSize(bytes_max)}; is it the right one?`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFile("is not UTF-8 text");
  }
}

function unusable(thrown: unknown): UnusableFile {
  if (thrown instanceof UnusableFile) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "ENOENT") return new UnusableFile("does not exist");
  if (code === "EACCES") {
    return new UnusableFile("cannot be read by this user; check its owner and mode");
  }
  return new UnusableFile(`cannot be read (${code})`);
}
