/**
 * The events that a step gave for one event: each goes on by itself, with the next step.
 *
 * They are in the books like those that came in, and belong to the same block: its receipt is settled only when all of them
 * are.
 */
import type { Records } from "../event/block.ts";
import type { Verdict } from "../event/event.ts";
import type { LogEvent } from "../event/log-event.ts";
import type { Parts } from "./plugins/parts.ts";
import type { Step } from "./step.ts";

/** What became of an event that a step has split. */
export class Split<Source extends Records = Records> {
  readonly step: Step;
  readonly parts: readonly LogEvent<Source>[];
  /** The number of the step that they go on with. */
  readonly next: number;

  constructor(step: Step, parts: Parts, next: number) {
    this.step = step;
    // A step gives nothing but what was made of the event's own record.
    this.parts = parts as readonly LogEvent<Source>[];
    this.next = next;
  }

  /** How many events there are more than before. */
  get made(): number {
    return this.parts.length - 1;
  }
}

/** A chain, which runs the event through its steps from that number on. */
interface Runner {
  runHere<Source extends Records>(
    event: LogEvent<Source>,
    from: number,
  ): Verdict | Split<Source> | undefined;
}

/** What is to be known while parts are run. */
export interface SplitWatch<Source extends Records> {
  /** Called before the parts of a split are run. */
  split(split: Split<Source>): void;
  /** Called before each part is run. */
  part?(event: LogEvent<Source>, split: Split<Source>): void;
}

/** Runs each part through the rest of the chain, in their order, and gives it with what became of it. */
export function* endedParts<Source extends Records>(
  chain: Runner,
  split: Split<Source>,
  watch: SplitWatch<Source>,
): Generator<readonly [event: LogEvent<Source>, verdict: Verdict | undefined]> {
  watch.split(split);
  for (const event of split.parts) {
    watch.part?.(event, split);
    const end = chain.runHere(event, split.next);
    if (end instanceof Split) yield* endedParts(chain, end, watch);
    else yield [event, end];
  }
}
