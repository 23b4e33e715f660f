/**
 * Indexes that a reload has corrected: what waits because Splunk refuses an index goes to the one that its input names now.
 *
 * It is done only where all of this holds: the event came in before the reload, its index is one that its input named then, the
 * input names another one now, and Splunk refuses the former one: at the reload, or only later, as where it was down or had not
 * answered yet. All other events keep their index.
 */
import type { FreedEvents } from "../../admin/status/waiting-report.ts";
import { own_input } from "../../config/config.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { indexes_max, type KeptCorrections } from "./corrections-file.ts";

/** What the configuration says of each input, and of tallyman's own events; undefined is the token's default index. */
export type InputIndexes = ReadonlyMap<string, string | undefined>;

/** The indexes that Splunk refuses at present. */
export type RefusedIndexes = ReadonlySet<string | undefined>;

interface Correction {
  readonly to: string | undefined;
  /** Wall clock: events that came in later have the index that they should. */
  readonly until_ms: number;
  /** Events that it has been given to, and nobody has asked about. */
  freed: number;
}

/** Of one input, by former index. */
type InputCorrections = Map<string | undefined, Correction>;

export class IndexCorrections {
  /** By input. */
  #corrections = new Map<string, InputCorrections>();
  /** By input, what it has named before, and when it last ceased to; wall clock. */
  readonly #former = new Map<string, Map<string | undefined, number>>();
  /** What is named now. */
  #named: InputIndexes = new Map();

  get isEmpty(): boolean {
    return this.#corrections.size === 0;
  }

  /** Gives the event another index where its own was corrected. Nearly always there is none. */
  apply(event: LogEvent): void {
    if (this.isEmpty) return;
    const { receipt, origin } = event.block;
    const correction = this.#corrections.get(origin.input)?.get(event.metadata.index);
    if (correction === undefined || (receipt.read_at_ms ?? 0) > correction.until_ms) return;
    event.index = correction.to;
    correction.freed += 1;
  }

  /** The events that have got another index since the last call. */
  takeFreed(): FreedEvents[] {
    return [...this.#corrections].flatMap(([input, own]) =>
      [...own].flatMap(([from, correction]) => {
        const { to, freed: events } = correction;
        correction.freed = 0;
        return events === 0 ? [] : [{ input, from, to, events }];
      }),
    );
  }

  /** What a later run has to know, with the indexes that are named and refused: it may correct those. */
  kept(indexes: InputIndexes, refused: RefusedIndexes): KeptCorrections {
    return {
      version: 1,
      former: inJson(this.#former, (until_ms) => until_ms),
      corrections: inJson(this.#corrections, ({ until_ms }) => until_ms),
      last: {
        named: Object.fromEntries([...indexes].map(([input, index = null]) => [input, index])),
        refused: [...refused].slice(-indexes_max).map((index) => index ?? null),
      },
    };
  }

  /** Goes on from a former run, where something of it is known, by what the configuration says now. */
  restore(kept: KeptCorrections | undefined, next: InputIndexes, now_ms: number): void {
    for (const [input, own] of Object.entries(kept?.former ?? {}))
      this.#former.set(input, new Map(own.map(({ index, until_ms }) => [named(index), until_ms])));
    for (const [input, own] of Object.entries(kept?.corrections ?? {})) {
      const known = own.map(({ index, until_ms }) => {
        return [named(index), { to: undefined, until_ms, freed: 0 }] as const;
      });
      this.#corrections.set(input, new Map(known));
    }
    const refused = new Set((kept?.last.refused ?? []).map(named));
    const last = Object.entries(kept?.last.named ?? {});
    const before = new Map(last.map(([input, index]) => [input, named(index)]));
    this.reload(before, next, { refused, now_ms });
  }

  /** Whether a reload would give another index to events that wait for a refused one. */
  frees(before: InputIndexes, next: InputIndexes, refused: RefusedIndexes): boolean {
    return [...next].some(([input, to]) => {
      const former = [...(this.#former.get(input)?.keys() ?? [])];
      if (before.has(input)) former.push(before.get(input));
      return former.some((index) => index !== to && refused.has(index));
    });
  }

  /** Goes by `next` from now on. */
  reload(
    before: InputIndexes,
    next: InputIndexes,
    { refused, now_ms }: { refused: RefusedIndexes; now_ms: number },
  ): void {
    for (const [input, index] of before) {
      if (next.has(input) && next.get(input) === index) continue;
      const former = this.#former.get(input) ?? new Map<string | undefined, number>();
      // The last one comes last.
      former.delete(index);
      this.#former.set(input, former.set(index, now_ms));
    }
    this.#named = next;
    this.#correct(refused);
  }

  /** Corrects what Splunk refuses, too, which it may not have done at the reload. Whether that is more than was corrected so far. */
  refuse(refused: RefusedIndexes): boolean {
    const before = sizeOf(this.#corrections);
    this.#correct(refused);
    return sizeOf(this.#corrections) > before;
  }

  #correct(refused: RefusedIndexes): void {
    const corrections = new Map<string, InputCorrections>();
    for (const [input, to] of this.#named) {
      const known = this.#corrections.get(input);
      const own: InputCorrections = new Map();
      for (const [index, until_ms] of this.#former.get(input) ?? []) {
        if (index === to) continue;
        const { freed = 0 } = known?.get(index) ?? {};
        if (refused.has(index) || known?.has(index) === true)
          own.set(index, { to, until_ms, freed });
      }
      if (own.size > 0) corrections.set(input, own);
    }
    // What was dropped of an input is reported in the index of the input.
    const own_events = new Map([...corrections.values()].flatMap((own) => [...own]));
    for (const [index, each] of corrections.get(own_input) ?? []) own_events.set(index, each);
    if (own_events.size > 0) corrections.set(own_input, own_events);
    this.#corrections = corrections;
  }
}

function sizeOf(corrections: ReadonlyMap<string, InputCorrections>): number {
  return [...corrections.values()].reduce((sum, own) => sum + own.size, 0);
}

/** The last ones of each input. */
function inJson<Value>(
  by_input: ReadonlyMap<string, ReadonlyMap<string | undefined, Value>>,
  until: (value: Value) => number,
): KeptCorrections["former"] {
  const inputs = [...by_input].map(([input, own]) => {
    const last = [...own].slice(-indexes_max);
    return [
      input,
      last.map(([index = null, value]) => ({ index, until_ms: until(value) })),
    ] as const;
  });
  return Object.fromEntries(inputs);
}

/** As it is here: undefined is the token's default index, which is null in JSON. */
function named(index: string | null): string | undefined {
  return index ?? undefined;
}
