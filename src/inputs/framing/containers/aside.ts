/**
 * What stands between the lines of a long record: lines of the other stream, and of another form.
 */
import type { FramingState } from "../contract/framer.ts";
import { ByteStore } from "./byte-store.ts";
import type { ContainerStreams } from "./container-streams.ts";
import type { Part, StreamName } from "./line-format.ts";

const one_line_feed = Buffer.from("\n");

export class Aside {
  /** Those that were not given out before. */
  readonly lines = new ByteStore();
  /** Where the first of those begins. */
  start: number | undefined = undefined;
  /** Bytes of all. */
  beside_bytes = 0;
  /** Whether the last line is one that was given out before. */
  #is_given = false;
  /** Whether the other stream is in the middle of a record. */
  #is_open: boolean | undefined = undefined;

  /** Begins with a line at `at`. */
  begin(streams: ContainerStreams, part: Part | string, at: number): void {
    const is_refused = typeof part === "string";
    this.#is_given = at < (is_refused ? streams.refused_given : streams[part.stream].given);
    if (!is_refused) this.#is_open = part.is_partial;
    if (!this.#is_given) this.goBackTo(at);
  }

  take(piece: Buffer, is_end: boolean): void {
    this.beside_bytes += piece.length + (is_end ? 1 : 0);
    if (this.#is_given) return;
    this.lines.add(piece);
    if (is_end) this.lines.add(one_line_feed);
  }

  /** Has reading go on here, if not before. */
  goBackTo(at: number): void {
    this.start ??= at;
  }

  /** What both streams are in the middle of, if the record is one of `stream` and has no end. */
  leftWith(streams: ContainerStreams, stream: StreamName | undefined): FramingState {
    if (stream === undefined) return streams.left;
    const other = stream === "stdout" ? "stderr" : "stdout";
    const is_open = this.#is_open ?? streams[other].is_in_rest;
    return { rest: { [stream]: true, ...(is_open && { [other]: true }) } };
  }
}
