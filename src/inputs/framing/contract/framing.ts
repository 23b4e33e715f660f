/**
 * What a framing is to a user: a name, options, and what `check` says of it. Each makes the framer that does the work.
 */
import type { z } from "zod";
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

export interface Framing<Options = unknown> {
  /** What a user may set: an object, whose options all have defaults unless the framing makes no sense without. */
  readonly options: z.ZodType<Options>;
  /** What a record is, in one sentence. */
  explain(options: Options, from: BytesFrom): string;
  framer(options: Options, from: BytesFrom): Framer;
  /**
   * Whether bytes at the beginning, as Latin-1, look like records of this framing, and not like lines; undefined where they
   * may be lines, or are something else.
   */
  fits?(beginning: string, from: BytesFrom): Fit | undefined;
}
