/**
 * What a framing is to a user: a name, options, and what `check` says of it. Each makes the framer that does the work.
 */
import type { z } from "zod";
import type { Framer } from "./framer.ts";

/** Whether the bytes stand in a file, where they can be read again, or come in over a socket or standard input. */
export type BytesFrom = "file" | "stream";

export interface Framing<Options = unknown> {
  /** What a user may set: an object, whose options all have defaults unless the framing makes no sense without. */
  readonly options: z.ZodType<Options>;
  /** What a record is, in one sentence. */
  explain(options: Options, from: BytesFrom): string;
  framer(options: Options, from: BytesFrom): Framer;
}
