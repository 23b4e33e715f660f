/**
 * The last hour in samples, so that a page that is opened shows what was before it. Kept in a ring of numbers, never more than
 * 30 KB; what was before a restart is not kept.
 */
import {
  history_columns,
  type HistoryColumn,
  type HistoryReport,
} from "../../admin/web/history-report.ts";
import type { Books } from "../../ledger/books.ts";
import type { Clock } from "../../platform/clock.ts";
import type { SourceStatus } from "../sources/source.ts";

const interval_ms = 10_000;
/** An hour, and the one that it begins with. */
const samples_max = 361;

export interface HistoryDeps {
  readonly clock: Clock;
  readonly look: () => {
    readonly books: Books;
    readonly sources: ReadonlyMap<string, SourceStatus>;
  };
  readonly residentBytes: () => number;
}

export class History {
  readonly #deps: HistoryDeps;
  readonly #figures = new Float64Array(samples_max * history_columns.length);
  readonly #stopping = new AbortController();
  #taken = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  report(): HistoryReport {
    const count = Math.min(this.#taken, samples_max);
    const first = this.#taken - count;
    const columns = history_columns.map((name, column): [HistoryColumn, number[]] => [
      name,
      Array.from({ length: count }, (_, at) => this.#figures[place(first + at) + column]!),
    ]);
    return {
      interval_seconds: interval_ms / 1000,
      columns: Object.fromEntries(columns) as unknown as HistoryReport["columns"],
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#take();
      await this.#deps.clock.sleep(interval_ms, signal);
    }
  }

  #take(): void {
    const { clock, look, residentBytes } = this.#deps;
    const { books, sources } = look();
    const now_ms = clock.now();
    const { total } = books;
    const sample: Record<HistoryColumn, number> = {
      at_seconds: Math.round(now_ms / 1000),
      received: total.received,
      delivered: total.delivered,
      filtered: total.filtered,
      quarantined: total.quarantined,
      dropped: total.dropped,
      in_flight: total.in_flight,
      ...lagOf(sources, now_ms),
      resident_bytes: residentBytes(),
    };
    this.#figures.set(
      history_columns.map((name) => sample[name]),
      place(this.#taken),
    );
    this.#taken += 1;
  }
}

/** Where the figures of a sample begin. */
function place(sample: number): number {
  return (sample % samples_max) * history_columns.length;
}

/** How far inputs are behind, together. */
export function lagOf(
  sources: ReadonlyMap<string, SourceStatus>,
  now_ms: number,
): Pick<Record<HistoryColumn, number>, "lag_bytes" | "lag_seconds"> {
  let lag_bytes = 0;
  let oldest_at_ms = now_ms;
  for (const { files, journals } of sources.values()) {
    for (const file of files?.files ?? []) {
      lag_bytes += file.lag_bytes;
      oldest_at_ms = Math.min(oldest_at_ms, file.oldest_at_ms ?? now_ms);
    }
    for (const journal of journals) {
      oldest_at_ms = Math.min(oldest_at_ms, journal.oldest_at_ms ?? now_ms);
    }
  }
  return { lag_bytes, lag_seconds: Math.round((now_ms - oldest_at_ms) / 100) / 10 };
}
