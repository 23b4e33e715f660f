/**
 * What the query of a request's URL says about all of its events: metadata and time, and the channel.
 *
 * Senders repeat the same query in every request, so what the last ones came to is kept.
 */
import type { RecordInit } from "../../../event/block.ts";
import type { Metadata } from "../../../event/event.ts";
import type { MetadataKey, MetadataVariants } from "../../../event/metadata.ts";
import type { TimestampReader } from "../../../event/time/timestamp-reader.ts";

export interface RequestQuery {
  /** The input's, with what the query names instead. The same object for the same query. */
  readonly metadata: Metadata;
  /** Epoch seconds in digits, for events that have no time of their own in their envelope. */
  readonly time: string | undefined;
  /** Both of them, where they say more than the input does. The same object for the same query. */
  readonly known: RecordInit | undefined;
  readonly channel: string | undefined;
  /** Whether a token is in it, which Splunk refuses unless it is set to accept it. */
  readonly has_token: boolean;
}

const kept_max = 256;
/** Longer ones are not likely to come again. */
const kept_length_max = 1024;

const metadata_keys: readonly MetadataKey[] = ["host", "source", "sourcetype", "index"];

export class QueryReader {
  readonly #base: RequestQuery;
  readonly #variants: MetadataVariants;
  readonly #timestamps: TimestampReader;
  readonly #kept = new Map<string, RequestQuery>();

  constructor(metadata: Metadata, variants: MetadataVariants, timestamps: TimestampReader) {
    const nothing = { time: undefined, known: undefined, channel: undefined, has_token: false };
    this.#base = { metadata, ...nothing };
    this.#variants = variants;
    this.#timestamps = timestamps;
  }

  /** Reads the query `text`, without its question mark. */
  read(text: string): RequestQuery {
    if (text === "") return this.#base;
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const query = this.#parse(new URLSearchParams(text));
    if (text.length <= kept_length_max) {
      if (this.#kept.size >= kept_max) this.#kept.clear();
      this.#kept.set(text, query);
    }
    return query;
  }

  #parse(parameters: URLSearchParams): RequestQuery {
    let { metadata } = this.#base;
    for (const key of metadata_keys) {
      const value = parameters.get(key);
      if (value !== null && value !== "") metadata = this.#variants.with(metadata, key, value);
    }
    const time = this.#readTime(parameters.get("time"));
    const is_known = time !== undefined || metadata !== this.#base.metadata;
    return {
      metadata,
      time,
      known: is_known ? { metadata, time } : undefined,
      channel: parameters.get("channel") ?? undefined,
      has_token: parameters.has("token"),
    };
  }

  /** A time that cannot be used is as good as none: the event's own is in its bytes. */
  #readTime(text: string | null): string | undefined {
    const bytes = Buffer.from(text ?? "");
    return this.#timestamps.read(bytes, 0, bytes.length) ? this.#timestamps.text : undefined;
  }
}
