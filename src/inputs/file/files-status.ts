/**
 * How a file input is: where in which file, and how far behind.
 */
import type { Encoding } from "../framing/decoding/encodings.ts";
import type { FollowedFile, FileState } from "./files/followed-file.ts";
import { globMatches, type Glob } from "./discovery/globs.ts";
import type { FileCheckpoint } from "./files/identity.ts";
import type { NotFollowed, Unreadable } from "./files/not-followed.ts";
import type { Refusal } from "./discovery/refusal.ts";

/** A file that is followed, at one moment. */
export interface FileStatus {
  /** Where it is now, or was last. */
  readonly path: string;
  readonly state: FileState;
  readonly size_bytes: number;
  /** Read so far. */
  readonly read_bytes: number;
  /** Up to there every event has its fate. */
  readonly settled_bytes: number;
  /** Not settled, or not even read. */
  readonly lag_bytes: number;
  /** When the oldest of these came in, milliseconds since the epoch; undefined where nothing but an unfinished line is left. */
  readonly oldest_at_ms: number | undefined;
  /** At its end, of a record that has no end yet. */
  readonly unfinished_bytes: number;
  /** When the first of these came in, milliseconds since the epoch; undefined where there are none. */
  readonly unfinished_at_ms: number | undefined;
  /** What the system last said, such as EACCES, while it cannot be read. */
  readonly trouble: string | undefined;
  /** What it is decoded from, where it is not UTF-8. */
  readonly encoding: Encoding | undefined;
  /** Whether some of its records are in another encoding than the file. */
  readonly is_mixed: boolean;
}

export interface FilesStatus {
  readonly files: readonly FileStatus[];
  /** Files whose handle is open. */
  readonly open: number;
  /** Whether records without an end are shipped after some time, whatever they are. */
  readonly is_flushing: boolean;
  /** Of the configured paths, those that no file matches now, and nothing that is refused or cannot be read. */
  readonly unmatched: readonly string[];
  /** Files that match and cannot be opened, and directories that cannot be listed. */
  readonly unreadable: readonly Unreadable[];
  /** What matches and is not followed, and why. */
  readonly refused: readonly Refusal[];
  /** Since when the input is not read on, for want of room where its events go, milliseconds since the epoch. */
  readonly waiting_since_ms: number | undefined;
}

export function fileStatus(file: FollowedFile): FileStatus {
  const { identity, stream, state, offset, trouble, encoding, is_mixed } = file;
  const settled_bytes = Math.min(offset, (stream.checkpoint as FileCheckpoint).offset);
  const is_over = state === "finished" || state === "retired";
  const end = is_over ? offset : Math.max(identity.size, offset);
  return {
    path: file.path ?? identity.path,
    state,
    size_bytes: identity.size,
    read_bytes: offset,
    settled_bytes,
    lag_bytes: end - settled_bytes,
    oldest_at_ms: earliest(stream.oldest_open_ms, is_over ? undefined : unreadSince(file)),
    ...(is_over ? nothing_unfinished : unfinishedOf(file)),
    trouble,
    encoding: encoding === "utf-8" ? undefined : encoding,
    is_mixed,
  };
}

const nothing_unfinished = { unfinished_bytes: 0, unfinished_at_ms: undefined };

function unfinishedOf(
  file: FollowedFile,
): Pick<FileStatus, "unfinished_bytes" | "unfinished_at_ms"> {
  const { long, at_end, offset } = file;
  const unfinished_bytes = long?.scanned_bytes ?? file.unfinished_bytes;
  if (!at_end || unfinished_bytes === 0) return nothing_unfinished;
  return { unfinished_bytes, unfinished_at_ms: file.sizes.timeOf(offset) };
}

/**
 * Of the paths, those that lead to none of the files, and to nothing that is not followed. A file that was rotated, and is
 * still there, counts for the path that led to it: where rotation makes no new one, there is none before the next event.
 */
export function unmatchedPaths(
  globs: ReadonlyMap<string, readonly Glob[]>,
  files: Iterable<FollowedFile>,
  { obstructed, unreadable }: Pick<NotFollowed, "obstructed" | "unreadable">,
): string[] {
  const known = [...files].filter(
    ({ state, path }) =>
      state === "live" || (path !== undefined && (state === "leaving" || state === "finished")),
  );
  const paths = [
    ...known.map(({ identity }) => identity.path),
    ...unreadable.map(({ path }) => path),
  ];
  const isLed = (glob: Glob): boolean =>
    obstructed.has(glob) || paths.some((path) => globMatches(glob, path));
  return [...globs].filter(([, each]) => !each.some(isLed)).map(([text]) => text);
}

/** A line that is not ended yet is not read, however long it is there. */
function unreadSince(file: FollowedFile): number | undefined {
  if (file.identity.size <= file.end_bytes && file.at_end) return undefined;
  return file.sizes.timeOf(file.offset);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
