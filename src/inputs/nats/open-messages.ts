/** The messages that came and are not acknowledged, and how many more there may be. */
import type { JsMsg } from "@nats-io/jetstream";

/** However many indexes are refused. */
const aside_max = 1000;

export interface OpenMessagesOptions {
  /** Of those that are being worked on. */
  readonly max_in_flight: number;
  /** Whether a message only waits, as the index of its events is refused. */
  readonly isAside: (message: JsMsg) => boolean;
}

export class OpenMessages {
  readonly #options: OpenMessagesOptions;
  readonly #messages = new Set<JsMsg>();
  #emptied: PromiseWithResolvers<void> | undefined;

  constructor(options: OpenMessagesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  get all(): JsMsg[] {
    return [...this.#messages];
  }

  add(message: JsMsg): void {
    this.#messages.add(message);
  }

  delete(message: JsMsg): void {
    this.#messages.delete(message);
    if (this.#messages.size === 0) this.#emptied?.resolve();
  }

  /** How many more there may be, `wanted` at most. Those that only wait for their index to be fixed leave room for others. */
  room(wanted: number): number {
    const { max_in_flight, isAside } = this.#options;
    const free = max_in_flight - this.#messages.size;
    if (free >= wanted) return wanted;
    const aside = Math.min(this.all.filter((message) => isAside(message)).length, aside_max);
    return Math.max(0, Math.min(free + aside, wanted));
  }

  /** Resolves when there is none any more. */
  async empty(): Promise<void> {
    if (this.#messages.size === 0) return;
    await (this.#emptied ??= Promise.withResolvers()).promise;
  }
}
