/**
 * The stdin input: lines from standard input, be it a pipe, a file or a terminal, until it ends.
 */
import type { Readable } from "node:stream";
import type { Origin, OriginOptions } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { framerOf } from "../framing-option.ts";
import type { JournaledInput, JournaledIntake, InputCondition } from "../input.ts";
import { LineFeed, LineFeeds } from "../lines/line-feed.ts";
import type { StdinInputOptions } from "./options.ts";

const stream = "stdin";

export interface StdinInputServices {
  readonly ledger: Pick<Ledger, "lose">;
  readonly clock: Clock;
  readonly log: Logger;
  /** What all events have in common; the source is `stdin` where it names none. */
  readonly origin: Omit<Origin, "stream">;
  /** Opens what is read instead of the process's own standard input. */
  readonly open?: () => Readable;
}

export class StdinInput implements JournaledInput {
  readonly name: string;
  /** Resolves when standard input has ended and all of it was accepted. */
  readonly ended: Promise<void>;
  readonly #options: StdinInputOptions;
  readonly #services: StdinInputServices;
  readonly #resolve: () => void;
  #origin: Origin;
  #running: { source: Readable; feeds: LineFeeds; feed: LineFeed } | undefined;

  constructor(name: string, options: StdinInputOptions, services: StdinInputServices) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.name = name;
    this.ended = promise;
    this.#resolve = resolve;
    this.#options = options;
    this.#services = services;
    this.#origin = this.#originOf(services.origin);
  }

  async start(intake: JournaledIntake): Promise<void> {
    const { clock, log, open = () => process.stdin } = this.#services;
    const { encoding, framing, max_event_bytes } = this.#options;
    const origin = this.#origin;
    const framer = framerOf(framing, "stream");
    const feeds = new LineFeeds({ origin, framer, encoding, max_event_bytes, intake, clock, log });
    const source = open();
    const feed = new LineFeed(source, feeds);
    this.#running = { source, feeds, feed };
    source.on("error", (cause) => {
      log.error(
        "stdin_unreadable",
        { input: this.name, cause },
        "Standard input cannot be read, and counts as ended.",
      );
    });
    void this.#watch(feed);
  }

  describe(origin: OriginOptions): void {
    this.#origin = this.#originOf(origin);
    this.#running?.feeds.describe(this.#origin);
  }

  status(): InputCondition {
    return { type: "stdin" };
  }

  async stop(): Promise<void> {
    if (this.#running === undefined) return;
    const { source, feeds, feed } = this.#running;
    this.#running = undefined;
    feed.end();
    await feeds.finish([feed], this.#services.ledger);
    source.destroy();
  }

  #originOf({ metadata, time }: OriginOptions): Origin {
    return {
      input: this.name,
      stream,
      metadata: { source: stream, ...metadata },
      time,
    };
  }

  async #watch(feed: LineFeed): Promise<void> {
    await feed.done;
    // After a stop there may be more to read than was read.
    if (this.#running?.feed === feed) this.#resolve();
  }
}
