/**
 * Indexes that a reload has corrected: what waits because Splunk refuses an index goes to the one that its input names now.
 *
 * It is done only where all of this holds: the event came in before the reload, its index is one that its input named then, the
 * input names another one now, and Splunk was refusing the former one at the reload, or had not answered yet whether it takes the
 * one of the correction before. All other events keep their index.
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
  /** Whether nobody has named `to` before, or Splunk has refused it: its events may be in flight, and come back. */
  readonly doubted: boolean;
  /** Events that it has been given to, and nobody has asked about. */
  freed: number;
}

export class IndexCorrections {
  /** By input and former index. */
  #corrections = new Map<string, Map<string | undefined, Correction>>();
  readonly #former = new Map<string, Set<string | undefined>>();

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

  /** What a later run has to know; `stopped` at the end of this one. */
  kept(stopped?: { named: InputIndexes; refused: RefusedIndexes }): KeptCorrections {
    const former = [...this.#former].map(([input, indexes]) => [input, inJson(indexes)] as const);
    const corrections = [...this.#corrections].map(([input, own]) => {
      const each = [...own].map(([index = null, { until_ms }]) => ({ index, until_ms }));
      return [input, each] as const;
    });
    return {
      version: 1,
      former: Object.fromEntries(former),
      corrections: Object.fromEntries(corrections),
      stopped: stopped && {
        named: Object.fromEntries(
          [...stopped.named].map(([input, index = null]) => [input, index]),
        ),
        refused: inJson(stopped.refused),
      },
    };
  }

  /** Goes on from a former run, by what the configuration says now. */
  restore(
    { former, corrections, stopped }: KeptCorrections,
    next: InputIndexes,
    now_ms: number,
  ): void {
    for (const [input, indexes] of Object.entries(former))
      this.#former.set(input, new Set(indexes.map((index) => index ?? undefined)));
    for (const [input, own] of Object.entries(corrections)) {
      const known = own.map(({ index, until_ms }) => {
        return [index ?? undefined, { to: undefined, until_ms, doubted: false, freed: 0 }] as const;
      });
      this.#corrections.set(input, new Map(known));
    }
    const named = Object.entries(stopped?.named ?? {});
    const refused = new Set((stopped?.refused ?? []).map((index) => index ?? undefined));
    const before = new Map(named.map(([input, index]) => [input, index ?? undefined]));
    this.reload(before, next, { refused, now_ms });
  }

  /** Whether a reload would give another index to events that wait for a refused one, or may be about to. */
  frees(before: InputIndexes, next: InputIndexes, refused: RefusedIndexes): boolean {
    return [...next].some(
      ([input, to]) =>
        [...this.#formerOf(input, before)].some((index) => index !== to && refused.has(index)) ||
        doubtful(this.#corrections.get(input), to).length > 0,
    );
  }

  /** Goes by `next` from now on. */
  reload(
    before: InputIndexes,
    next: InputIndexes,
    { refused, now_ms }: { refused: RefusedIndexes; now_ms: number },
  ): void {
    const corrections = new Map<string, Map<string | undefined, Correction>>();
    for (const [input, to] of next) {
      const former = this.#formerOf(input, before);
      this.#former.set(input, former);
      const known = this.#corrections.get(input);
      const own = new Map<string | undefined, Correction>();
      const doubted = !former.has(to) || known?.has(to) === true;
      for (const index of former) {
        if (index === to) continue;
        if (refused.has(index)) own.set(index, { to, until_ms: now_ms, doubted, freed: 0 });
        else if (known?.has(index) === true) own.set(index, { ...known.get(index)!, to, doubted });
      }
      for (const { to: index, until_ms } of doubtful(known, to))
        if (!own.has(index)) own.set(index, { to, until_ms, doubted, freed: 0 });
      if (own.size > 0) corrections.set(input, own);
    }
    // What was dropped of an input is reported in the index of the input.
    const own_events = new Map([...corrections.values()].flatMap((own) => [...own]));
    for (const [index, each] of corrections.get(own_input) ?? []) own_events.set(index, each);
    if (own_events.size > 0) corrections.set(own_input, own_events);
    this.#corrections = corrections;
  }

  #formerOf(input: string, before: InputIndexes): Set<string | undefined> {
    const former = new Set(this.#former.get(input));
    if (before.has(input)) former.add(before.get(input));
    return former;
  }
}

/** Those whose events may be in flight to an index that is not named any more, before Splunk has said what it makes of it. */
function doubtful(
  known: ReadonlyMap<string | undefined, Correction> | undefined,
  to: string | undefined,
): Correction[] {
  return [...(known?.values() ?? [])].filter((each) => each.doubted && each.to !== to);
}

function inJson(indexes: ReadonlySet<string | undefined>): (string | null)[] {
  return [...indexes].slice(-indexes_max).map((index) => index ?? null);
}
