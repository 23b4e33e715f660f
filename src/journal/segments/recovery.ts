/**
 * Finds out at the start what is in a journal's directory. It changes nothing but what is in the way: a segment that
 * was only begun is removed, and a file that is no segment of this journal is moved aside.
 *
 * Only the newest segment is read to its end, to know which sequence number comes next; damage is found, and
 * counted, when the reader comes to it.
 */
import { dirname, join } from "node:path";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { damaged_directory } from "./damaged.ts";
import type { JournalFile, JournalFiles } from "./files.ts";
import {
  decodeSegmentHeader,
  empty_segment_bytes,
  format_version,
  frame_magic,
  frameTagAt,
  makeJournalId,
  segment_header_bytes,
  tagOf,
  type SegmentHeader,
} from "../frames/format.ts";
import { findFrames } from "../frames/frame-scanner.ts";
import { readTolerantly } from "./read-tolerantly.ts";
import { firstOfName, Segment, segment_suffix, unnamed_suffix } from "./segments.ts";

const MiB = 1024 * 1024;
const chunk_bytes = MiB;

export interface RecoveryDeps {
  directory: string;
  files: JournalFiles;
  log: Logger;
  /** The ids of journals that the state file knows for this input. */
  known_journals: readonly string[];
}

/** What there is. */
export interface Recovered {
  /** Undefined where there is no journal. */
  readonly journal: string | undefined;
  readonly segments: Segment[];
  /** Bytes at the end that are no whole frame: of a write that was never acknowledged. */
  readonly torn_bytes: number;
}

/** A file with a segment's name. */
interface Candidate {
  readonly path: string;
  readonly first: number;
  readonly size: number;
  readonly header: SegmentHeader | undefined;
  /** The tag in the first frame that can be read. */
  readonly tag: Buffer | undefined;
}

/** Rejects with the system's error where the directory cannot be read. */
export async function recover(deps: RecoveryDeps): Promise<Recovered> {
  const { files, directory, known_journals } = deps;
  const candidates: Candidate[] = [];
  for (const name of await listDirectory(files, directory)) {
    const path = join(directory, name);
    if (name.endsWith(segment_suffix + unnamed_suffix)) {
      await files.remove(path).catch(() => undefined);
    }
    const first = firstOfName(name);
    if (first !== undefined) candidates.push(await examine(files, path, first));
  }
  const journal = journalOf(candidates, known_journals);
  if (journal === undefined) return { journal, segments: [], torn_bytes: 0 };
  const own = await ownSegments(candidates, journal, deps);
  const segments = own.map(
    ({ path, first, size, header }) =>
      new Segment({
        path,
        first,
        end: first,
        bytes: size,
        sealed: true,
        created_at_ms: header?.created_at_ms ?? 0,
      }),
  );
  segments.forEach((segment, index) => {
    const next = segments[index + 1];
    if (next === undefined) return;
    segment.end = next.first;
    segment.given_up = segment.bytes <= empty_segment_bytes;
  });
  const newest = segments.at(-1);
  const torn_bytes = newest === undefined ? 0 : await findEnd(files, newest, tagOf(journal));
  return { journal, segments, torn_bytes };
}

async function listDirectory(files: JournalFiles, directory: string): Promise<string[]> {
  try {
    return (await files.list(directory)).sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

async function examine(files: JournalFiles, path: string, first: number): Promise<Candidate> {
  const file = await files.open(path);
  try {
    const size = await file.size();
    const bytes = Buffer.alloc(Math.min(chunk_bytes, size));
    await readTolerantly(file, bytes, 0);
    const header = decodeSegmentHeader(bytes);
    return { path, first, size, header, tag: header ? tagOf(header.journal) : firstTag(bytes) };
  } finally {
    await file.close();
  }
}

function firstTag(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf(frame_magic); at !== -1; at = bytes.indexOf(frame_magic, at + 1)) {
    const tag = frameTagAt(bytes, at);
    if (tag !== undefined) return tag;
  }
  return undefined;
}

/** The journal that the segments belong to: one that is known, or else the newest segment's. */
function journalOf(
  candidates: readonly Candidate[],
  known_journals: readonly string[],
): string | undefined {
  const found = candidates.filter(({ tag }) => tag !== undefined);
  const known = known_journals.find((journal) =>
    found.some(({ tag }) => tag!.equals(tagOf(journal))),
  );
  if (known !== undefined) return known;
  const named = found.findLast(({ header }) => header !== undefined);
  if (named !== undefined) return named.header!.journal;
  const newest = found.at(-1);
  return newest && makeJournalId(newest.tag);
}

/** The candidates that are segments of the journal; what else has content is moved aside, as its name is needed. */
async function ownSegments(
  candidates: readonly Candidate[],
  journal: string,
  { directory, files, log }: RecoveryDeps,
): Promise<Candidate[]> {
  const own: Candidate[] = [];
  for (const candidate of candidates) {
    const { path, first, size, header, tag } = candidate;
    if (tag?.equals(tagOf(journal)) === true && (header === undefined || isOwn(header, first))) {
      own.push(candidate);
      continue;
    }
    // Nothing was ever written to such a segment, and what it began with did not reach the disk.
    if (tag === undefined && size <= empty_segment_bytes) continue;
    const aside = join(directory, damaged_directory, path.slice(directory.length + 1));
    try {
      await files.makeDirectory(join(directory, damaged_directory));
      await files.rename(path, aside);
      log.error(
        "journal_foreign_file",
        { file: aside },
        "A file that does not belong to this journal was moved aside.",
      );
    } catch (cause) {
      log.error(
        "journal_foreign_file_stuck",
        { file: path, error: messageOf(cause) },
        "A file that does not belong to this journal cannot be moved aside.",
      );
    }
  }
  return own;
}

function isOwn(header: SegmentHeader, first: number): boolean {
  return header.version === format_version && header.first === first;
}

/** Finds out how far the newest segment goes, and gives the bytes behind its last frame. */
async function findEnd(files: JournalFiles, segment: Segment, tag: Buffer): Promise<number> {
  const file = await files.open(segment.path);
  try {
    let offset = Math.min(segment_header_bytes, segment.bytes);
    let end = offset;
    let wanted_bytes = chunk_bytes;
    while (offset < segment.bytes) {
      const found = await readFrames(file, { segment, offset, wanted_bytes, tag });
      for (const frame of found.frames) {
        end = offset + frame.end;
        segment.end = Math.max(segment.end, frame.first + frame.events);
      }
      offset += found.done_bytes;
      wanted_bytes = Math.max(chunk_bytes, found.wanted_bytes);
    }
    segment.readable_bytes = end;
    // A process that was killed may have left what only the system's memory has, the segment's name as well. Where
    // the disk fails that, it is in no greater danger than it was.
    await file.sync().catch(() => undefined);
    await files.syncDirectory(dirname(segment.path)).catch(() => undefined);
    return segment.bytes - end;
  } finally {
    await file.close();
  }
}

async function readFrames(
  file: JournalFile,
  at: { segment: Segment; offset: number; wanted_bytes: number; tag: Buffer },
) {
  const rest_bytes = at.segment.bytes - at.offset;
  const bytes = Buffer.allocUnsafeSlow(Math.min(at.wanted_bytes, rest_bytes)).fill(0);
  await readTolerantly(file, bytes, at.offset);
  return findFrames(bytes, at.tag, bytes.length === rest_bytes);
}
