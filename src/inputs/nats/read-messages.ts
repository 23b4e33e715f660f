/** Has the stream forget what its aggregators have acknowledged: else it would be full one day. */
import type { NatsLink } from "../../platform/nats/connection.ts";
import { managerOf } from "../../platform/nats/stream.ts";
import type { NatsInputOptions } from "./options.ts";

export class ReadMessages {
  readonly #options: Pick<NatsInputOptions, "stream" | "consumer">;
  readonly #link: Pick<NatsLink, "connection">;
  /** Whether something was acknowledged since the last time. */
  #are_more = false;
  /** Up to which place in the stream they are gone. */
  #purged = 0;

  constructor(
    options: Pick<NatsInputOptions, "stream" | "consumer">,
    link: Pick<NatsLink, "connection">,
  ) {
    this.#options = options;
    this.#link = link;
  }

  /** Says that a message was acknowledged. */
  noteMore(): void {
    this.#are_more = true;
  }

  /**
   * Up to the last message before which all are acknowledged, whichever aggregator had them. That one stays: purging beyond the end
   * of a stream is another operation of the server, which deletes everything. So are, for several versions, purging up to the first
   * message of a stream, and for all of them up to none, which is what a stream says that was made again. Never rejects.
   */
  async purge(): Promise<void> {
    const { stream, consumer } = this.#options;
    const { connection } = this.#link;
    if (!this.#are_more || connection === undefined) return;
    this.#are_more = false;
    try {
      const manager = await managerOf(connection);
      const { stream_seq: seq } = (await manager.consumers.info(stream, consumer)).ack_floor;
      if (seq === this.#purged) return;
      if (seq > 1) await manager.streams.purge(stream, { seq });
      this.#purged = seq;
    } catch {
      // A later call does it.
      this.#are_more = true;
    }
  }
}
