/**
 * The way of what cannot be read again: through the chain, into the input's journal, and only then acknowledged.
 *
 * The chain comes first, so that what it redacts never reaches the disk. Whatever became of an event goes into
 * the journal with the others, in one frame, so that a delivery is kept and booked as a whole or not at all.
 */
import type { Chain } from "../../chain/chain.ts";
import { Away } from "../../chain/large-events/large-events.ts";
import { endedParts, Split } from "../../chain/split.ts";
import type { Records } from "../../event/block.ts";
import { Verdict } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import type { Acceptance, DropCount, JournaledIntake } from "../../inputs/input.ts";
import type { Journal } from "../../journal/journal.ts";
import { untilAborted } from "../../platform/patience.ts";
import { type FramingWatch, isUnread } from "./framing-watch.ts";
import { Turn } from "./turn.ts";

/** How often one delivery waits for isolated steps that are started again: its sender does not wait for long. */
const waits_max = 5;

export class JournaledPipeline implements JournaledIntake {
  #chain: Chain;
  #watch: FramingWatch | undefined;
  readonly #journal: Journal;
  readonly #mask: (text: string) => string;
  /** Aborted while its input stops, which does not wait for isolated steps. */
  #hurry = new AbortController();

  constructor(
    chain: Chain,
    journal: Journal,
    mask: (text: string) => string,
    watch?: FramingWatch,
  ) {
    this.#chain = chain;
    this.#watch = watch;
    this.#journal = journal;
    this.#mask = mask;
    chain.large?.turnOn(chain.scanner);
  }

  /** Uses another chain from the next delivery on. */
  change(chain: Chain, watch?: FramingWatch): void {
    this.#watch = watch;
    chain.countFrom(this.#chain);
    this.#chain = chain;
    chain.large?.turnOn(chain.scanner);
  }

  /**
   * From now on, until `takeTime`, nothing waits for isolated steps: they fail on what they cannot take. So all that came in
   * is kept while the input stops, or is opened again.
   */
  hurry(): void {
    this.#hurry.abort();
  }

  takeTime(): void {
    if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
  }

  accept(records: Records, drops?: DropCount): Promise<Acceptance> {
    const { known } = records;
    const watch = this.#watch;
    let unread = 0;
    const judge: Judge = (event, chain, step) => {
      const given = known?.[event.number]?.verdict;
      const end = given ?? chain.run(event, step);
      if (!(end instanceof Verdict)) return end;
      if (isUnread(end, given)) unread += 1;
      return end;
    };
    const look = (): void => {
      if (watch?.look(records, unread) === false) this.#watch = undefined;
    };
    return this.#keep(records, { judge, look }, drops);
  }

  quarantine(records: Records, reason: string, detail?: string): Promise<Acceptance> {
    const verdict = new Verdict("quarantined", reason, detail);
    return this.#keep(records, { judge: () => verdict, look: () => undefined });
  }

  room(): Promise<void> | undefined {
    return this.#chain.hold?.() ?? this.#journal.room();
  }

  async #keep(records: Records, { judge, look }: Judging, drops?: DropCount): Promise<Acceptance> {
    const delivery = this.#journal.delivery();
    const chain = this.#chain;
    const ended = new Map<Verdict, Ended>();
    const made = new Map<string, number>();
    const take = (event: LogEvent<Records>, verdict: Verdict | undefined): void => {
      if (verdict === undefined) delivery.add(event);
      else if (verdict.fate === "quarantined") delivery.quarantine(event, verdict, this.#mask);
      else count(ended, verdict, verdict.fate);
    };
    const noteMade = (split: Split): void => {
      if (split.made > 0) made.set(split.step.name, (made.get(split.step.name) ?? 0) + split.made);
    };
    let waits = 0;
    const turn = new Turn();
    for (let number = 0; number < records.count; number += 1) {
      const held = this.#chain.hold?.();
      if (held !== undefined && waits < waits_max) {
        await untilAborted(held, this.#hurry.signal);
        // What could not be started again need not be waited for a second time. The step fails on the events.
        waits = this.#chain.hold?.() === undefined ? waits + 1 : waits_max;
      }
      if (turn.end !== undefined) {
        await turn.end;
        turn.begin();
      }
      let own = this.#chain;
      let event = new LogEvent(records, number, own.scanner);
      let end = judge(event, own, 0);
      while (end instanceof Away) {
        const { step } = end;
        await end.settle();
        // The steps of a former chain are ended: the event begins again.
        const is_former = own !== this.#chain;
        own = this.#chain;
        if (is_former) event = new LogEvent(records, number, own.scanner);
        end = judge(event, own, is_former ? 0 : step);
      }
      turn.count(records.ends[number]! - records.starts[number]!);
      if (!(end instanceof Split)) take(event, end);
      else for (const part of endedParts(own, end, { split: noteMade })) take(...part);
    }
    look();
    // Where a reload came in between, one chain has not seen all of them.
    if (chain === this.#chain) delivery.redactedBy(chain.redacted_by);
    for (const [step, events] of made) delivery.noteMade(step, events);
    let dropped = 0;
    for (const { fate, reason, events } of ended.values()) {
      delivery.end(fate, reason, events);
      if (fate === "dropped") dropped += events;
    }
    const acceptance = await this.#journal.append(delivery);
    if (acceptance === "full" || acceptance === "unavailable") return acceptance;
    if (drops !== undefined) drops.dropped += acceptance === "dropped" ? records.count : dropped;
    return "accepted";
  }
}

/** Runs the chain on an event from a step on. */
type Judge = (
  event: LogEvent<Records>,
  chain: Chain,
  step: number,
) => Verdict | Split | Away | undefined;

interface Judging {
  readonly judge: Judge;
  /** Called behind the last event. */
  readonly look: () => void;
}

/** Events that one verdict ended. */
interface Ended {
  fate: "filtered" | "dropped";
  reason: string;
  events: number;
}

function count(ended: Map<Verdict, Ended>, verdict: Verdict, fate: Ended["fate"]): void {
  const known = ended.get(verdict);
  if (known !== undefined) known.events += 1;
  else ended.set(verdict, { fate, reason: verdict.reason, events: 1 });
}
