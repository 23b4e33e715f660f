/**
 * Says what could not be read, was passed over, or is not what it should be: in the books and in the log, with numbers.
 */
import { whatToDo } from "../../framing/fitting.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { FileInputContext } from "./context.ts";
import type { Packed } from "../unpacking/packed.ts";

const checksum_wrong =
  "The checksum of a compressed file is wrong. Its events were shipped, and may not be what was written.";
const members_skipped =
  "Skipped members of documents that are beside the array of records. They are not shipped.";

/** Passed-over bytes are logged again each time they have become this many times more. */
const nul_log_factor = 16;

/** Books bytes that existed and cannot be read any more. */
export function loseBytes(
  { streams, log, input }: FileInputContext,
  file: FollowedFile,
  reason: "truncated" | "deleted",
  bytes: number,
): void {
  if (bytes <= 0) return;
  streams.lose(reason, bytes);
  log.warn(
    "file_lost_bytes",
    { input, path: file.identity.path, lost_bytes: bytes, read_bytes: file.offset, reason },
    `File was ${reason} before it was read: at least ${bytes} bytes are lost.`,
  );
}

/** How a compressed file ended: what it is known by now, and what of it could not be decompressed. */
export interface Ending {
  readonly packed: Packed;
  /** Compressed bytes that could not be decompressed, or are missing, and were not counted before. */
  readonly lost_bytes: number;
  /** Where in the compressed file they begin. */
  readonly position: number;
  /** Undefined where it is whole. */
  readonly damage: "truncated" | "damaged" | undefined;
  /** Members whose content is not what their checksum says. */
  readonly mismatches: number;
}

/** Takes note of the end of a compressed file, and books what could not be read of it. */
export function reportEnding(
  { streams, log, input }: FileInputContext,
  file: FollowedFile,
  { packed, lost_bytes, position, damage, mismatches }: Ending,
): void {
  file.repack(packed);
  file.packed_read_bytes = packed.size;
  const facts = { input, path: file.path ?? file.identity.path };
  if (mismatches > 0) {
    streams.mayHaveLost(file.offset);
    log.warn("file_checksum_wrong", { ...facts, members: mismatches }, checksum_wrong);
  }
  if (damage === undefined) return;
  streams.lose("damaged", lost_bytes);
  log.warn(
    "file_damaged",
    { ...facts, lost_bytes, position, read_bytes: file.offset, damage },
    damage === "truncated"
      ? `Compressed file ends before its data does: at least ${lost_bytes} compressed bytes are missing. What could be read is shipped.`
      : `Compressed file is damaged at byte ${position}: ${lost_bytes} compressed bytes cannot be read. What comes before them is shipped.`,
  );
}

/** Logs NUL bytes that were passed over: for the first ones of a file, and then ever more rarely. */
export function reportNuls(
  { log, input }: FileInputContext,
  file: FollowedFile,
  bytes: number,
): void {
  if (bytes === 0) return;
  const before = file.nul_bytes;
  file.nul_bytes += bytes;
  if (before > 0 && orderOf(file.nul_bytes) === orderOf(before)) return;
  const { path } = file.identity;
  log.info(
    "file_nul_bytes",
    { input, path, nul_bytes: file.nul_bytes },
    "Skipped NUL bytes before lines.",
  );
}

/** Logs members around the records that were passed over: for the first ones of a file, and then ever more rarely. */
export function reportMembers(
  { log, input }: FileInputContext,
  file: FollowedFile,
  members: number,
): void {
  if (members === 0) return;
  const before = file.members;
  file.members += members;
  if (before > 0 && orderOf(file.members) === orderOf(before)) return;
  const { path } = file.identity;
  log.info("file_members_skipped", { input, path, members: file.members }, members_skipped);
}

/** Counts, and logs once for each file, that it was changed in a way that no comparison shows. */
export function reportTouched({ streams, log, input }: FileInputContext, file: FollowedFile): void {
  // Of an empty one nothing was read that could have been overwritten.
  if (file.offset === 0) return;
  streams.mayHaveLost(file.offset);
  if (file.is_touch_reported) return;
  file.is_touch_reported = true;
  log.warn(
    "file_changed_in_place",
    { input, path: file.identity.path, maybe_lost_bytes: file.offset },
    "File changed without growing, and compared bytes are the same. Events are lost only if the same bytes were written again.",
  );
}

/** Logs once for each file that it is decoded, and once that a part of it is in another encoding. */
export function reportEncoding({ log, input }: FileInputContext, file: FollowedFile): void {
  const { encoding, former_framer: former } = file;
  const { path } = file.identity;
  if (file.reported_encoding !== encoding && encoding !== undefined) {
    file.reported_encoding = encoding;
    if (former !== undefined || encoding !== "utf-8") {
      const facts = {
        input,
        path,
        encoding,
        ...(former && { offset: former.offset, former: former.id }),
      };
      log.info("file_encoding", facts, "File's encoding was recognised. Its records are decoded.");
    }
  }
  if (!file.is_mixed || file.is_mixture_reported) return;
  file.is_mixture_reported = true;
  log.warn(
    "file_not_utf8",
    { input, path, encoding },
    "Some records of the file are in another encoding than the file: steps find no fields in them. Have all of it written in one encoding.",
  );
}

/** Logs that the framing does not fit a file, and which one does. */
export function reportMisfit({ log, input }: FileInputContext, file: FollowedFile): void {
  const { misfit, identity } = file;
  if (misfit === undefined) return;
  const { fitting, seen } = misfit;
  log.warn(
    "file_framing_unfit",
    { input, path: identity.path, ...(fitting !== undefined && { fitting }) },
    `File ${seen}. ${whatToDo(misfit)}`,
  );
}

function orderOf(bytes: number): number {
  return Math.floor(Math.log(bytes) / Math.log(nul_log_factor));
}
