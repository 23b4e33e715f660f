/**
 * The way of one input's blocks: through its chain, into the outputs or the quarantine, all in one call.
 *
 * `accept` is synchronous from the first event of a block to the last. It returns a promise only to make
 * the input wait: for room where its events go, or for the state to be written; or in the middle of a block, for an isolated
 * step whose process is started again, for a large event that another thread redacts, or for others to have their turn.
 */
import type { Chain } from "../../chain/chain.ts";
import { Away } from "../../chain/large-events/large-events.ts";
import { endedParts, Split } from "../../chain/split.ts";
import type { Aside, Block, PackedBlock, PackedBody, UnpackReason } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import type { Intake } from "../../inputs/input.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Quarantine } from "../../output/quarantine/quarantine.ts";
import { systemClock } from "../../platform/clock.ts";
import { atMost, untilAborted } from "../../platform/patience.ts";
import type { Destination } from "../outputs/destination.ts";
import { type FramingWatch, isUnread } from "./framing-watch.ts";
import type { Routes } from "./routes.ts";
import { Turn } from "./turn.ts";
import { VerdictAccounts } from "./verdict-accounts.ts";

/** Something that can ask the inputs to wait. */
export interface Room {
  room(input: string): Promise<void> | undefined;
}

/** What the pipelines of all inputs share, but for the routes, which an input may have of its own. */
export interface Downstream {
  ledger: Ledger;
  routes: Routes;
  quarantine: Quarantine;
  /** Asked in this order after every block, when the destinations of the input's events have room. */
  rooms: readonly Room[];
  /** When it is aborted, nothing waits any more. */
  stop: AbortSignal;
  /** Comes before a block that waited goes on: brings the chain that is in force, where nobody else does. */
  prepare?: () => Promise<void> | undefined;
}

/** How long a stop waits for a large event that is being redacted. */
const redaction_at_stop_ms_max = 5000;
/** Indexes that are noted of one block. */
const indexes_max = 64;

/** An event in the middle of a chain, and the step that it goes on with. */
interface Paused {
  readonly chain: Chain;
  readonly event: LogEvent;
  readonly step: number;
}

/** How far a block is. */
interface Work {
  readonly block: Block;
  readonly aside: Aside | undefined;
  /** Of the record that is next. */
  number: number;
  /** Events that verdicts have ended, other than by quarantine. */
  readonly ended: Map<Verdict, number>;
  unread: number;
  /** The event that waited, which is next. */
  paused: Paused | undefined;
}

export class Pipeline implements Intake {
  #chain: Chain;
  #watch: FramingWatch | undefined;
  readonly #downstream: Downstream;
  readonly #accounts: VerdictAccounts;
  /** Where its events have gone so far. It waits for room there only. */
  readonly #used = new Set<Destination>();
  #last: { output: string | undefined; destination: Destination } | undefined;
  /** While a block waits for an isolated step: resolves when it goes on. The next one waits for that. */
  #unfinished: Promise<void> | undefined;
  /** Has whoever waits for room look again. */
  #lookAgain: () => void = () => undefined;

  constructor(chain: Chain, downstream: Downstream, watch?: FramingWatch) {
    this.#chain = chain;
    this.#watch = watch;
    this.#downstream = downstream;
    this.#accounts = new VerdictAccounts(downstream.ledger);
    chain.large?.turnOn(chain.scanner);
  }

  accept(block: Block, aside?: Aside): Promise<void> | undefined {
    return this.#process({
      block,
      aside,
      number: 0,
      ended: new Map(),
      unread: 0,
      paused: undefined,
    });
  }

  #process(work: Work): Promise<void> | undefined {
    const { block, ended } = work;
    const chain = this.#chain;
    const watch = this.#watch;
    const turn = new Turn();
    for (; work.number < block.count; work.number += 1) {
      const { number } = work;
      // The steps of a former chain are ended, and those that are new since then are for this event, too: it begins again.
      const paused = work.paused?.chain === chain ? work.paused : undefined;
      const held = chain.hold?.();
      if (held !== undefined && paused === undefined) {
        this.idle();
        return this.#processLater(work, held);
      }
      if (turn.end !== undefined) return this.#processSoon(work, turn.end);
      work.paused = undefined;
      const event = paused?.event ?? new LogEvent(block, number, chain.scanner);
      const known = block.known?.[number]?.verdict;
      const end = known ?? chain.run(event, paused?.step);
      turn.count(block.ends[number]! - block.starts[number]!);
      if (end === undefined) {
        this.#send(event, block.indexes);
        continue;
      }
      if (end instanceof Away) {
        work.paused = { chain, event, step: end.step };
        return this.#processSoon(work, end.settle());
      }
      if (end instanceof Split) {
        this.#endParts(work, chain, end);
        // What is made of one event may be a lot, and the next one waits for room.
        const full = this.#roomPromise(block.origin.input);
        if (full === undefined) continue;
        work.number += 1;
        this.idle();
        return this.#processLater(work, full);
      }
      if (watch !== undefined && isUnread(end, known)) work.unread += 1;
      this.#end(work, event, end);
    }
    // The input may be idle before the next block, and then the destination has to know that there is more.
    this.#last = undefined;
    for (const [verdict, count] of ended) block.receipt.settle(this.#accounts.of(verdict), count);
    if (watch?.look(block, work.unread) === false) this.#watch = undefined;
    block.release();
    return this.#whenRoom(block.origin.input, work.aside);
  }

  #send(event: LogEvent, indexes: Block["indexes"]): void {
    this.#destinationOf(event.metadata.output).add(event);
    if (indexes !== undefined && indexes.size < indexes_max) indexes.add(event.metadata.index);
  }

  #end({ ended }: Work, event: LogEvent, verdict: Verdict): void {
    if (verdict.fate === "quarantined") this.#downstream.quarantine.add(event, verdict);
    else ended.set(verdict, (ended.get(verdict) ?? 0) + 1);
  }

  /** Runs the events that a step gave for one to their ends. */
  #endParts(work: Work, chain: Chain, first: Split<Block>): void {
    const { receipt, indexes } = work.block;
    const grow = ({ step, made }: Split<Block>): void => {
      if (made > 0) receipt.grow(step.name, made);
    };
    for (const [event, verdict] of endedParts(chain, first, { split: grow })) {
      if (verdict === undefined) this.#send(event, indexes);
      else this.#end(work, event, verdict);
    }
  }

  /** Goes on with a block when an isolated step takes events again, or another chain does; not after a stop. */
  async #processLater(work: Work, held: Promise<void>): Promise<void> {
    this.#last = undefined;
    const { stop } = this.#downstream;
    const { promise: changed, resolve } = Promise.withResolvers<void>();
    this.#lookAgain = resolve;
    this.#unfinished = untilAborted(Promise.race([held, changed]), stop);
    await this.#unfinished;
    this.#unfinished = undefined;
    if (!stop.aborted) await this.#goOn(work);
  }

  /**
   * Goes on with a block when others have had their turn, or when a large event is redacted. Also after a stop: of a block that is
   * left in the middle, what was delivered would be sent again. A stop waits only so long for a large event.
   */
  async #processSoon(work: Work, ready: Promise<void>): Promise<void> {
    this.#last = undefined;
    const { stop } = this.#downstream;
    let is_ready = false;
    const noted = ready.then(() => (is_ready = true));
    const waited = (async (): Promise<void> => {
      await untilAborted(noted, stop);
      if (!is_ready) await atMost(noted, redaction_at_stop_ms_max, systemClock);
    })();
    this.#unfinished = waited;
    await waited;
    this.#unfinished = undefined;
    if (is_ready) await this.#goOn(work);
  }

  async #goOn(work: Work): Promise<void> {
    const { prepare } = this.#downstream;
    for (let made = prepare?.(); made !== undefined; made = prepare?.()) await made;
    await this.#process(work);
  }

  whyUnpacked(body: PackedBody): UnpackReason | undefined {
    if (this.#chain.steps.length > 0) return "steps";
    const destination = this.#downstream.routes.of(undefined);
    return destination.pass === undefined ? "buffer" : destination.whyUnpacked!(body);
  }

  pass(block: PackedBlock): Promise<void> | undefined {
    this.#chain.events += block.count;
    this.#destinationOf(undefined).pass!(block);
    this.#last = undefined;
    return this.#whenRoom(block.origin.input, "many");
  }

  get may_set_indexes(): boolean {
    return this.#chain.steps.length > 0;
  }

  refuses(index: string | undefined): boolean {
    return this.#downstream.routes.of(undefined).refuses?.(index) === true;
  }

  room(input: string, aside?: Aside): Promise<void> | undefined {
    // Who reads may be another one than who gave that block, after a reload.
    if (this.#unfinished !== undefined) return this.#unfinished;
    // Before the first block it is known where that goes only where there is one place to go to.
    const { routes } = this.#downstream;
    const is_first = this.#used.size === 0 && this.#chain.scanner.outputs.size === 0;
    const first = is_first ? routes.of(undefined).room(input, aside) : undefined;
    return first ?? this.#roomPromise(input, aside);
  }

  idle(): void {
    for (const destination of this.#used) destination.idle(this);
  }

  /** Uses another chain from the next block on, and waits no more for where events went before. */
  change(chain: Chain, watch?: FramingWatch): void {
    this.#watch = watch;
    chain.countFrom(this.#chain);
    this.use(chain);
  }

  /** The same for a chain that counts for itself, or goes on with the counts of another pipeline. */
  use(chain: Chain): void {
    this.#chain = chain;
    chain.large?.turnOn(chain.scanner);
    this.#accounts.clear();
    this.idle();
    this.#used.clear();
    this.#lookAgain();
  }

  /** Events come in runs of one output, so the last one is remembered. */
  #destinationOf(output: string | undefined): Destination {
    if (this.#last !== undefined && this.#last.output === output) return this.#last.destination;
    const destination = this.#downstream.routes.of(output);
    this.#used.add(destination);
    destination.begin(this);
    this.#last = { output, destination };
    return destination;
  }

  #whenRoom(input: string, aside: Aside | undefined): Promise<void> | undefined {
    return this.#roomPromise(input, aside) === undefined
      ? undefined
      : this.#waitForRoom(input, aside);
  }

  #roomPromise(input: string, aside?: Aside): Promise<void> | undefined {
    for (const each of this.#used) {
      const promise = each.room(input, aside);
      if (promise !== undefined) return promise;
    }
    for (const each of this.#downstream.rooms) {
      const promise = each.room(input);
      if (promise !== undefined) return promise;
    }
    return undefined;
  }

  async #waitForRoom(input: string, aside: Aside | undefined): Promise<void> {
    const { stop } = this.#downstream;
    while (!stop.aborted) {
      const promise = this.#roomPromise(input, aside);
      if (promise === undefined) return;
      const { promise: changed, resolve } = Promise.withResolvers<void>();
      this.#lookAgain = resolve;
      await untilAborted(Promise.race([promise, changed]), stop);
    }
  }
}
