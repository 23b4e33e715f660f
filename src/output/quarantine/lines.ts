/**
 * The lines in the quarantine's files, read without ever holding one: where each is, its id, and what it says
 * before its metadata and its text, which are what makes a line long.
 *
 * A line's id is made of its bytes, so it stays the same wherever the line is moved, and none has to be written.
 */
import { createHash, hash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { state_names } from "../../platform/files/state-names.ts";
import { openOwn } from "../../platform/files/own-file.ts";

const chunk_bytes = 256 * 1024;
/** Of a long line; what is before the metadata is mostly a path, and that has 4 KiB at most. */
const head_bytes_max = 64 * 1024;
const id_digits = 12;
const byte_line_feed = 0x0a;
const text_key = ',"text":';
/** Neither can be within a string, where a quote has a backslash before it. */
const head_ends = [',"metadata":', text_key];
const no_text = Buffer.from(',"text":null}');
const text_end = Buffer.from('"}');
const byte_backslash = 0x5c;
/** Enough to tell by what a line ends with whether it is whole. */
const tail_bytes_max = 1024;

/** Full files that are kept beside the one that is written. */
export const full_files_max = 3;
export const newest_file = "quarantine.jsonl";

const quarantinedLine = z.lazy(() =>
  z.object({
    time: z.iso.datetime(),
    input: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
    stream: z.string(),
    offset: z.number(),
    reason: z.string(),
    detail: z.string().optional(),
    step: z.string().optional(),
    code: z.number().optional(),
    original_bytes: z.number().optional(),
    sha256: z.string().optional(),
    chain: z.enum(["own", "common"]).optional().catch(undefined),
    masked: z.boolean().optional(),
    truncated: z.boolean().optional(),
  }),
);

/** What a line says of its event, without metadata and text. */
export type QuarantinedLine = z.infer<typeof quarantinedLine>;

/** Whether an event can be replayed: as it was; only masked, or nobody knows; or not at all. */
export type Replayable = "whole" | "masked" | "no_text";

export interface QuarantineLine {
  /** Offsets in the file of its first byte, and behind its line feed. */
  readonly start: number;
  readonly end: number;
  readonly id: string;
  /** Undefined where the line cannot be understood, as one that a crash has cut short. */
  readonly details: QuarantinedLine | undefined;
  readonly replayable: Replayable;
}

/** Where the quarantine is in a state directory. */
export function quarantineDirectory(state_dir: string): string {
  return join(state_dir, state_names.quarantine);
}

/** The paths of the files that there may be, the oldest first. */
export function quarantineFiles(directory: string): string[] {
  const newest = join(directory, newest_file);
  const full = Array.from({ length: full_files_max }, (_, number) => `${newest}.${number + 1}`);
  return [...full.toReversed(), newest];
}

/** Opens a file to be read; undefined where there is none. */
export async function openToRead(path: string): Promise<FileHandle | undefined> {
  try {
    return await openOwn(path, constants.O_RDONLY);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}

/** The whole lines of a file, some at a time. */
export async function* linesOf(file: FileHandle): AsyncGenerator<QuarantineLine[]> {
  const buffer = Buffer.allocUnsafe(chunk_bytes);
  let position = 0;
  let start = 0;
  let begun: BegunLine | undefined;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    const chunk = buffer.subarray(0, bytesRead);
    const lines: QuarantineLine[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(byte_line_feed, from);
      if (at === -1) break;
      const end = position + at + 1;
      const line = begun ?? new BegunLine();
      lines.push({ start, end, ...line.finish(chunk.subarray(from, at)) });
      begun = undefined;
      start = end;
      from = at + 1;
    }
    if (from < bytesRead) {
      begun ??= new BegunLine();
      begun.add(chunk.subarray(from));
    }
    position += bytesRead;
    yield lines;
  }
}

/** A line of which only a part is read yet. */
class BegunLine {
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #hash: Hash | undefined;
  #length = 0;

  add(piece: Buffer): void {
    this.#hash ??= createHash("sha256");
    this.#hash.update(piece);
    this.#length += piece.length;
    const room = head_bytes_max - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, piece.subarray(0, room)]);
    const last = piece.subarray(-tail_bytes_max);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-tail_bytes_max);
  }

  finish(last: Buffer): Pick<QuarantineLine, "id" | "details" | "replayable"> {
    let head = last;
    let tail = last;
    let digest: string;
    if (this.#hash === undefined) {
      this.#length = last.length;
      digest = hash("sha256", last);
    } else {
      this.add(last);
      head = this.#head;
      tail = this.#tail;
      digest = this.#hash.digest("hex");
    }
    const has_no_text = tail.subarray(-no_text.length).equals(no_text);
    const has_text = endsString(tail) && (head.includes(text_key) || head.length < this.#length);
    const details = has_no_text || has_text ? detailsIn(head) : undefined;
    const kept = details?.masked === false ? "whole" : "masked";
    const replayable = details === undefined || has_no_text ? "no_text" : kept;
    return { id: digest.slice(0, id_digits), details, replayable };
  }
}

/** Whether it ends as a text does, which is the last of a whole line: a quote within a string has a backslash before it. */
function endsString(tail: Buffer): boolean {
  if (!tail.subarray(-text_end.length).equals(text_end)) return false;
  const quote = tail.length - text_end.length;
  let at = quote;
  while (tail[at - 1] === byte_backslash) at -= 1;
  return (quote - at) % 2 === 0;
}

function detailsIn(head: Buffer): QuarantinedLine | undefined {
  const ends = head_ends.map((each) => head.indexOf(each)).filter((at) => at !== -1);
  if (ends.length === 0) return undefined;
  try {
    const json = `${head.toString("utf8", 0, Math.min(...ends))}}`;
    return quarantinedLine.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
