/**
 * Says how far a container's log has come in without a record that is not whole.
 */
import { skipNuls } from "../contract/nuls.ts";
import type { FramingState, RecordScan } from "../contract/framer.ts";
import { ByteStore } from "./byte-store.ts";
import { ContainerStreams } from "./container-streams.ts";
import { type LineFormat, readLine } from "./line-format.ts";

const line_feed = 10;

export class ContainerScan implements RecordScan {
  /** For the end that was found last. */
  state: FramingState;
  readonly #format: LineFormat;
  readonly #streams: ContainerStreams;
  /** Bytes before the chunk that is looked at. */
  #bytes = 0;
  /** The beginning of a line. */
  readonly #held = new ByteStore();

  constructor(format: LineFormat, state: FramingState) {
    this.#format = format;
    this.#streams = new ContainerStreams(state, 0);
    this.state = state;
  }

  push(chunk: Buffer): number {
    const streams = this.#streams;
    let end = -1;
    let at = 0;
    for (let feed = chunk.indexOf(line_feed); feed !== -1; feed = chunk.indexOf(line_feed, at)) {
      takeLine(this.#format, streams, this.#lineOf(chunk.subarray(at, feed)));
      at = feed + 1;
      if (!streams.is_clear) continue;
      end = at;
      this.state = streams.stateAt(this.#bytes + at);
    }
    this.#bytes += chunk.length;
    if (at < chunk.length) this.#held.add(chunk.subarray(at));
    return end;
  }

  endsQuietly(): boolean {
    const streams = this.#streams;
    if (streams.is_clear || this.#held.length > 0) return false;
    for (const stream of streams.open) stream.end(false);
    this.state = streams.stateAt(this.#bytes);
    return true;
  }

  #lineOf(bytes: Buffer): Buffer {
    if (this.#held.length === 0) return bytes;
    this.#held.add(bytes);
    return this.#held.take();
  }
}

/** Follows which streams are in the middle of a record, over one line without its end. */
function takeLine(format: LineFormat, streams: ContainerStreams, line: Buffer): void {
  const start = skipNuls(line, 0, line.length);
  const part = readLine(format, line, start, line.length);
  const own = typeof part === "string" ? undefined : streams[part.stream];
  for (const stream of streams.overdue(own, line.length - start + 1)) stream.end(false);
  if (typeof part === "string") return;
  own!.add(0, part);
  if (!part.is_partial) own!.end(true);
}

/** Index after the last line behind which neither stream is in the middle of a record, as far as these bytes show. */
export function lastClearEnd(format: LineFormat, bytes: Buffer): number {
  const streams = new ContainerStreams(undefined, 0);
  let end = 0;
  // The line that the bytes begin with may have begun before them.
  let at = bytes.indexOf(line_feed) + 1;
  if (at === 0) return 0;
  for (let feed = bytes.indexOf(line_feed, at); feed !== -1; feed = bytes.indexOf(line_feed, at)) {
    takeLine(format, streams, bytes.subarray(at, feed));
    at = feed + 1;
    if (streams.is_clear) end = at;
  }
  return end;
}
