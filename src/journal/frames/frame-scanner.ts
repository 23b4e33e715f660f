/**
 * Finds the frames in the bytes of a segment, and goes on behind what is damaged.
 *
 * A frame counts only with both checksums right. Where a header is damaged, the next valid one is looked for byte by
 * byte; where only a payload is, its header says where the next frame begins.
 */
import { crc32 } from "node:zlib";
import { decodeFrameHeader, frame_header_bytes, frame_magic, type FrameHeader } from "./format.ts";

/** A frame in bytes that were read. */
export interface Frame extends FrameHeader {
  /** Where its payload is in the bytes. */
  readonly start: number;
  readonly end: number;
  /** False where the payload's checksum is wrong. */
  readonly is_whole: boolean;
}

export interface FramesFound {
  readonly frames: Frame[];
  /** Bytes from the start that are done with. */
  readonly done_bytes: number;
  /** Bytes that must be read at once to go on; 0 where it is not known that any more is needed. */
  readonly wanted_bytes: number;
}

/** Finds the frames in `bytes`. `at_end` says that nothing comes after them. */
export function findFrames(bytes: Buffer, tag: Buffer, at_end: boolean): FramesFound {
  const frames: Frame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = decodeFrameHeader(bytes, at, tag);
    if (header === undefined) {
      if (bytes.length - at < frame_header_bytes && !at_end) break;
      at = nextMagic(bytes, at + 1, at_end);
      continue;
    }
    const start = at + frame_header_bytes;
    const end = start + header.payload_bytes;
    if (end > bytes.length) {
      if (!at_end) return { frames, done_bytes: at, wanted_bytes: end - at };
      at = nextMagic(bytes, at + 1, at_end);
      continue;
    }
    const is_whole = crc32(bytes.subarray(start, end)) === header.payload_crc;
    frames.push({ ...header, start, end, is_whole });
    at = end;
  }
  return { frames, done_bytes: at, wanted_bytes: 0 };
}

/** Where the next frame may begin; a start of it that the bytes cut short included, unless they are the last. */
function nextMagic(bytes: Buffer, from: number, at_end: boolean): number {
  const next = bytes.indexOf(frame_magic, from);
  if (next !== -1) return next;
  return at_end ? bytes.length : Math.max(from, bytes.length - frame_magic.length + 1);
}
