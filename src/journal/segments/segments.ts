/**
 * The segments of a journal: its files, oldest first, each named by the sequence number of its first event.
 *
 * A segment ends where the next one begins: what else may be at the end of its file was never acknowledged. The
 * newest is never removed, as it says where the sequence goes on. A segment that was given up unread is cut to its
 * beginning, and so says after a restart why its events are not there.
 */
import { join } from "node:path";
import {
  empty_segment_bytes,
  encodeMark,
  encodeSegmentHeader,
  format_version,
  tagOf,
} from "../frames/format.ts";
import type { JournalFile, JournalFiles } from "./files.ts";
import { FreeSpace } from "./free-space.ts";

const name_digits = 16;
/** Of a segment that was begun, and has not got its name yet. */
export const unnamed_suffix = ".new";
export const segment_suffix = ".journal";
const name_pattern = /^\d{16}\.journal$/;

/** One file of the journal. */
export class Segment {
  readonly path: string;
  /** Sequence number of its first event. */
  readonly first: number;
  /** Sequence number after its last event that is safe. */
  end: number;
  /** Bytes of the file up to the end of its last frame that is safe: what may be read. */
  readable_bytes: number;
  /** Bytes that it holds on the disk. */
  bytes: number;
  /** Whether nothing more will be written to it. */
  sealed: boolean;
  /** Whether its events were given up before they were read, for want of room. */
  given_up = false;
  /** Whether it was set aside for someone to look at, as some of it is damaged. */
  set_aside = false;
  readonly created_at_ms: number;

  constructor(
    found: Pick<Segment, "path" | "first" | "end" | "bytes" | "sealed" | "created_at_ms">,
  ) {
    this.path = found.path;
    this.first = found.first;
    this.end = found.end;
    this.readable_bytes = found.bytes;
    this.bytes = found.bytes;
    this.sealed = found.sealed;
    this.created_at_ms = found.created_at_ms;
  }
}

export interface SegmentsDeps {
  directory: string;
  files: JournalFiles;
  /** The journal's id. */
  journal: string;
  /** What recovery found, oldest first. */
  segments: Segment[];
}

export class Segments {
  readonly directory: string;
  readonly files: JournalFiles;
  readonly journal: string;
  /** What is in every frame of the journal. */
  readonly tag: Buffer;
  readonly free_space: FreeSpace;
  readonly #list: Segment[];
  /** The segment that is read now, or was read last. */
  reading: Segment | undefined;

  constructor({ directory, files, journal, segments }: SegmentsDeps) {
    this.directory = directory;
    this.files = files;
    this.journal = journal;
    this.tag = tagOf(journal);
    this.free_space = new FreeSpace(files, directory);
    this.#list = segments;
  }

  get count(): number {
    return this.#list.length;
  }

  /** Bytes of all segments on the disk. */
  get bytes(): number {
    return this.#list.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get oldest(): Segment | undefined {
    return this.#list[0];
  }

  get newest(): Segment | undefined {
    return this.#list.at(-1);
  }

  /** The first segment that may have something for a reader who has come to `sequence`, and has finished `last`. */
  next(sequence: number, last: Segment | undefined): Segment | undefined {
    return this.#list.find(
      (segment) => segment.end > sequence && segment.first > (last?.first ?? -1),
    );
  }

  /**
   * Starts a segment, safely on the disk with its name and what is given of its content. Where there is one of this name already, nothing in it was
   * ever acknowledged: it is replaced, so that there is one or the other. Rejects with the system's error.
   */
  async create(
    first: number,
    created_at_ms: number,
    content: readonly Buffer[] = [],
  ): Promise<{ segment: Segment; file: JournalFile }> {
    const { directory, files, journal } = this;
    const path = join(directory, segmentName(first));
    await files.makeDirectory(directory);
    const file = await this.#createFile(path + unnamed_suffix);
    const header = { version: format_version, journal, first, created_at_ms };
    try {
      const mark = encodeMark(first, created_at_ms, this.tag);
      await file.write([encodeSegmentHeader(header), mark, ...content], 0);
      await file.sync();
      await files.rename(path + unnamed_suffix, path);
      if (this.newest?.first === first) this.#list.pop();
      await files.syncDirectory(directory);
    } catch (cause) {
      await file.close().catch(() => undefined);
      throw cause;
    }
    const bytes = empty_segment_bytes;
    const segment = new Segment({ path, first, end: first, bytes, sealed: false, created_at_ms });
    this.#list.push(segment);
    return { segment, file };
  }

  /** Removes the oldest segments that end at or before `sequence`. Rejects with the system's error. */
  async removeUpTo(sequence: number): Promise<void> {
    for (;;) {
      const [oldest] = this.#list;
      if (oldest === undefined || this.#list.length === 1 || oldest.end > sequence) return;
      await this.files.remove(oldest.path);
      this.#list.shift();
    }
  }

  /** Removes all of them: for a journal that nothing is written to any more. Rejects with the system's error. */
  async removeAll(): Promise<void> {
    for (const { path } of this.#list.splice(0)) await this.files.remove(path);
  }

  /** The oldest segment of which nothing was read yet, and that nobody writes to. */
  oldestUnread(): Segment | undefined {
    return this.#list.find(
      (segment) =>
        segment.sealed &&
        !segment.given_up &&
        segment.end > segment.first &&
        segment.first > (this.reading?.first ?? -1) &&
        segment !== this.newest,
    );
  }

  /**
   * Gives up a segment that was not read yet: the reader passes over it. One that was given up before it is
   * for both, so that they do not become many. Rejects with the system's error.
   */
  async giveUp(segment: Segment): Promise<void> {
    const index = this.#list.indexOf(segment);
    const before = this.#list[index - 1];
    segment.given_up = true;
    if (before?.given_up === true) {
      await this.files.remove(segment.path);
      before.end = segment.end;
      this.#list.splice(this.#list.indexOf(segment), 1);
      return;
    }
    await this.files.truncate(segment.path, empty_segment_bytes);
    segment.bytes = empty_segment_bytes;
  }

  async #createFile(path: string): Promise<JournalFile> {
    try {
      return await this.files.create(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      // It is left from a creation that failed halfway.
      await this.files.remove(path);
      return this.files.create(path);
    }
  }
}

export function segmentName(first: number): string {
  return `${String(first).padStart(name_digits, "0")}${segment_suffix}`;
}

/** The sequence number that a file's name gives; undefined where it is no segment's name. */
export function firstOfName(name: string): number | undefined {
  return name_pattern.test(name) ? Number.parseInt(name, 10) : undefined;
}
