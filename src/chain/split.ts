/**
 * The events that a step gave for one event: each goes on by itself, with the next step.
 *
 * They are in the books like those that came in, and belong to the same block: its receipt is settled only when all of them
 * are.
 */
import type { Records } from "../event/block.ts";
import type { Verdict } from "../event/event.ts";
import { LogEvent } from "../event/log-event.ts";
import { made_events_max } from "../event/made/made-events.ts";
import { StepFailure } from "../platform/step-failure.ts";
import type { Step } from "./step.ts";

/** Events that a step gave for one. */
export type Parts = readonly LogEvent<Records>[];

/** Those that were looked at. No plugin has one of these lists. */
const checked = new WeakSet<Parts>();

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

/**
 * The events that a step gave for `event`, where its answer is a list, or an event that it made. Whatever is wrong with them
 * throws, and then none of them counts.
 */
export function partsOf(event: LogEvent<Records>, answer: unknown): Parts | undefined {
  if (answer instanceof LogEvent) return [partOf(event, answer, "what")];
  if (!Array.isArray(answer)) return undefined;
  if (checked.has(answer)) return answer as Parts;
  const { length } = answer;
  if (length > made_events_max + 1) {
    throw new StepFailure(`a step may return at most ${made_events_max} events that it made`);
  }
  // Whatever a proxy or a list with holes gives, is looked at once.
  const parts = Array.from({ length }, (_, number) =>
    partOf(event, answer[number], `item ${number} of what`),
  );
  if (parts.filter((each) => each === event).length > 1) {
    throw new StepFailure("the step returned the same event twice");
  }
  checked.add(parts);
  return parts;
}

function partOf(event: LogEvent<Records>, part: unknown, what: string): LogEvent<Records> {
  if (part === event) return event;
  const is_made = part instanceof LogEvent && (part as LogEvent<Records>).takeMade(event);
  if (!is_made) {
    const wanted = "neither the event, nor one that it made of it, once";
    throw new StepFailure(`${what} the step returned is ${wanted}`);
  }
  // What was done to its record is written back in the name of this step.
  part.commit();
  const { invalid } = part;
  if (invalid === undefined) return part;
  const where = `${invalid.reason} at byte ${invalid.byte}`;
  throw new StepFailure(`${what} the step returned is not JSON: ${where}`);
}

/** A chain, which runs the event through its steps from that number on. */
interface Runner {
  run<Source extends Records>(
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
    const end = chain.run(event, split.next);
    if (end instanceof Split) yield* endedParts(chain, end, watch);
    else yield [event, end];
  }
}
