/**
 * What is needed to read a log as an input would: how it becomes records, and who takes them.
 */
import type { InputOptions } from "../../config/inputs.ts";
import type { Origin, Records } from "../../event/block.ts";
import type { ChosenFraming } from "../../inputs/framing-option.ts";
import type { ChosenEncoding } from "../../inputs/framing/decoding/encodings.ts";
import type { Clock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";

/** How bytes become records. */
export interface ReadingOptions {
  readonly framing: ChosenFraming;
  readonly encoding: ChosenEncoding;
  readonly max_event_bytes: number;
}

export interface LogReading extends ReadingOptions {
  readonly origin: Origin;
  readonly clock: Clock;
  /** Takes records. They are valid until its promise resolves; false for no more. Never rejects. */
  readonly take: (records: Records) => Promise<boolean>;
  /** About how much of a file is read at most. Default: all. */
  readonly bytes_max?: number;
  /** Called with the bytes that were read since the last call. */
  readonly progress?: (bytes: number) => void;
}

/** Of an input that says nothing of it. */
const default_event_bytes_max = 1024 * 1024;

/** What of an input's options says how bytes become records. */
export function readingOptionsOf(options: InputOptions): ReadingOptions {
  const {
    framing = { lines: {} },
    encoding = "auto",
    max_event_bytes = default_event_bytes_max,
  } = options as Partial<ReadingOptions>;
  return { framing, encoding, max_event_bytes };
}

/** The error for a log that cannot be read. */
export function unreadable(path: string, reason: string, cause?: unknown): TallymanError {
  return new TallymanError("log_unreadable", `${path}: ${reason}`, { file: path }, { cause });
}
