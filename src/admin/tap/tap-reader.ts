/** Reads the messages of a tap, from chunks that are cut anywhere. */
import type { SentEvent, TapCounts, TapMessage } from "./tap-messages.ts";

/** The agent sends nothing that is longer. */
const bytes_max = 16 * 1024 * 1024;

/** A message as its line says it. */
type Line =
  { readonly event: SentEvent } | { readonly counts: TapCounts } | { readonly end: string };

export class TapReader {
  #rest: Buffer = Buffer.alloc(0);
  /** The event whose bytes are next. */
  #event: SentEvent | undefined;

  /** The messages that are whole now. Throws where it is no tap's answer. */
  *take(chunk: Buffer): Generator<TapMessage> {
    let left = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#event === undefined ? left.indexOf("\n") : this.#event.bytes;
      if (end === -1 || end > left.length) break;
      const part = left.toString("utf8", 0, end);
      // Behind a line is its end.
      left = left.subarray(this.#event === undefined ? end + 1 : end);
      const message = this.#messageOf(part);
      if (message !== undefined) yield message;
    }
    if (left.length > bytes_max) throw new Error("a line has no end");
    this.#rest = left;
  }

  #messageOf(part: string): TapMessage | undefined {
    if (this.#event !== undefined) {
      const { bytes: _bytes, ...event } = this.#event;
      this.#event = undefined;
      return { event: { ...event, sent: part } };
    }
    const line = JSON.parse(part) as Line;
    if (!("event" in line)) return line;
    if (!(line.event.bytes <= bytes_max)) throw new Error("an event is too long");
    this.#event = line.event;
    return undefined;
  }
}
