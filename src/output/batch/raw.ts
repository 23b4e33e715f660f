/**
 * Raw mode: bare records, one a line. Host, source, sourcetype and index are in the query, so a batch holds
 * events of one metadata only; there is no place for time and indexed fields, which Splunk then takes from the text.
 */
import type { Metadata } from "../../event/event.ts";
import {
  isBlankText,
  type DecodedEvent,
  type EncodableEvent,
  type Encoder,
  type RecoveredEvent,
} from "./encoder.ts";

const byte_line_feed = 0x0a;
const byte_space = 0x20;

export class RawEncoder implements Encoder {
  readonly content_type = "text/plain";
  readonly sends_places = false;
  readonly #paths = new WeakMap<Metadata, string>();
  #metadata: Metadata | undefined;
  #path = "";

  pathOf(event: EncodableEvent): string {
    const { metadata } = event;
    if (metadata === this.#metadata) return this.#path;
    let path = this.#paths.get(metadata);
    if (path === undefined) {
      path = pathFor(metadata);
      this.#paths.set(metadata, path);
    }
    this.#metadata = metadata;
    this.#path = path;
    return path;
  }

  sizeMax(event: EncodableEvent): number {
    // Only a spelling grows: each byte becomes at most `\u0000`.
    return 6 * event.byteLength + 3;
  }

  decode(encoded: Buffer, path: string): DecodedEvent {
    return {
      text: encoded.toString("utf8", 0, encoded.length - 1),
      metadata: { ...this.metadataOf(path) },
    };
  }

  recover(encoded: Buffer, path: string): RecoveredEvent {
    const record = encoded.subarray(0, encoded.length - 1);
    return { head: path, time: undefined, record, text: undefined };
  }

  metadataOf(path: string): Metadata {
    return Object.fromEntries(new URL(path, "http://splunk").searchParams);
  }

  encode(event: EncodableEvent, target: Buffer, at: number): number {
    if (at + event.byteLength + 1 > target.length) return -1;
    const end = event.copyTo(target, at);
    target[end] = byte_line_feed;
    const is_line = target.indexOf(byte_line_feed, at) === end;
    if (event.invalid !== undefined) {
      if (!is_line || isBlankText(event.text)) return writeSpelling(event.text, target, at);
    } else if (!is_line) {
      // A step has put it there, and outside of strings: in strict JSON it can only be white space.
      for (let byte = at; byte < end; byte += 1) {
        if (target[byte] === byte_line_feed) target[byte] = byte_space;
      }
    }
    return end + 1;
  }
}

/**
 * Writes the text as a JSON string, which says exactly what it was: Splunk would pass over a blank line, and make
 * two events of a text with a line feed in it. -1 where it does not fit.
 */
function writeSpelling(text: string, target: Buffer, at: number): number {
  const spelling = JSON.stringify(text);
  if (at + Buffer.byteLength(spelling) + 1 > target.length) return -1;
  const end = at + target.write(spelling, at);
  target[end] = byte_line_feed;
  return end + 1;
}

/** The path and query that bring the metadata along. */
export function pathFor(metadata: Metadata): string {
  const query: string[] = [];
  for (const key of ["host", "source", "sourcetype", "index"] as const) {
    const value = metadata[key];
    if (value === undefined || value === "") continue;
    query.push(`${key}=${encodeURIComponent(value.toWellFormed())}`);
  }
  return `/services/collector/raw${query.length === 0 ? "" : `?${query.join("&")}`}`;
}
