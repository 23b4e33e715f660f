/**
 * The bytes of segment headers and frame headers; docs/formats/journal.md has their pictures.
 *
 * A frame's header has a checksum of its own, so that it says how many events were lost where only the payload is
 * damaged. A mark is a frame without events. Numbers are little-endian.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

export const format_version = 1;
export const segment_header_bytes = 48;
export const frame_header_bytes = 40;
/** A segment begins with its header and a mark, so that its place is known although one of them is damaged. */
export const empty_segment_bytes = segment_header_bytes + frame_header_bytes;

const segment_magic = Buffer.from("TALLYJNL");
export const frame_magic = Buffer.from([0xf7, 0x54, 0x4a, 0x46]);
/** A journal's id, in hex. */
const id_bytes = 16;
/** The first bytes of the id, that are in every frame: no event can hold what passes for a frame of the journal. */
const tag_bytes = 4;

export interface SegmentHeader {
  readonly version: number;
  readonly journal: string;
  /** Sequence number of its first event. */
  readonly first: number;
  readonly created_at_ms: number;
}

export interface FrameHeader {
  readonly payload_bytes: number;
  /** Sequence number of its first event. */
  readonly first: number;
  /** How many sequence numbers it takes. */
  readonly events: number;
  readonly written_at_ms: number;
  readonly payload_crc: number;
}

/** A new journal's id, or one with a known tag. */
export function makeJournalId(tag: Buffer = randomBytes(tag_bytes)): string {
  return Buffer.concat([tag, randomBytes(id_bytes - tag_bytes)]).toString("hex");
}

export function tagOf(journal: string): Buffer {
  return Buffer.from(journal, "hex").subarray(0, tag_bytes);
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segment_header_bytes);
  segment_magic.copy(bytes, 0);
  bytes.writeUInt32LE(header.version, 8);
  bytes.write(header.journal, 12, "hex");
  bytes.writeUIntLE(header.first, 28, 6);
  bytes.writeUIntLE(header.created_at_ms, 36, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 44)), 44);
  return bytes;
}

/** Undefined where it is not one, or damaged. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segment_header_bytes) return undefined;
  if (bytes.compare(segment_magic, 0, 8, 0, 8) !== 0) return undefined;
  if (crc32(bytes.subarray(0, 44)) !== bytes.readUInt32LE(44)) return undefined;
  return {
    version: bytes.readUInt32LE(8),
    journal: bytes.toString("hex", 12, 28),
    first: bytes.readUIntLE(28, 6),
    created_at_ms: bytes.readUIntLE(36, 6),
  };
}

/** Writes a frame's header to `target` from `at`. */
export function encodeFrameHeader(
  header: FrameHeader,
  tag: Buffer,
  target: Buffer,
  at: number,
): void {
  frame_magic.copy(target, at);
  target.writeUInt32LE(header.payload_bytes, at + 4);
  target.writeUIntLE(header.first, at + 8, 6);
  target.writeUInt16LE(0, at + 14);
  target.writeUInt32LE(header.events, at + 16);
  tag.copy(target, at + 20);
  target.writeUIntLE(header.written_at_ms, at + 24, 6);
  target.writeUInt16LE(0, at + 30);
  target.writeUInt32LE(header.payload_crc, at + 32);
  target.writeUInt32LE(crc32(target.subarray(at, at + 36)), at + 36);
}

/** The tag of the frame header at `at`; undefined where none is there, or a damaged one. */
export function frameTagAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + frame_header_bytes > bytes.length) return undefined;
  if (bytes.compare(frame_magic, 0, 4, at, at + 4) !== 0) return undefined;
  if (crc32(bytes.subarray(at, at + 36)) !== bytes.readUInt32LE(at + 36)) return undefined;
  return bytes.subarray(at + 20, at + 20 + tag_bytes);
}

/** The frame header at `at`; undefined where none of the journal is there, or a damaged one. */
export function decodeFrameHeader(bytes: Buffer, at: number, tag: Buffer): FrameHeader | undefined {
  if (frameTagAt(bytes, at)?.equals(tag) !== true) return undefined;
  return {
    payload_bytes: bytes.readUInt32LE(at + 4),
    first: bytes.readUIntLE(at + 8, 6),
    events: bytes.readUInt32LE(at + 16),
    written_at_ms: bytes.readUIntLE(at + 24, 6),
    payload_crc: bytes.readUInt32LE(at + 32),
  };
}

/** A mark: it says which sequence number comes next, so that a loss of the frame before it is counted exactly. */
export function encodeMark(next: number, written_at_ms: number, tag: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(frame_header_bytes);
  const header = { payload_bytes: 0, first: next, events: 0, written_at_ms, payload_crc: 0 };
  encodeFrameHeader(header, tag, bytes, 0);
  return bytes;
}
