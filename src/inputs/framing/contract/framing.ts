/**
 * What a framing is to a user: a name, options, and what `check` says of it. Each makes the framer that does the work.
 */
import type { z } from "zod";
import type { RecordHeader } from "../../../event/block.ts";
import type { Framer } from "./framer.ts";

/** Whether the bytes stand in a file, where they can be read again, or come in over a socket or standard input. */
export type BytesFrom = "file" | "stream";

/** A framing that bytes at the beginning of a file or stream look like. */
export interface Fit {
  /** What to write for `framing`. */
  readonly write: string;
  /** What the file or stream is, as words that follow its name, and with nothing of its content. */
  readonly seen: string;
}

/** What is taken off the beginning of a record. */
export interface TakenHeader {
  /** Where the event begins: behind the header, or where the header begins if it stays in the event. */
  readonly content: number;
  readonly header: RecordHeader | undefined;
}

/** Takes the header off `bytes[start, end)`, which is one record; undefined where it has none. */
export type TakeHeader = (bytes: Buffer, start: number, end: number) => TakenHeader | undefined;

/** What a framing does to records whose bounds are known. */
export interface TakesOff {
  readonly take: TakeHeader;
  /** In one sentence that follows the one which says what a record is. */
  readonly explained: string;
}

export interface Framing<Options = unknown> {
  /** What a user may set: an object, whose options all have defaults unless the framing makes no sense without. */
  readonly options: z.ZodType<Options>;
  /** What a record is, in one sentence. */
  explain(options: Options, from: BytesFrom): string;
  framer(options: Options, from: BytesFrom): Framer;
  /**
   * What it takes off the beginning of each record, if that is all that it does to records whose bounds are known, as those
   * of datagrams are; undefined otherwise.
   */
  takesOff?(options: Options): TakesOff | undefined;
  /**
   * Whether bytes at the beginning, as Latin-1, look like records of this framing, and not like lines; undefined where they
   * may be lines, or are something else.
   */
  fits?(beginning: string, from: BytesFrom): Fit | undefined;
}
