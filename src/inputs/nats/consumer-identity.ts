/**
 * Which consumer a message is of. One that is made again, with its stream, has the same name and counts from 1 again: an
 * acknowledgement, which names nothing but the name and the numbers, would be taken for that of another message.
 */
import type { JsMsg } from "@nats-io/jetstream";
import type { Clock } from "../../platform/clock.ts";
import type { NatsLink } from "../../platform/nats/connection.ts";
import { managerOf } from "../../platform/nats/stream.ts";
import type { NatsInputOptions } from "./options.ts";

/** What was asked so long ago still holds. */
const fresh_ms_max = 1000;

export class ConsumerIdentity {
  readonly #options: Pick<NatsInputOptions, "stream" | "consumer">;
  readonly #link: Pick<NatsLink, "connection">;
  readonly #clock: Clock;
  /** When the consumer of a message was made. */
  readonly #made = new WeakMap<JsMsg, string>();
  #asked: Promise<string> | undefined;
  #asked_ms = -Infinity;

  constructor(
    options: Pick<NatsInputOptions, "stream" | "consumer">,
    link: Pick<NatsLink, "connection">,
    clock: Clock,
  ) {
    this.#options = options;
    this.#link = link;
    this.#clock = clock;
  }

  /** When the consumer was made that is there now: as text, to be compared. Rejects where nobody answers. */
  made(): Promise<string> {
    const now_ms = this.#clock.monotonic();
    if (this.#asked !== undefined && now_ms - this.#asked_ms < fresh_ms_max) return this.#asked;
    const asked = this.#ask();
    this.#asked = asked;
    this.#asked_ms = now_ms;
    asked.catch(() => {
      if (this.#asked === asked) this.#asked = undefined;
    });
    return asked;
  }

  /** Something has failed, as it does while a consumer is made again. */
  forget(): void {
    this.#asked = undefined;
  }

  /** Notes what a message is of: what was there when it was asked for. If that is outdated, the message only comes again. */
  note(message: JsMsg, made: string): void {
    this.#made.set(message, made);
  }

  /** As of `made`. */
  madeOf(message: JsMsg): string | undefined {
    return this.#made.get(message);
  }

  /** Whether the consumer of the message is still there. Rejects where nobody answers. */
  async has(message: JsMsg): Promise<boolean> {
    return this.madeOf(message) === (await this.made());
  }

  async #ask(): Promise<string> {
    const { connection } = this.#link;
    if (connection === undefined) throw new Error("no server is connected");
    const { stream, consumer } = this.#options;
    const { created } = await (await managerOf(connection)).consumers.info(stream, consumer);
    return created;
  }
}
