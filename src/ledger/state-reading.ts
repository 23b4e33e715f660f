/**
 * Reading the lines of a state file: every batch that is whole, and what follows the last one.
 *
 * A batch is synced before the next one is begun. So a crash can tear only the last one, and that one was in no written
 * state: it is passed over. Where a whole one follows one that is not, the file was damaged later: nothing of it is guessed at.
 */
import type { PositionedFile } from "../platform/files/positioned-file.ts";
import type { InputBooks } from "./books.ts";
import type { LedgerState, StreamState } from "./state.ts";
import { StreamsRead, type ReadStream } from "./asleep/streams-read.ts";
import type { EpochState } from "./lanes/state.ts";
import { contentOf, type End, format_version, readContent, type StateLine } from "./state-lines.ts";

const chunk_bytes = 1024 * 1024;
const line_feed = 0x0a;

/** What a state file holds. */
export interface ReadState {
  readonly state: LedgerState;
  /** Bytes of the first batch, which is the whole state as it was then. */
  readonly whole_bytes: number;
  /** Bytes of all batches that are whole. */
  readonly bytes: number;
  /** How many they are. */
  readonly batches: number;
  /** Whether nothing follows them. */
  readonly is_clean: boolean;
  /** When the last of them was written, milliseconds since the epoch; undefined where an earlier version wrote it. */
  readonly written_ms: number | undefined;
}

/** A line that was read, with its stream packed where there may be very many. */
type Pending = Exclude<StateLine, { stream: StreamState }> | { read: ReadStream<StreamState> };

/**
 * The state, with streams of which there may be very many `asleep`, or all of them `awake`. Rejects with the system's error, and
 * where the file was damaged or is of another format.
 */
export async function readState(
  file: PositionedFile,
  kind: "asleep" | "awake",
): Promise<ReadState> {
  const batches = new Batches(kind);
  await readLines(file, (line, end) => batches.add(contentOf(line), end));
  return batches.result(await file.size());
}

class Batches {
  readonly #inputs: Record<string, InputBooks> = {};
  readonly #streams: StreamsRead<StreamState>;
  #epoch: EpochState | undefined;
  readonly #kept = new Map<string, unknown>();
  #pending: Pending[] = [];
  #first_lines = 0;
  #count = 0;
  #whole_bytes = 0;
  #bytes = 0;
  #written_ms: number | undefined;
  /** Whether a line was met that is damaged, or not where it should be. */
  #is_torn = false;
  #lines = 0;

  constructor(kind: "asleep" | "awake") {
    this.#streams = new StreamsRead(kind);
  }

  /** Takes what a line has behind its checksum. */
  add(content: Buffer | undefined, end: number): void {
    this.#lines += 1;
    if (this.#lines === 1) return readFormat(content && readContent(content));
    if (content === undefined) {
      this.#is_torn = true;
      return;
    }
    const read = this.#is_torn ? undefined : this.#streams.takeText(content);
    const line = read === undefined ? readContent(content) : { read };
    if ("end" in line) this.#end(line, end);
    else if (!this.#is_torn) this.#take("stream" in line ? this.#packed(line) : line);
  }

  #packed({ stream }: { stream: StreamState }): Pending {
    return { read: this.#streams.take(stream) };
  }

  /** Has a line hold when its batch has ended. Without the first batch there is no state, so that its lines need not wait. */
  #take(line: Pending): void {
    if (this.#count > 0) {
      this.#pending.push(line);
      return;
    }
    this.#first_lines += 1;
    this.#apply(line);
  }

  result(size: number): ReadState {
    if (this.#count === 0) throw new Error("its first part is damaged");
    for (const line of this.#pending) if ("read" in line) this.#streams.drop(line.read);
    return {
      state: {
        inputs: this.#inputs,
        ...this.#streams.result(),
        epoch: this.#epoch,
        kept: [...this.#kept].map(([kept, value]) => ({ kept, value })),
      },
      whole_bytes: this.#whole_bytes,
      bytes: this.#bytes,
      batches: this.#count,
      is_clean: size === this.#bytes,
      written_ms: this.#written_ms,
    };
  }

  #end({ end: number, lines, written_ms }: End, end: number): void {
    // What was synced before the next batch was begun is not whole any more.
    if (this.#count > 0 && number > this.#count) throw new Error("it is damaged");
    const count = this.#count === 0 ? this.#first_lines : this.#pending.length;
    const is_whole = !this.#is_torn && number === this.#count && lines === count;
    const pending = this.#pending;
    this.#pending = [];
    if (!is_whole) {
      this.#is_torn = true;
      for (const line of pending) if ("read" in line) this.#streams.drop(line.read);
      return;
    }
    for (const line of pending) this.#apply(line);
    this.#count += 1;
    this.#bytes = end;
    this.#written_ms = written_ms;
    if (number === 0) this.#whole_bytes = end;
  }

  #apply(line: Pending): void {
    if ("read" in line) this.#streams.put(line.read);
    else if ("forgotten" in line) this.#streams.forget(line.forgotten);
    else if ("books" in line) setOwn(this.#inputs, line.input, line.books);
    else if ("epoch" in line) this.#epoch = line.epoch;
    else if ("kept" in line && line.value === undefined) this.#kept.delete(line.kept);
    else if ("kept" in line) this.#kept.set(line.kept, line.value);
  }
}

/** An input may be called as something that every object has. */
function setOwn(inputs: Record<string, InputBooks>, name: string, value: InputBooks): void {
  Object.defineProperty(inputs, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function readFormat(line: StateLine | undefined): void {
  if (line === undefined || !("format" in line)) throw new Error("its first line is damaged");
  if (line.format !== format_version) throw new Error("it is of another version");
}

/**
 * Calls `take` with each line without its end, and where the next one begins. What has no end is none. The bytes of a line are
 * used again once `take` has returned: new ones for each piece would cost more than all that is done with them.
 */
async function readLines(
  file: PositionedFile,
  take: (line: Buffer, end: number) => void,
): Promise<void> {
  let bytes = Buffer.allocUnsafeSlow(2 * chunk_bytes);
  /** Where in the file they begin, and how many are there already. */
  let at = 0;
  let known = 0;
  for (;;) {
    if (bytes.length - known < chunk_bytes) {
      const more = Buffer.allocUnsafeSlow(2 * bytes.length);
      bytes.copy(more, 0, 0, known);
      bytes = more;
    }
    const count = await file.read(bytes.subarray(known, known + chunk_bytes), at + known);
    if (count === 0) return;
    const all = bytes.subarray(0, known + count);
    let from = 0;
    // What was left had no end.
    let end = all.indexOf(line_feed, known);
    for (; end !== -1; end = all.indexOf(line_feed, from)) {
      take(all.subarray(from, end), at + end + 1);
      from = end + 1;
    }
    all.copyWithin(0, from);
    at += from;
    known = all.length - from;
  }
}
