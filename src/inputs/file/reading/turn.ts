/**
 * What one turn of reading came to.
 */
import { Block, type BlockInit } from "../../../event/block.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileCheckpoint } from "../files/identity.ts";

/** Bytes that were read, and the records in them. Nothing is booked before `deliver`. */
export interface Portion {
  readonly count: number;
  /** Bytes consumed, the ends of records and all that is passed over included. */
  readonly bytes: number;
  readonly checkpoint: FileCheckpoint;
  /** Where there are records. */
  readonly records: Omit<BlockInit, "receipt" | "origin"> | undefined;
}

/** What a turn came to. `more` says that there is more to read already. */
export interface Turn {
  readonly kind: "read" | "finished" | "truncated";
  readonly portion?: Portion;
  readonly more: boolean;
  /** NUL bytes that were passed over. */
  readonly nul_bytes: number;
  /** Members of documents that were passed over. */
  readonly members: number;
  /** The file that has to be read first. */
  readonly first?: FollowedFile;
}

/** A turn that found nothing. */
export const nothing: Turn = { kind: "read", more: false, nul_bytes: 0, members: 0 };
/** A turn that found other bytes than were read before. */
export const truncated: Turn = { ...nothing, kind: "truncated" };

/** Books a portion as received, and makes the block of it; undefined where it has no records. */
export function deliver(file: FollowedFile, portion: Portion): Block | undefined {
  const { count, bytes, checkpoint, records } = portion;
  const receipt = file.stream.open(count, bytes, checkpoint, records?.read_at_ms);
  return records && new Block({ ...records, origin: file.origin, receipt });
}
