/**
 * What both forms of container logs have in common: each line says of which stream it is and when it was written, and holds a
 * record, or a part of one that goes on in the next line of the same stream.
 */
import type { RecordHeader } from "../../../event/block.ts";

export type StreamName = "stdout" | "stderr";

export interface Slice {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a line holds. */
export interface Part {
  readonly stream: StreamName;
  /** Whether the record goes on in the next line of its stream. */
  readonly is_partial: boolean;
  readonly content: Slice;
  readonly header: RecordHeader;
}

export interface LineFormat {
  readonly name: "cri" | "docker";
  /** A line of which so many bytes are there is read as a whole one is; undefined where all of it has to be there. */
  readonly head_bytes?: number;
  /** Bytes of a line beyond which it is none of these. */
  readonly line_bytes_max: number;
  /** Reads `bytes[start, end)`, a line without its end. Text says why it is none of these. */
  read(bytes: Buffer, start: number, end: number): Part | string;
}

/** As `format` reads it, unless it is too long. */
export function readLine(
  format: LineFormat,
  bytes: Buffer,
  start: number,
  end: number,
): Part | string {
  if (end - start <= format.line_bytes_max) return format.read(bytes, start, end);
  return `it is longer than ${format.line_bytes_max} bytes`;
}
