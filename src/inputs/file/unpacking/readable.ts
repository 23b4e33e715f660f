/**
 * What is read of a file: its bytes, by a descriptor; or of a compressed one its content. Either way at a position.
 */
import * as plain from "../discovery/file-access.ts";
import type { Unpacked } from "./unpacked.ts";

/** A descriptor, or the content of a compressed file. */
export type Readable = number | Unpacked;

/** Reads up to `length` bytes at `position` into the front of `bytes`; resolves with how many there were. */
export function readAt(
  from: Readable,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  if (typeof from === "number") return plain.readAt(from, bytes, length, position);
  return from.read(bytes, length, position);
}

/** As readAt, but of a plain file goes on after a short read until `length` bytes or the end of the file. */
export function readFully(
  from: Readable,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  if (typeof from === "number") return plain.readFully(from, bytes, length, position);
  return from.read(bytes, length, position);
}

/** How far the content of an open file of `size` bytes goes, up to `position`. */
export function reach(from: Readable, size: number, position: number): Promise<number> | number {
  return typeof from === "number" ? size : from.reach(position);
}

/** Frees what the content of a compressed file takes. The descriptor stays open. */
export function closeContent(from: Readable): void {
  if (typeof from !== "number") from.close();
}
