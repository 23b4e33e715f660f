/**
 * How a file input is: where in which file, and how far behind.
 */
import type { Encoding } from "../framing/decoding/encodings.ts";
import type { FollowedFile } from "./files/followed-file.ts";
import type { FileState } from "./known/file-state.ts";
import { globMatches, type Glob } from "./discovery/globs.ts";
import type { Sleepers } from "./files/sleepers.ts";
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
  /**
   * Where it is compressed: its own size. How much it holds is known only when it is read to its end; until then `size_bytes`
   * is what was read and, of what is not decompressed yet, the compressed bytes. So the lag is at least as much as it says.
   */
  readonly compressed_bytes?: number | undefined;
}

/** A configured path that leads to excluded files, and to nothing else. */
export interface ExcludedPath {
  readonly path: string;
  /** One of them. */
  readonly such_as: string;
}

/** Files at rest that are listed among those of which nothing is to be said. */
const listed_max = 200;

export interface FilesStatus {
  readonly files: readonly FileStatus[];
  /** Further files, which are read to their end and settled, and the bytes of them together. */
  readonly further: { readonly files: number; readonly bytes: number };
  /** Files whose handle is open. */
  readonly open: number;
  /** Whether records without an end are shipped after some time, whatever they are. */
  readonly is_flushing: boolean;
  /** Of the configured paths, those that no file matches now, and nothing that is excluded, refused or cannot be read. */
  readonly unmatched: readonly string[];
  /** Those that only excluded files match. */
  readonly excluded: readonly ExcludedPath[];
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
  const size_bytes = identity.size + unpackedLater(file);
  const end = is_over ? offset : Math.max(size_bytes, offset);
  return {
    path: file.path ?? identity.path,
    state,
    size_bytes,
    read_bytes: offset,
    settled_bytes,
    lag_bytes: end - settled_bytes,
    oldest_at_ms: earliest(stream.oldest_open_ms, is_over ? undefined : unreadSince(file)),
    ...(is_over ? nothing_unfinished : unfinishedOf(file)),
    trouble,
    encoding: encoding === "utf-8" ? undefined : encoding,
    is_mixed,
    compressed_bytes: identity.packed === undefined ? undefined : file.packed_size,
  };
}

/** How the files that sleep are: some of them as the others, and how many more there are. */
export function asleepStatus(sleepers: Sleepers): Pick<FilesStatus, "files" | "further"> {
  const some = sleepers.some(listed_max);
  const files = some.map(({ identity, checkpoint }): FileStatus => {
    const { offset } = checkpoint;
    return {
      path: identity.path,
      state: "live",
      size_bytes: offset,
      read_bytes: offset,
      settled_bytes: offset,
      lag_bytes: 0,
      oldest_at_ms: undefined,
      ...nothing_unfinished,
      trouble: undefined,
      encoding: undefined,
      is_mixed: false,
      compressed_bytes: undefined,
    };
  });
  const listed_bytes = files.reduce((sum, { settled_bytes }) => sum + settled_bytes, 0);
  const further = { files: sleepers.count - some.length, bytes: sleepers.bytes - listed_bytes };
  return { files, further };
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

/** Compressed bytes that are not decompressed yet. */
function unpackedLater({ identity, state, packed_size, packed_read_bytes }: FollowedFile): number {
  if (identity.packed === undefined || state === "finished") return 0;
  return Math.max(0, packed_size - packed_read_bytes);
}

/**
 * Of the paths, those that lead to none of the files, and to nothing that is not followed, or only to what is excluded. A file that was rotated, and is
 * still there, counts for the path that led to it: where rotation makes no new one, there is none before the next event.
 */
export function unmatchedPaths(
  globs: ReadonlyMap<string, readonly Glob[]>,
  files: Iterable<FollowedFile>,
  notFollowed: Pick<
    NotFollowed,
    "obstructed" | "unreadable" | "refused" | "excluded" | "passed_over"
  >,
): Pick<FilesStatus, "unmatched" | "excluded"> {
  const { obstructed, unreadable, refused, excluded, passed_over } = notFollowed;
  const known = [...files].filter(
    ({ state, path }) =>
      state === "live" || (path !== undefined && (state === "leaving" || state === "finished")),
  );
  const paths = [
    ...known.map(({ identity }) => identity.path),
    ...unreadable.map(({ path }) => path),
    ...refused.map(({ path }) => path),
  ];
  const isLed = (glob: Glob): boolean =>
    obstructed.has(glob) || passed_over.has(glob) || paths.some((path) => globMatches(glob, path));
  const unled = [...globs].filter(([, each]) => !each.some(isLed));
  const found = unled.map(([path, each]) => {
    const glob = each.find((one) => excluded.has(one));
    return { path, such_as: glob && excluded.get(glob) };
  });
  return {
    unmatched: found.filter(({ such_as }) => such_as === undefined).map(({ path }) => path),
    excluded: found.flatMap(({ path, such_as }) =>
      such_as === undefined ? [] : { path, such_as },
    ),
  };
}

/** A line that is not ended yet is not read, however long it is there. */
function unreadSince(file: FollowedFile): number | undefined {
  // Of what is compressed it is not known when which part was written.
  if (file.identity.packed !== undefined && !file.at_end) return file.identity.mtime_ms;
  if (file.identity.size <= file.end_bytes && file.at_end) return undefined;
  return file.sizes.timeOf(file.offset);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
