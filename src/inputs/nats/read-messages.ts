/** Has the stream forget what its aggregators have acknowledged: else it would be full one day. */
import type { NatsLink } from "../../platform/nats/connection.ts";
import { managerOf } from "../../platform/nats/stream.ts";
import type { NatsInputOptions } from "./options.ts";

export class ReadMessages {
  readonly #options: Pick<NatsInputOptions, "stream" | "consumer">;
  readonly #link: NatsLink;
  /** Whether something was acknowledged since the last time. */
  #are_more = false;
  /** Up to which place in the stream they are gone. */
  #purged = 0;

  constructor(options: Pick<NatsInputOptions, "stream" | "consumer">, link: NatsLink) {
    this.#options = options;
    this.#link = link;
  }

  /** Says that a message was acknowledged. */
  noteMore(): void {
    this.#are_more = true;
  }

  /**
   * Up to the last message before which all are acknowledged, whichever aggregator had them. That one stays: purging beyond the end
   * of a stream is another operation of the server, which deletes everything. Never rejects.
   */
  async purge(): Promise<void> {
    const { stream, consumer } = this.#options;
    const { connection } = this.#link;
    if (!this.#are_more || connection === undefined) return;
    this.#are_more = false;
    try {
      const manager = await managerOf(connection);
      const { ack_floor } = await manager.consumers.info(stream, consumer);
      if (ack_floor.stream_seq === this.#purged) return;
      await manager.streams.purge(stream, { seq: ack_floor.stream_seq });
      this.#purged = ack_floor.stream_seq;
    } catch {
      // A later call does it.
      this.#are_more = true;
    }
  }
}
