/**
 * The lines of the state file: one JSON object each, with the CRC-32 of what follows it in the line.
 *
 *     {"crc":"1c291ca3","format":2}                                    the first line
 *     {"crc":"…","input":"audit","books":{…}}                          the books of an input
 *     {"crc":"…","stream":{"id":…,"input":…,"identity":…,"checkpoint":…}}
 *     {"crc":"…","forgotten":"<id>"}                                   a stream that is no more
 *     {"crc":"…","epoch":{…}}                                          what decides whether numbers of lanes go on
 *     {"crc":"…","kept":"<name>","value":…}                            what another part keeps
 *     {"crc":"…","end":0,"lines":3,"written_ms":…}                     the lines before it belong together
 *
 * The lines up to an `end` were written at once: they hold as a whole, or not at all. The first such batch, with the number 0,
 * is the whole state; each later one is what has changed since.
 */
import { crc32 } from "node:zlib";
import { z } from "zod";
import { inputBooks, streamState, type StreamState } from "./state.ts";
import type { InputBooks } from "./books.ts";
import type { KeptValue } from "./lanes/kept-values.ts";
import { epochState, type EpochState } from "./lanes/state.ts";

/** The format's version; a file of a later one is refused, never guessed at. */
export const format_version = 2;

/** The first bytes of every line, and what follows the checksum. */
const crc_key = '{"crc":"';
const crc_digits = 8;
const content_mark = '",';
const content_at = crc_key.length + crc_digits + content_mark.length;

export type StateLine =
  | { readonly format: number }
  | { readonly input: string; readonly books: InputBooks }
  | { readonly stream: StreamState }
  | { readonly forgotten: string }
  | { readonly epoch: EpochState }
  | KeptValue
  | End;

/** The end of a batch. */
export interface End {
  /** The number of the batch, from 0 on. */
  readonly end: number;
  readonly lines: number;
  /** Milliseconds since the epoch; undefined from an earlier version. */
  readonly written_ms?: number | undefined;
}

const stateLine = z.lazy(() =>
  z.union([
    z.object({ stream: streamState }),
    z.object({ input: z.string(), books: inputBooks }),
    z.object({ forgotten: z.string() }),
    z.object({ epoch: epochState }),
    z.object({ kept: z.string(), value: z.unknown().optional() }),
    z.object({
      end: z.number().int().nonnegative(),
      lines: z.number().int().nonnegative(),
      written_ms: z.number().optional(),
    }),
    z.object({ format: z.number() }),
  ]),
);

/** The line with its checksum and its end. */
export function lineOf(line: StateLine): string {
  const content = JSON.stringify(line).slice(1);
  return `${crc_key}${checksumOf(content)}${content_mark}${content}\n`;
}

/** Whether the first bytes of a file may be those of lines, and not of a state of an earlier version. */
export function beginsWithLine(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, crc_key.length) === crc_key;
}

/** What a line, without its end, has behind its checksum; undefined where it is damaged. */
export function contentOf(line: Buffer): Buffer | undefined {
  if (line.length <= content_at || !beginsWithLine(line)) return undefined;
  const content = line.subarray(content_at);
  const checksum = line.toString("latin1", crc_key.length, content_at);
  return checksum === checksumOf(content) + content_mark ? content : undefined;
}

/** What that content says. Throws where it is of another format. */
export function readContent(content: Buffer): StateLine {
  const line: unknown = JSON.parse(`{${content.toString("utf8")}`);
  return isPlainStream(line) ? line : stateLine.parse(line);
}

/** Whether it is the line of a stream without lanes: there may be very many of those, and looking without a schema costs little. */
function isPlainStream(line: unknown): line is { stream: StreamState } {
  if (typeof line !== "object" || line === null || !("stream" in line)) return false;
  const { stream } = line;
  if (typeof stream !== "object" || stream === null || "lanes" in stream) return false;
  const { id, input, identity, checkpoint, ...others } = stream as Partial<StreamState>;
  const is_whole = typeof id === "string" && typeof input === "string";
  const has_all = identity !== undefined && checkpoint !== undefined;
  return is_whole && has_all && Object.keys(others).length === 0;
}

function checksumOf(content: string | Buffer): string {
  return crc32(content).toString(16).padStart(crc_digits, "0");
}
