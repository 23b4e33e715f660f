/**
 * The state file as a log: what has changed is appended and synced, and now and then the whole state is written beside it
 * and takes its place, so that the file never is much longer than the state.
 *
 * What cannot be appended is taken back, so that the file always ends with a batch that is whole. After a failed sync nobody knows what
 * the disk has: then, and wherever the file is not as it was left, the next write is a whole one, to a new file.
 */
import { dirname } from "node:path";
import { replacing } from "../platform/files/state-names.ts";
import { systemClock } from "../platform/clock.ts";
import type { PositionedFile } from "../platform/files/positioned-file.ts";
import type { InputBooks } from "./books.ts";
import type { KeptValue } from "./lanes/kept-values.ts";
import type { EpochState } from "./lanes/state.ts";
import type { StreamState } from "./state.ts";
import { format_version, lineOf, type StateLine } from "./state-lines.ts";
import { readState, type ReadState } from "./state-reading.ts";

/** Every call rejects with the system's error. */
export interface StateLogFiles {
  /** Makes a file to be written, where there is none. */
  create(path: string): Promise<PositionedFile>;
  /** Opens the file to read it. */
  openToRead(path: string): Promise<PositionedFile>;
  /** Opens the file to append to it. */
  open(path: string): Promise<PositionedFile>;
  truncate(path: string, length: number): Promise<void>;
  rename(path: string, other: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** When anybody has written the file, or anything of what the system says of it; milliseconds since the epoch. */
  changedMs(path: string): Promise<number>;
  /** Makes sure that the names in the directory outlive a power cut. */
  syncDirectory(path: string): Promise<void>;
}

/** What is to be written: all of it holds at one moment. */
export interface StateChanges {
  readonly inputs: Readonly<Record<string, InputBooks>>;
  readonly streams: readonly StreamState[];
  /** The ids of streams that are no more. */
  readonly forgotten: readonly string[];
  readonly epoch?: EpochState | undefined;
  readonly kept?: readonly KeptValue[];
}

const whole_from_bytes_default = 1024 * 1024;
/** Where no whole state can be written, the log goes on up to so many times the length at which it would have been. */
const patience_factor = 4;
/** By so much the system's time of a change may differ from the time of the write: clocks of file systems are coarse. */
const put_back_ms_apart = 2000;
/** Written at a time. */
const piece_length = 256 * 1024;

/** Where the next batch goes. */
interface End {
  readonly bytes: number;
  readonly batches: number;
  readonly whole_bytes: number;
}

/** A whole state that is written beside the log, and has not taken its place yet. */
interface Begun {
  readonly file: PositionedFile;
  bytes: number;
  lines: number;
}

export class StateLog {
  readonly #path: string;
  readonly #files: StateLogFiles;
  readonly #whole_from_bytes: number;
  /** Undefined where only a whole state may be written. */
  #end: End | undefined;
  #begun: Begun | undefined;
  /** The length at which a whole state is due, after one could not be written. */
  #due_bytes = 0;
  /** Whether somebody else has put the file there that was read: it was changed at another time than it says that it was written. */
  is_put_back = false;
  /** The line of each input's books, and of the epoch, that was written last. */
  #written = new Map<string, string>();

  /** Logs that are shorter than `whole_from_bytes` are not worth a whole write. */
  constructor(path: string, files: StateLogFiles, whole_from_bytes = whole_from_bytes_default) {
    this.#path = path;
    this.#files = files;
    this.#whole_from_bytes = whole_from_bytes;
  }

  /** What the file holds, as readState; it is appended to from now on. Rejects where it cannot be read, or was damaged. */
  async read(file: PositionedFile, kind: "asleep" | "awake"): Promise<ReadState> {
    const read = await readState(file, kind);
    const { bytes, batches, whole_bytes, is_clean, written_ms } = read;
    this.#end = is_clean ? { bytes, batches, whole_bytes } : undefined;
    if (written_ms !== undefined) {
      const changed_ms = await this.#files.changedMs(this.#path);
      this.is_put_back = Math.abs(changed_ms - written_ms) > put_back_ms_apart;
    }
    return read;
  }

  /**
   * Has what was read outlive a power cut: who wrote it may have been killed before that was certain. Where it fails, the next
   * write is a whole one. Never rejects.
   */
  async secure(): Promise<void> {
    try {
      const file = await this.#files.open(this.#path);
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#files.syncDirectory(dirname(this.#path));
    } catch {
      this.#end = undefined;
    }
  }

  /**
   * Where a whole state is due, writes `whole` beside the log. It may change meanwhile: what does has to be in the changes that
   * are written next. Rejects with the system's error where nothing can be appended instead.
   */
  async prepare(whole: Iterable<StateLine>): Promise<void> {
    await this.#abandon();
    const end = this.#end;
    const is_there = end !== undefined && (await this.#isAsLeft(end));
    if (is_there && end.bytes < Math.max(this.#due_bytes, this.#dueBytes(end))) return;
    try {
      await this.#begin(whole);
    } catch (cause) {
      await this.#abandon();
      if (!is_there || end.bytes > this.#dueBytes(end) * patience_factor) throw cause;
      this.#due_bytes = end.bytes + this.#whole_from_bytes;
    }
  }

  /** Writes what has changed, after `prepare`. Rejects with the system's error; what was written before then holds. */
  async write(changes: StateChanges): Promise<void> {
    if (this.#begun !== undefined) return this.#replace(this.#begun, changes);
    const end = this.#end!;
    const written = new Map(this.#written);
    const file = await this.#files.open(this.#path);
    let bytes: number;
    try {
      bytes = await this.#append(file, end, linesOf(changes, written, end.batches));
      // Of a sync that fails nobody knows what it has left.
      this.#end = undefined;
      await file.sync();
    } finally {
      await file.close();
    }
    this.#end = { ...end, bytes, batches: end.batches + 1 };
    this.#written = written;
  }

  async #append(file: PositionedFile, end: End, lines: Iterable<string>): Promise<number> {
    try {
      return (await writeLines(file, end.bytes, lines)).bytes;
    } catch (cause) {
      this.#end = undefined;
      await this.#files.truncate(this.#path, end.bytes);
      this.#end = end;
      throw cause;
    }
  }

  /** Whether nothing has happened to the file since it was written last: a file that was removed has no reader. */
  async #isAsLeft({ bytes }: End): Promise<boolean> {
    try {
      const file = await this.#files.open(this.#path);
      try {
        return (await file.size()) === bytes;
      } finally {
        await file.close();
      }
    } catch {
      return false;
    }
  }

  async #begin(whole: Iterable<StateLine>): Promise<void> {
    const path = this.#path + replacing;
    await this.#remove(path);
    const file = await this.#files.create(path);
    const begun = { file, bytes: 0, lines: 0 };
    this.#begun = begun;
    const { bytes, lines } = await writeLines(file, 0, wholeLines(whole));
    begun.bytes = bytes;
    begun.lines = lines - 1;
  }

  /** Ends the whole state with what has changed while it was written, and has it take the log's place. */
  async #replace(begun: Begun, changes: StateChanges): Promise<void> {
    const written = new Map<string, string>();
    const path = this.#path + replacing;
    try {
      const lines = linesOf(changes, written, 0, begun.lines);
      const { bytes } = await writeLines(begun.file, begun.bytes, lines);
      await begun.file.sync();
      await begun.file.close();
      this.#begun = undefined;
      // Between here and the end nobody knows which of the two files a power cut would leave.
      this.#end = undefined;
      await this.#files.rename(path, this.#path);
      await this.#files.syncDirectory(dirname(this.#path));
      this.#end = { bytes, batches: 1, whole_bytes: bytes };
    } catch (cause) {
      await this.#abandon();
      await this.#remove(path).catch(() => undefined);
      throw cause;
    }
    this.#due_bytes = 0;
    this.#written = written;
  }

  /** The length at which the log is written again as a whole: twice that of the state. */
  #dueBytes({ whole_bytes }: End): number {
    return Math.max(this.#whole_from_bytes, 2 * whole_bytes);
  }

  /** Takes back a whole state that was begun. */
  async #abandon(): Promise<void> {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined) return;
    await begun.file.close().catch(() => undefined);
    await this.#remove(this.#path + replacing).catch(() => undefined);
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#files.remove(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    }
  }
}

function* wholeLines(whole: Iterable<StateLine>): Generator<string> {
  yield lineOf({ format: format_version });
  for (const line of whole) yield lineOf(line);
}

/** The lines of one batch, without books and an epoch that are as they were written last. `before` lines of it are written already. */
function* linesOf(
  { inputs, streams, forgotten, epoch, kept = [] }: StateChanges,
  written: Map<string, string>,
  batch: number,
  before = 0,
): Generator<string> {
  let lines = before;
  for (const id of forgotten) {
    lines += 1;
    yield lineOf({ forgotten: id });
  }
  for (const stream of streams) {
    lines += 1;
    yield lineOf({ stream });
  }
  for (const each of kept) {
    lines += 1;
    yield lineOf(each);
  }
  const repeated = Object.entries(inputs).map(([input, each]) => {
    return [`input ${input}`, { input, books: each }] as [string, StateLine];
  });
  if (epoch !== undefined) repeated.push(["epoch", { epoch }]);
  for (const [what, each] of repeated) {
    const line = lineOf(each);
    if (written.get(what) === line) continue;
    written.set(what, line);
    lines += 1;
    yield line;
  }
  yield lineOf({ end: batch, lines, written_ms: systemClock.now() });
}

/** Writes lines from `position` on, some at a time. Gives where they end, and how many they are. */
async function writeLines(
  file: PositionedFile,
  position: number,
  lines: Iterable<string>,
): Promise<{ bytes: number; lines: number }> {
  let at = position;
  let count = 0;
  let piece = "";
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(piece);
    piece = "";
    await file.write([bytes], at);
    at += bytes.length;
  };
  for (const line of lines) {
    piece += line;
    count += 1;
    if (piece.length >= piece_length) await flush();
  }
  if (piece.length > 0) await flush();
  return { bytes: at, lines: count };
}
