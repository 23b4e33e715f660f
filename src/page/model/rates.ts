/**
 * What happens in a second, from what the agent has counted at two looks. Smoothed over a few seconds, so that the figures can be
 * read.
 */
import type { Summary } from "../../admin/web/summary.ts";

/** After so long, two thirds of a change are in the figure. */
const smoothing_s = 4;

export class Rates {
  readonly #rates: ReadonlyMap<string, number>;
  readonly #counts: ReadonlyMap<string, number>;
  readonly #at_ms: number;
  readonly #run: string;

  private constructor(
    { at, started_at }: Summary,
    counts: ReadonlyMap<string, number>,
    rates: ReadonlyMap<string, number>,
  ) {
    this.#at_ms = Date.parse(at);
    this.#run = started_at;
    this.#counts = counts;
    this.#rates = rates;
  }

  /** Those after this look; `before` are those of the last one. */
  static after(summary: Summary, before: Rates | undefined): Rates {
    const counts = countsIn(summary);
    if (before === undefined || before.#run !== summary.started_at) {
      return new Rates(summary, counts, new Map());
    }
    const seconds = (Date.parse(summary.at) - before.#at_ms) / 1000;
    // The same look again; or the clock was put back, and nobody knows how long it was.
    if (seconds <= 0) return seconds === 0 ? before : new Rates(summary, counts, before.#rates);
    const part = 1 - Math.exp(-seconds / smoothing_s);
    const rates = new Map<string, number>();
    for (const [name, value] of counts) {
      const last = before.#counts.get(name);
      if (last === undefined) continue;
      const now = Math.max(0, value - last) / seconds;
      const former = before.#rates.get(name);
      rates.set(name, former === undefined ? now : former + (now - former) * part);
    }
    return new Rates(summary, counts, rates);
  }

  /** Undefined before the second look. */
  get received(): number | undefined {
    return this.#rates.get("received");
  }

  get delivered(): number | undefined {
    return this.#rates.get("delivered");
  }

  input(name: string): number {
    return this.#rates.get(`input ${name}`) ?? 0;
  }

  chain(name: string): number {
    return this.#rates.get(`chain ${name}`) ?? 0;
  }

  step(chain: string, at: number, what: "events" | "ended"): number {
    return this.#rates.get(`step ${at} ${what} ${chain}`) ?? 0;
  }

  output(name: string): number {
    return this.#rates.get(`output ${name}`) ?? 0;
  }

  fate(name: string): number {
    return this.#rates.get(name) ?? 0;
  }
}

function countsIn({ books, inputs, chains, outputs }: Summary): Map<string, number> {
  const { received, delivered, filtered, quarantined, dropped, lost } = books;
  const counts = new Map([
    ["received", received],
    ["delivered", delivered.total],
    ["filtered", filtered.total],
    ["quarantined", quarantined.total],
    ["dropped", dropped.total],
    ["lost", lost.total],
  ]);
  for (const input of inputs) counts.set(`input ${input.name}`, input.received);
  for (const { name, received: given, steps } of chains) {
    counts.set(`chain ${name}`, given);
    for (const [at, step] of steps.entries()) {
      counts.set(`step ${at} events ${name}`, step.events);
      const ended = step.filtered + step.dropped + step.quarantined;
      counts.set(`step ${at} ended ${name}`, ended);
    }
  }
  for (const output of outputs) counts.set(`output ${output.name}`, output.delivered);
  return counts;
}
