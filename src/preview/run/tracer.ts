/**
 * Follows one event at a time through the steps of a chain: which of them it is given to, and what each does to it.
 *
 * It is called before each step (see CompileContext.observe). What a step did is what is different when the next one is
 * called, or when the chain is finished, since it is only then that all edits of the step are in the event.
 */
import type { Split } from "../../chain/split.ts";
import type { Path } from "../../event/scan/path.ts";
import type { Step, StepCounts } from "../../chain/step.ts";
import type { Records } from "../../event/block.ts";
import type { FieldValue, Metadata } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import type { State, StepTrace } from "./outcome.ts";
import { TextNames } from "./text-names.ts";

/** What was done to an event before a step split it, and which step that was. */
interface Way extends Omit<StepTrace, "before" | "after"> {
  /** Undefined where states are not kept. */
  readonly before: State | undefined;
  readonly traces: StepTrace[];
  readonly changed_by: string[];
}

export class Tracer {
  /** For each step that masks and was given an event: the events that had a value at each of its paths. */
  readonly hits: ReadonlyMap<StepCounts, ReadonlyMap<string, number>>;
  /** For each step with conditions that was asked about an event: the names in them that have found nothing. */
  readonly absent: ReadonlyMap<StepCounts, ReadonlySet<Path>>;
  readonly #hits = new Map<StepCounts, Map<string, number>>();
  readonly #absent = new Map<StepCounts, Set<Path>>();
  readonly #names = new Map<StepCounts, TextNames>();
  #event: LogEvent<Records> | undefined;
  /** The state before the step that has the event now; undefined where states are not kept. */
  #state: State | (() => State) | undefined;
  #changes = 0;
  #step: Step | undefined;
  #traces: StepTrace[] = [];
  #changed_by: string[] = [];
  /** How the events that steps made came to be. */
  readonly #ways = new WeakMap<LogEvent<Records>, Way>();

  constructor() {
    this.hits = this.#hits;
    this.absent = this.#absent;
  }

  /** The step that was last asked about the event, or given it. */
  get last(): Step | undefined {
    return this.#step;
  }

  /** What the steps did to the event so far, where states are kept. */
  get traces(): readonly StepTrace[] {
    return this.#traces;
  }

  /** The names of the steps that changed the event so far. */
  get changed_by(): readonly string[] {
    return this.#changed_by;
  }

  /** Follows another event. `keeps_states` where it is to be known what the steps did. */
  begin(event: LogEvent<Records>, keeps_states: boolean): void {
    // Most events are not changed, and nobody asks how they were.
    this.#start(event, keeps_states ? asItCame(event) : undefined);
  }

  #start(event: LogEvent<Records>, state: State | (() => State) | undefined): void {
    this.#event = event;
    this.#step = undefined;
    this.#traces = [];
    this.#changed_by = [];
    this.#changes = event.changes;
    this.#state = state;
  }

  readonly observe = (step: Step, before: "condition" | "event"): void => {
    this.#close();
    if (step.named.length > 0 && this.#step !== step) this.#lookForNames(step);
    this.#step = step;
    if (before === "event" && step.secret_paths.length > 0) this.#countHits(step);
  };

  /** A step has given several events for the one that is followed; each of them has gone this way so far. */
  split({ step, parts }: Split): void {
    const { name, plugin, secret_paths } = step;
    const before = this.#before;
    const way = { step: name, plugin, is_masking: secret_paths.length > 0, before };
    const so_far = { ...way, traces: this.#traces, changed_by: [...this.#changed_by, name] };
    for (const part of parts) this.#ways.set(part, so_far);
  }

  /** Follows one of those events. */
  beginPart(part: LogEvent<Records>): void {
    const { before, traces, changed_by, ...how } = this.#ways.get(part)!;
    const after = before === undefined ? undefined : stateOf(part);
    this.#start(part, after);
    this.#traces =
      before === undefined || after === undefined ? [] : [...traces, { ...how, before, after }];
    this.#changed_by = [...changed_by];
  }

  /** The chain is finished with the event. */
  end(): void {
    this.#close();
  }

  get #before(): State | undefined {
    return typeof this.#state === "function" ? this.#state() : this.#state;
  }

  /** Takes note of what the last step did. */
  #close(): void {
    const [event, step] = [this.#event, this.#step];
    if (event === undefined || step === undefined || event.changes === this.#changes) return;
    this.#changes = event.changes;
    this.#changed_by.push(step.name);
    if (event.is_text && step.secret_paths.length > 0) this.#countNames(step, event);
    const before = this.#before;
    if (before === undefined) return;
    const after = stateOf(event);
    this.#state = after;
    const { name, plugin, secret_paths } = step;
    const is_masking = secret_paths.length > 0;
    this.#traces.push({ step: name, plugin, is_masking, before, after });
  }

  #lookForNames(step: Step): void {
    const event = this.#event;
    if (event === undefined || event.is_text) return;
    let absent = this.#absent.get(step);
    if (absent === undefined) {
      const names = step.named.filter(({ by }) => by === "condition");
      absent = new Set(names.map(({ path }) => path));
      this.#absent.set(step, absent);
    }
    for (const path of absent) if (event.has(path)) absent.delete(path);
  }

  /** Counts the paths whose names stand in a text that was masked: the mask goes by names there. */
  #countNames(step: Step, event: LogEvent<Records>): void {
    const hits = this.#hitsOf(step);
    let names = this.#names.get(step);
    if (names === undefined) {
      names = new TextNames(step.secret_paths);
      this.#names.set(step, names);
    }
    for (const path of names.in(textOf(event))) hits.set(path, hits.get(path)! + 1);
  }

  #countHits(step: Step): void {
    const event = this.#event;
    if (event === undefined || event.is_text) return;
    const hits = this.#hitsOf(step);
    for (const path of step.secret_paths) {
      if (event.has(path)) hits.set(path.text, hits.get(path.text)! + 1);
    }
  }

  #hitsOf(step: Step): Map<string, number> {
    let hits = this.#hits.get(step);
    if (hits === undefined) {
      hits = new Map(step.secret_paths.map(({ text }) => [text, 0]));
      this.#hits.set(step, hits);
    }
    return hits;
  }
}

/** How an event is now: with the bytes that an output would be given. */
export function stateOf(event: LogEvent<Records>): State {
  return { text: textOf(event), metadata: named(event.metadata) };
}

/** Gives how an event is that no step has had yet: also later, as its record stays as it is. */
function asItCame({ block, number, metadata }: LogEvent<Records>): () => State {
  return () => stateOfRecord(block, number, metadata);
}

/** How a record is that nothing has changed. */
export function stateOfRecord(
  { bytes, starts, ends }: Records,
  number: number,
  metadata: Metadata,
): State {
  const text = bytes.toString("utf8", starts[number], ends[number]);
  return { text, metadata: named(metadata) };
}

function textOf(event: LogEvent<Records>): string {
  const bytes = Buffer.allocUnsafe(event.byteLength);
  return bytes.toString("utf8", 0, event.copyTo(bytes, 0));
}

/** Most events have the same object. */
const shown_before = new WeakMap<Metadata, State["metadata"]>();

/** As it is shown. */
function named(metadata: Metadata): State["metadata"] {
  const known = shown_before.get(metadata);
  if (known !== undefined) return known;
  const { fields = {}, ...others } = metadata;
  const shown: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(others)) if (value != null) shown[name] = value;
  for (const [name, value] of Object.entries(fields)) shown[`fields.${name}`] = value;
  shown_before.set(metadata, shown);
  return shown;
}
