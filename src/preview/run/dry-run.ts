/**
 * A dry run: the events of one input through its chain, the very one that the daemon would run, and to nowhere.
 */
import type { CompiledInput } from "../../agent/setup/compile.ts";
import { endedParts, Split } from "../../chain/split.ts";
import type { StepCounts } from "../../chain/step.ts";
import type { Origin, Records } from "../../event/block.ts";
import type { Metadata, Verdict } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import type { TimeFaultCount } from "../../event/time/event-times.ts";
import type { Outcome } from "./outcome.ts";
import { stateOf, stateOfRecord, type Tracer } from "./tracer.ts";

/** What of an input its events go through, and what they have in common. */
export type DryInput = Pick<CompiledInput, "name" | "chain" | "origin">;

export class DryRun {
  readonly input: DryInput;
  readonly #tracer: Tracer;
  readonly #default_output: string;
  #events = 0;

  /** `tracer` is the one whose `observe` the chain was compiled with. */
  constructor(input: DryInput, tracer: Tracer, default_output: string) {
    this.input = input;
    this.#tracer = tracer;
    this.#default_output = default_output;
  }

  get steps(): readonly StepCounts[] {
    return this.input.chain.steps;
  }

  /** The paths by which a step masks, as they are written, each with the events that had a value there. */
  hitsOf(step: StepCounts): ReadonlyMap<string, number> {
    const found = this.#tracer.hits.get(step) ?? new Map<string, number>();
    const missed = step.unmatched.map(({ path }): [string, number] => [path, 0]);
    return new Map([...found, ...missed.filter(([path]) => !found.has(path))]);
  }

  /** The names in conditions of the step that no event had so far, as they are written. */
  absentIn(step: StepCounts): readonly string[] {
    return [...(this.#tracer.absent.get(step) ?? [])].map(({ text }) => text);
  }

  /** Times that could not be read, or can hardly be right. */
  get time_faults(): readonly TimeFaultCount[] {
    return this.input.chain.scanner.times.faults;
  }

  /** What the events of a stream have in common. */
  originOf(stream: string): Origin {
    const { origin } = this.input;
    const { metadata } = origin;
    return { ...origin, stream, metadata: { ...metadata, source: metadata.source ?? stream } };
  }

  /**
   * Runs one record through the chain, and gives what became of it: of each event by itself where steps gave several for it. That
   * is to be looked at before the next one is run.
   */
  run(records: Records, number: number, keeps_states: boolean): Outcome[] {
    const { chain } = this.input;
    const tracer = this.#tracer;
    const event = new LogEvent(records, number, chain.scanner);
    const { changes, metadata } = event;
    tracer.begin(event, keeps_states);
    const given = records.known?.[number]?.verdict;
    const end = given ?? chain.runHere(event);
    this.#events += 1;
    const came = { records, number, changes, metadata, is_ended: given !== undefined };
    if (!(end instanceof Split)) {
      tracer.end();
      return [this.#outcomeOf(event, end, came)];
    }
    const ends = endedParts(chain, end, {
      split: (split) => tracer.split(split),
      part: (part) => tracer.beginPart(part),
    });
    const outcomes: Outcome[] = [];
    for (const [part, verdict] of ends) {
      tracer.end();
      outcomes.push(this.#outcomeOf(part, verdict, { ...came, changes: -1 }));
    }
    const of = outcomes.length;
    if (of === 1) return outcomes;
    return outcomes.map((outcome, at) => ({ ...outcome, part: { number: at + 1, of } }));
  }

  /** What became of an event that came in so. */
  #outcomeOf(event: LogEvent<Records>, verdict: Verdict | undefined, came: CameIn): Outcome {
    const { records, number, changes, metadata, is_ended } = came;
    const tracer = this.#tracer;
    return {
      number: this.#events,
      part: undefined,
      input: this.input.name,
      stream: records.origin.stream,
      offset: event.offset,
      fate: verdict?.fate ?? "kept",
      reason: verdict?.reason,
      detail: verdict?.detail,
      step: verdict === undefined || is_ended ? undefined : tracer.last?.name,
      // The daemon reads it of what it sends, too, and counts then what cannot be read.
      time: verdict === undefined ? event.time : undefined,
      output: verdict === undefined ? (event.output ?? this.#default_output) : undefined,
      is_changed: event.changes !== changes,
      changed_by: tracer.changed_by,
      original_bytes: event.truncation?.original_bytes,
      before: () => stateOfRecord(records, number, metadata),
      after: () =>
        event.changes === changes ? stateOfRecord(records, number, metadata) : stateOf(event),
      traces: tracer.traces,
    };
  }
}

/** How an event came in. */
interface CameIn {
  readonly records: Records;
  readonly number: number;
  /** Of the event, then. */
  readonly changes: number;
  readonly metadata: Metadata;
  /** Whether it had ended before it came to the chain. */
  readonly is_ended: boolean;
}
