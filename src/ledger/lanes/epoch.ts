/**
 * The epoch that numbers of lanes belong to, and whether it goes on after a restart.
 *
 * What is read again after a crash has to get the same numbers, and no other event may get them. That holds where the last run
 * left nothing open; and where all that it left open was begun under the configuration that is in force again, and that makes
 * the same events of the same records. Anywhere else a new epoch begins. So it does where the machine was started again: a loss of
 * power takes what a writer had appended to a file and nobody had synced. That may have been read, and what is written there
 * afterwards is something else. And so it does where the state was put back from a backup, with or without the machine: other
 * events have got the numbers that come next, and the number of the epoch that would. Epochs have the time as their numbers.
 *
 * A configuration in force is a generation. It is in the written state before events go by it: a crash in the middle of a change
 * finds that something older may be open.
 */
import type { EpochState } from "./state.ts";

/** What decides what becomes of a record. */
export interface Behaviour {
  readonly agent: string;
  /** Of configuration, plugins and version. */
  readonly digest: string;
  /** Whether records that are read again become the same events. */
  readonly is_repeatable: boolean;
  /** When the machine was started, as far as its clock tells; undefined where nobody has noted it. */
  readonly booted_ms?: number | undefined;
}

/** What an epoch that begins goes by. */
export interface Beginning extends Behaviour {
  /** The least number of a new epoch: one that no former state, put back, has given or will give again. Default: 1. */
  readonly least_epoch?: number | undefined;
}

/** By so much a clock may have been set since the machine was started. */
const booted_ms_apart = 60_000;

/** A configuration in force, and how many blocks are open that were begun under it. */
export interface Generation {
  open: number;
}

export class Epoch {
  #state: EpochState | undefined;
  #current: Generation = { open: 0 };
  #open = 0;
  /** Whether a change was announced and is not done. */
  #is_changing = false;
  #is_on = false;
  /** Whether events are numbered by what was announced. */
  #is_coming = false;
  #has_resumed = false;
  #ended: number | undefined;

  constructor(state: EpochState | undefined) {
    this.#state = state;
  }

  /** Whether events are numbered. */
  get is_on(): boolean {
    return this.#is_on;
  }

  /** Whether events may be numbered: also while a change is prepared that has them be, since the written state knows of it. */
  get may_number(): boolean {
    return this.#is_on || this.#is_coming;
  }

  /** That of the numbers that are given now; 0 where there never were any. */
  get number(): number {
    return this.#state?.epoch ?? 0;
  }

  get agent(): string {
    return this.#state?.agent ?? "";
  }

  /** Whether numbers go on that a run had given that did not end cleanly. */
  get has_resumed(): boolean {
    return this.#has_resumed;
  }

  /** The epoch before, where it ended although something may have gone out beyond the checkpoints. */
  get ended(): number | undefined {
    return this.#ended;
  }

  /** To be written with the checkpoints; undefined where nothing was ever numbered. */
  get state(): EpochState | undefined {
    const state = this.#state;
    if (state === undefined) return undefined;
    const has_older = state.has_older || this.#is_changing || this.#open > this.#current.open;
    return { ...state, has_older };
  }

  /** Begins a run; undefined where nothing is numbered. Says whether the state is to be written before any event goes by it. */
  begin(behaviour: Beginning | undefined): boolean {
    const before = this.#state;
    if (behaviour === undefined) {
      // What is open gets no numbers when it is read again, so that later ones must not go on from there.
      if (before?.is_clean === false) this.#state = { ...before, has_older: true };
      return false;
    }
    this.#is_on = true;
    const goes_on = before !== undefined && goesOn(before, behaviour);
    this.#ended = goes_on || before?.is_clean !== false ? undefined : before.epoch;
    this.#has_resumed = goes_on && !before.is_clean;
    this.#state = next(before, behaviour, goes_on);
    // That the last run has left nothing open holds no longer.
    const is_same = goes_on && !before.is_clean && before.digest === behaviour.digest;
    return !is_same || !behaviour.is_repeatable;
  }

  /** Says that another configuration is about to be in force. The state is to be written before it is. */
  announce(behaviour: Beginning | undefined): void {
    if (this.#state === undefined && behaviour === undefined) return;
    this.#is_changing = true;
    this.#is_coming = behaviour !== undefined;
    const before = this.#state;
    // Where it was off, nothing was numbered since it was clean last. What a crash has sent may not all be read again yet.
    const goes_on = this.#is_on ? !this.#has_resumed : before?.is_clean === true;
    this.#has_resumed = false;
    if (behaviour !== undefined) this.#state = next(before, behaviour, goes_on);
    else if (this.#is_on) this.#state = { ...before!, has_older: true };
  }

  /** It is in force from now on. */
  use(behaviour: Behaviour | undefined): void {
    this.#is_changing = false;
    this.#is_coming = false;
    this.#is_on = behaviour !== undefined;
    this.#current = { open: 0 };
  }

  /** A block is opened; the generation is to be given back when a checkpoint has passed it. */
  opened(): Generation {
    this.#open += 1;
    this.#current.open += 1;
    return this.#current;
  }

  passed(generation: Generation): void {
    this.#open -= 1;
    generation.open -= 1;
  }

  /** Nothing is opened or settled any more in this run. */
  end(): void {
    if (this.#state === undefined || !this.#is_on) return;
    this.#state = { ...this.#state, is_clean: this.#open === 0 && !this.#is_changing };
  }
}

function goesOn(before: EpochState, behaviour: Behaviour): boolean {
  const { agent, digest, is_repeatable } = behaviour;
  if (before.agent !== agent || !isSameBoot(before, behaviour)) return false;
  if (before.is_clean) return true;
  if (before.digest !== digest || before.has_older) return false;
  return before.is_repeatable && is_repeatable;
}

function isSameBoot({ booted_ms: one }: EpochState, { booted_ms: other }: Behaviour): boolean {
  if (one === undefined || other === undefined) return true;
  return Math.abs(one - other) <= booted_ms_apart;
}

function next(before: EpochState | undefined, beginning: Beginning, goes_on: boolean): EpochState {
  const { epoch = 0, generation = 0 } = before ?? {};
  const { least_epoch = 1, ...behaviour } = beginning;
  return {
    ...behaviour,
    epoch: goes_on ? epoch : Math.max(epoch + 1, least_epoch),
    generation: before?.digest === behaviour.digest && goes_on ? generation : generation + 1,
    is_clean: false,
    has_older: false,
  };
}
