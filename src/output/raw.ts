/**
 * Raw mode: bare records, one a line. Host, source, sourcetype and index stand in the query, so a batch holds
 * events of one metadata only; there is no place for time and indexed fields, which Splunk then takes from the text.
 */
import type { Metadata } from "../event/event.ts";
import { isBlankText, type EncodableEvent, type Encoder } from "./encoder.ts";

const byte_line_feed = 0x0a;

export class RawEncoder implements Encoder {
  readonly content_type = "text/plain";
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
    // Only a blank record grows: each of its bytes becomes at most `\u0000`.
    return 6 * event.byteLength + 3;
  }

  encode(event: EncodableEvent, target: Buffer, at: number): number {
    if (at + event.byteLength + 1 > target.length) return -1;
    let end = event.copyTo(target, at);
    if (event.invalid !== undefined && isBlankText(event.text)) {
      // Splunk would pass over a blank line. Its spelling as a JSON string tells exactly what it was.
      const spelling = JSON.stringify(event.text);
      if (at + Buffer.byteLength(spelling) + 1 > target.length) return -1;
      end = at + target.write(spelling, at);
    }
    target[end] = byte_line_feed;
    return end + 1;
  }
}

function pathFor(metadata: Metadata): string {
  const query: string[] = [];
  for (const key of ["host", "source", "sourcetype", "index"] as const) {
    const value = metadata[key];
    if (value === undefined || value === "") continue;
    query.push(`${key}=${encodeURIComponent(value.toWellFormed())}`);
  }
  return `/services/collector/raw${query.length === 0 ? "" : `?${query.join("&")}`}`;
}
