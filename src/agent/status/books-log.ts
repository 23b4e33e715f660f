/** Writes the books into the log, once a minute while the agent runs and when it is asked to. */
import type { Books } from "../../ledger/books.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";

const interval_ms = 60_000;

const sentences = { books: "Event counts.", stopped: "Stopped. Final event counts." } as const;

export interface BooksLogDeps {
  books: () => Books;
  clock: Clock;
  log: Logger;
}

export class BooksLog {
  readonly #deps: BooksLogDeps;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: BooksLogDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  write(code: keyof typeof sentences): void {
    const { books, log } = this.#deps;
    const { inputs, total, balanced } = books();
    log.info(code, { books: { total, balanced, inputs } }, sentences[code]);
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#deps.clock.sleep(interval_ms, signal);
      if (signal.aborted) return;
      this.write("books");
    }
  }
}
