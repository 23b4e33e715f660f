/**
 * How fast events move: looks at the counters of the books once a second, and smooths what it sees, so that a single look at
 * the agent has rates, too.
 *
 * How fast a backlog shrinks is seen only by who looks at the files, so it is noted whenever a status is collected; before
 * there are two such looks, the rate of reading has to do.
 */
import type { BacklogStatus, InputRates, OutputRates } from "../../admin/status/rates.ts";
import { countIn, sumOf, type Books } from "../../ledger/books.ts";
import type { Clock } from "../../platform/clock.ts";

const interval_ms = 1000;
/** A rate has followed a change to 63 % after this time. */
const smoothing_ms = 5000;
/** The same for a backlog, whose size jumps with each write. */
const backlog_smoothing_ms = 8000;
/** Two looks at a backlog that are further apart say nothing about now. */
const backlog_gap_ms_max = 60_000;

/** A counter that only grows, and how fast. */
class Rate {
  readonly #smoothing_ms: number;
  #count: number;
  #per_second: number | undefined;

  constructor(count: number, time_ms = smoothing_ms) {
    this.#count = count;
    this.#smoothing_ms = time_ms;
  }

  /** Undefined before the second look. */
  get per_second(): number | undefined {
    return this.#per_second;
  }

  look(count: number, elapsed_ms: number): void {
    const seen = ((count - this.#count) / elapsed_ms) * 1000;
    const weight = 1 - Math.exp(-elapsed_ms / this.#smoothing_ms);
    this.#per_second =
      this.#per_second === undefined ? seen : this.#per_second + weight * (seen - this.#per_second);
    this.#count = count;
  }
}

interface BacklogLook {
  readonly size: number;
  readonly at_ms: number;
  /** By how much it grows; less than nothing where it shrinks. */
  readonly growth: Rate;
}

/** What waits of an input at one moment. */
export interface Waiting {
  readonly bytes: number;
  readonly events: number;
  /** Of its files; nothing where it has none. */
  readonly settled_bytes: number;
  readonly size_bytes: number;
}

export class RateKeeper {
  readonly #clock: Clock;
  readonly #books: () => Books;
  readonly #stopping = new AbortController();
  readonly #rates = new Map<string, Rate>();
  readonly #backlogs = new Map<string, BacklogLook>();
  readonly #running: Promise<void>;
  #looked_ms: number;
  #has_looked = false;

  constructor(clock: Clock, books: () => Books) {
    this.#clock = clock;
    this.#books = books;
    this.#looked_ms = clock.monotonic();
    this.#look();
    this.#running = this.#run();
  }

  input(name: string): InputRates {
    return {
      events_per_second: this.#rate(`events ${name}`),
      bytes_per_second: this.#rate(`bytes ${name}`),
      delivered_per_second: this.#rate(`delivered ${name}`),
    };
  }

  output(name: string): OutputRates {
    return { events_per_second: this.#rate(`output ${name}`) };
  }

  /** What the report says of a backlog, which is noted for the next one. */
  backlog(name: string, { bytes, events, settled_bytes, size_bytes }: Waiting): BacklogStatus {
    // Of an input either files have bytes or journals have events, but for a buffer before one of several outputs.
    const [kind, size] = bytes > 0 || events === 0 ? ["bytes", bytes] : ["events", events];
    const growth = this.#lookAtBacklog(`${kind} ${name}`, size);
    const { bytes_per_second, delivered_per_second } = this.input(name);
    const speed =
      growth === undefined ? (kind === "bytes" ? bytes_per_second : delivered_per_second) : -growth;
    return {
      bytes,
      events,
      done: size_bytes > 0 ? Math.min(1, settled_bytes / size_bytes) : undefined,
      // A speed next to nothing would make a time that nobody believes.
      seconds_left: size > 0 && speed > size / 1e7 ? size / speed : undefined,
    };
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      await this.#clock.sleep(interval_ms, stop);
      if (!stop.aborted) this.#look();
    }
  }

  #look(): void {
    const now_ms = this.#clock.monotonic();
    const elapsed_ms = now_ms - this.#looked_ms;
    this.#looked_ms = now_ms;
    const { inputs } = this.#books();
    const by_output = new Map<string, number>();
    for (const [name, books] of Object.entries(inputs)) {
      this.#note(`events ${name}`, books.received, elapsed_ms);
      this.#note(`bytes ${name}`, books.received_bytes, elapsed_ms);
      this.#note(`delivered ${name}`, sumOf(books.delivered), elapsed_ms);
      for (const output of Object.keys(books.delivered)) {
        const count = countIn(books.delivered, output);
        by_output.set(output, (by_output.get(output) ?? 0) + count);
      }
    }
    for (const [output, count] of by_output) this.#note(`output ${output}`, count, elapsed_ms);
    this.#has_looked = true;
  }

  #note(key: string, count: number, elapsed_ms: number): void {
    let rate = this.#rates.get(key);
    if (rate === undefined) {
      // What is not there at the start begins at nothing.
      rate = new Rate(this.#has_looked ? 0 : count);
      this.#rates.set(key, rate);
    }
    if (elapsed_ms > 0) rate.look(count, elapsed_ms);
  }

  #rate(key: string): number {
    // Rounding leaves a trace of what stood still long ago.
    const per_second = this.#rates.get(key)?.per_second ?? 0;
    return per_second < 0.01 ? 0 : per_second;
  }

  #lookAtBacklog(key: string, size: number): number | undefined {
    const at_ms = this.#clock.monotonic();
    const before = this.#backlogs.get(key);
    const elapsed_ms = before === undefined ? Infinity : at_ms - before.at_ms;
    if (before === undefined || elapsed_ms > backlog_gap_ms_max) {
      this.#backlogs.set(key, { size, at_ms, growth: new Rate(size, backlog_smoothing_ms) });
      return undefined;
    }
    if (elapsed_ms >= interval_ms / 2) {
      before.growth.look(size, elapsed_ms);
      this.#backlogs.set(key, { size, at_ms, growth: before.growth });
    }
    return before.growth.per_second;
  }
}
