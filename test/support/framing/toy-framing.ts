/**
 * A framing for tests that has what lines do not: documents, and so something to remember, and no byte that is passed over.
 *
 *     ;one;two;three\n|four|five\n        five records in two documents; a document's first byte separates its records
 */
import { createHash } from "node:crypto";
import { Found } from "../../../src/inputs/framing/contract/found.ts";
import type {
  Framed,
  Framer,
  FramingState,
  LongRecord,
  RecordPositions,
  RecordScan,
  Window,
} from "../../../src/inputs/framing/contract/framer.ts";

const line_feed = 10;

/** The state within a document is its separator. */
function separatorOf(state: FramingState): number | undefined {
  return (state as { separator: number } | undefined)?.separator;
}

function stateOf(separator: number | undefined): FramingState {
  return separator === undefined ? undefined : { separator };
}

/** The separator after this byte. */
function next(separator: number | undefined, byte: number): number | undefined {
  if (byte === line_feed) return undefined;
  return separator ?? byte;
}

function isEnd(separator: number | undefined, byte: number): boolean {
  return byte === line_feed || separator === undefined || byte === separator;
}

function frame(window: Window, positions: RecordPositions): Framed {
  const { bytes, from, is_last } = window;
  const found = new Found(window, positions);
  let separator = separatorOf(window.state);
  for (let at = from; at < bytes.length && !found.is_full; at += 1) {
    const byte = bytes[at]!;
    if (!isEnd(separator, byte)) continue;
    if (at > found.end) found.add(found.end, at);
    separator = next(separator, byte);
    found.end = at + 1;
  }
  if (is_last && !found.is_full && found.end < bytes.length) {
    found.add(found.end, bytes.length);
    found.end = bytes.length;
    found.is_unfinished = true;
  }
  found.state = stateOf(separator);
  return found;
}

class Scan implements RecordScan {
  #separator: number | undefined;

  constructor(state: FramingState) {
    this.#separator = separatorOf(state);
  }

  get state(): FramingState {
    return stateOf(this.#separator);
  }

  push(chunk: Buffer): number {
    let end = -1;
    for (const [at, byte] of chunk.entries()) {
      if (!isEnd(this.#separator, byte)) continue;
      this.#separator = next(this.#separator, byte);
      end = at + 1;
    }
    return end;
  }
}

class Long implements LongRecord {
  content_bytes = 0;
  is_ended = false;
  readonly is_blank = false;
  #separator: number | undefined;
  readonly #hash = createHash("sha256");

  constructor(state: FramingState) {
    this.#separator = separatorOf(state);
  }

  get state(): FramingState {
    return stateOf(this.#separator);
  }

  push(bytes: Buffer): number {
    const end = bytes.findIndex((byte) => isEnd(this.#separator, byte));
    const content = end === -1 ? bytes : bytes.subarray(0, end);
    this.#hash.update(content);
    this.content_bytes += content.length;
    if (end === -1) return bytes.length;
    this.is_ended = true;
    this.#separator = next(this.#separator, bytes[end]!);
    return end + 1;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

export const toyFraming: Framer = {
  id: "documents",
  isState: (value) => typeof (value as { separator?: unknown } | null)?.separator === "number",
  frame,
  contentStart: (_, from) => from,
  // In the middle of a document nothing says what separates it.
  lastEnd: (bytes) => bytes.lastIndexOf(line_feed) + 1,
  scan: (state) => new Scan(state),
  long: (state) => new Long(state),
};
