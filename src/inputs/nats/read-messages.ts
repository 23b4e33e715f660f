/** Has the stream forget what its aggregators have acknowledged: else it would be full one day. */
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import type { Clock } from "../../platform/clock.ts";
import type { NatsLink } from "../../platform/nats/connection.ts";
import { managerOf, purgeForgets } from "../../platform/nats/stream.ts";
import type { ConsumerIdentity } from "./consumer-identity.ts";
import type { NatsInputOptions } from "./options.ts";

/** More that were acknowledged are not remembered. */
const acknowledged_max = 100_000;
const purge_ms = 3000;
/** At a time. */
const deletions_max = 16;
const code_no_message = 10043;

interface Acknowledged {
  readonly seq: number;
  /** When its consumer was made. */
  readonly made: string | undefined;
}

export class ReadMessages {
  readonly #options: Pick<NatsInputOptions, "stream" | "consumer">;
  readonly #link: Pick<NatsLink, "connection">;
  readonly #identity: Pick<ConsumerIdentity, "made" | "madeOf">;
  /** Since the last time. */
  readonly #acknowledged = new Set<Acknowledged>();
  /** Up to which place in the stream they are gone. */
  #purged = 0;
  /** One after the other: a second one would find messages deleted by the first. */
  #purging: Promise<void> = Promise.resolve();

  constructor(
    options: Pick<NatsInputOptions, "stream" | "consumer">,
    link: Pick<NatsLink, "connection">,
    identity: Pick<ConsumerIdentity, "made" | "madeOf">,
  ) {
    this.#options = options;
    this.#link = link;
    this.#identity = identity;
  }

  /** Says that a message was acknowledged. */
  note(message: JsMsg): void {
    if (this.#acknowledged.size >= acknowledged_max) return;
    this.#acknowledged.add({ seq: message.seq, made: this.#identity.madeOf(message) });
  }

  /** Until it is aborted. */
  async keepPurging(clock: Clock, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await clock.sleep(purge_ms, stop);
      await this.purge();
    }
  }

  /** Has what was acknowledged until now deleted. Never rejects. */
  purge(): Promise<void> {
    this.#purging = this.#purging.then(() => this.#purgeNow());
    return this.#purging;
  }

  async #purgeNow(): Promise<void> {
    const { connection } = this.#link;
    if (this.#acknowledged.size === 0 || connection === undefined) return;
    const messages = [...this.#acknowledged];
    try {
      const manager = await managerOf(connection);
      if (purgeForgets(connection.info?.version ?? ""))
        return await this.#delete(manager, messages);
      await this.#purge(manager);
      for (const message of messages) this.#acknowledged.delete(message);
    } catch {
      // A later call does it.
    }
  }

  /**
   * Up to the last message before which all are acknowledged, whichever aggregator had them. That one stays: purging beyond the end
   * of a stream is another operation of the server, which deletes everything. So are, for several versions, purging up to the first
   * message of a stream, and for all of them up to none, which is what a stream says that was made again.
   */
  async #purge(manager: JetStreamManager): Promise<void> {
    const { stream, consumer } = this.#options;
    const { stream_seq: seq } = (await manager.consumers.info(stream, consumer)).ack_floor;
    if (seq === this.#purged) return;
    if (seq > 1) await manager.streams.purge(stream, { seq });
    this.#purged = seq;
  }

  /** One by one: those of this aggregator. The stream's last stays here, too: it has to know its last place after a restart. */
  async #delete(manager: JetStreamManager, messages: readonly Acknowledged[]): Promise<void> {
    const { stream, consumer } = this.#options;
    // What comes behind it has been given to nobody yet.
    const { stream_seq: last_seq } = (await manager.consumers.info(stream, consumer)).delivered;
    const others = messages.filter(({ seq }) => seq !== last_seq);
    for (let at = 0; at < others.length; at += deletions_max) {
      const made_now = await this.#identity.made();
      const some = others.slice(at, at + deletions_max).map(async (message) => {
        // Another stream has something else in that place.
        if (message.made === made_now) await this.#deleteOne(manager, message.seq);
        this.#acknowledged.delete(message);
      });
      // One that fails is for a later call, and so are those behind it: each may take as long to fail.
      const ends = await Promise.allSettled(some);
      if (ends.some(({ status }) => status === "rejected")) return;
    }
  }

  async #deleteOne(manager: JetStreamManager, seq: number): Promise<void> {
    try {
      await manager.streams.deleteMessage(this.#options.stream, seq, false);
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== code_no_message) throw cause;
    }
  }
}
