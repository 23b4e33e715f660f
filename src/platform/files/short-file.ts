/**
 * Reading a short text file that a configuration names, and saying in words why that cannot be done.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { formatSize } from "../text/units.ts";

/** Why a file cannot be used, in words that follow its name: "does not exist". */
export class UnusableFile extends Error {}

/** The file's text. Throws UnusableFile, for a file longer than `bytes_max` too. */
export function readShortFile(path: string, bytes_max: number): string {
  try {
    return read(path, bytes_max);
  } catch (thrown) {
    throw thrown instanceof UnusableFile ? thrown : new UnusableFile(reasonOf(thrown));
  }
}

function read(path: string, bytes_max: number): string {
  // A pipe without a writer would block the open forever; O_NONBLOCK makes it return.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new UnusableFile("is not a regular file");
    const buffer = Buffer.alloc(bytes_max + 1);
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    if (length > bytes_max)
      throw new UnusableFile(`is longer than ${formatSize(bytes_max)}; is it the right file?`);
    return decodeUtf8(buffer.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFile("is not UTF-8 text");
  }
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES") return "cannot be read by this user; check its owner and mode";
  return `cannot be read (${code})`;
}
