/**
 * Splunk's indexer acknowledgement, for a receiver that answers only after an event is safely stored: whatever id was
 * given out is acknowledged, as often as it is asked for.
 *
 * Splunk itself says `true` once and `false` from then on. Saying it again costs nothing here, and spares a client
 * that lost an answer from sending everything twice. Ids count the requests of a channel, from 0.
 */
import { replies, jsonReply, type Reply } from "./replies.ts";

/** Channels remembered. The one that was used longest ago goes first; its ids are then not acknowledged. */
const channels_max = 10_000;

/** A channel is a GUID; Splunk refuses any other text. */
const channel_pattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export class Acknowledgements {
  /** By channel, in the order of their last use: ids given out. */
  readonly #given = new Map<string, number>();

  /** Whether the text can name a channel. */
  isChannel(channel: string): boolean {
    return channel_pattern.test(channel);
  }

  /** The id of a request whose events are stored. */
  give(channel: string): number {
    const key = channel.toLowerCase();
    const id = this.#given.get(key) ?? 0;
    this.#given.delete(key);
    if (this.#given.size >= channels_max) {
      for (const oldest of this.#given.keys()) {
        this.#given.delete(oldest);
        break;
      }
    }
    this.#given.set(key, id + 1);
    return id;
  }

  /** The answer to `{"acks":[0,1]}`, the body of a query. */
  answer(channel: string, body: Buffer): Reply {
    const ids = idsIn(body);
    if (ids === undefined) return replies.invalid_data_format;
    const given = this.#given.get(channel.toLowerCase()) ?? 0;
    const acks = Object.fromEntries(ids.map((id) => [id, id >= 0 && id < given]));
    return jsonReply(200, { acks });
  }
}

function idsIn(body: Buffer): number[] | undefined {
  let query: unknown;
  try {
    query = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  if (typeof query !== "object" || query === null || !("acks" in query)) return undefined;
  const { acks } = query;
  if (!Array.isArray(acks) || !acks.every((id) => Number.isSafeInteger(id))) return undefined;
  return acks as number[];
}
