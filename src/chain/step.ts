/**
 * One step of a running chain: what it does, what it has counted, and the verdicts that it gives.
 *
 * Verdicts are made once for each reason, so that ending an event allocates nothing; only a quarantined
 * event may have a detail of its own.
 */
import { type Event, Verdict } from "../event/event.ts";
import type { Path } from "../event/scan/path.ts";
import type { Hold } from "./plugins/created-step.ts";
import type { Dispose } from "./plugins/disposal.ts";
import { reasons } from "./plugins/failure.ts";
import type { StepOptions } from "./options.ts";
import { type NameDoubt, type NamedValue, NameWatch } from "./name-watch.ts";
import type { Condition, Handle } from "../plugin.ts";
import type { PatternsInUse, RedactionWatch, UnmatchedPath } from "./redaction-watch.ts";

/** Different reasons that a step may give; further ones are counted together. */
const reasons_max = 100;
const detail_length_max = 200;

export interface StepParts {
  /** What it is counted under. */
  readonly name: string;
  readonly plugin: string;
  readonly file: string;
  readonly handle: Handle;
  readonly dispose: Dispose;
  readonly hold?: Hold | undefined;
  readonly when: Condition | undefined;
  readonly on_error: "quarantine" | "drop";
  /** As they are in the configuration. */
  readonly options: StepOptions;
  /** Paths that it has declared to lead to secrets. */
  readonly secret_paths: readonly Path[];
  /** Its own patterns of secrets. */
  readonly patterns: PatternsInUse;
  /** Values that it names by exact paths, in its conditions and elsewhere. */
  readonly named: readonly NamedValue[];
  /** Its last look at every event that the chain keeps. */
  readonly isClean: ((event: Event) => boolean) | undefined;
}

/** Events since start: those that the step was given, and what became of them where it ended them. */
export interface StepCounts {
  readonly name: string;
  readonly plugin: string;
  /** As they are in the configuration. */
  readonly options: StepOptions;
  readonly received: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly quarantined: number;
  /** Those of the dropped and quarantined on which the step failed. */
  readonly failed: number;
  /** Those that it kept, and changed. */
  readonly changed: number;
  /** Those whose time was taken, and how long they took together, the step's condition included. */
  readonly timed: number;
  readonly timed_ms: number;
  /** Of a redact step, the paths that have found nothing. */
  readonly unmatched: readonly UnmatchedPath[];
  /** What is likely wrong with the values that it names. */
  readonly doubts: readonly NameDoubt[];
  /** The same by the events that there were so far, however few. */
  doubtsNow(): readonly NameDoubt[];
  /** Whether it is a filter that ends all events but those that it names. */
  readonly is_keep: boolean;
}

export class Step implements StepParts, StepCounts {
  readonly name: string;
  readonly plugin: string;
  readonly file: string;
  readonly handle: Handle;
  readonly dispose: Dispose;
  readonly hold: Hold | undefined;
  readonly when: Condition | undefined;
  readonly on_error: "quarantine" | "drop";
  readonly options: StepOptions;
  readonly secret_paths: readonly Path[];
  readonly patterns: PatternsInUse;
  readonly named: readonly NamedValue[];
  readonly isClean: ((event: Event) => boolean) | undefined;
  /** Of a redact step. */
  watch: RedactionWatch | undefined = undefined;
  readonly is_keep: boolean;
  /** Undefined where there is nothing to look for, or any more. */
  names: NameWatch | undefined;
  received = 0;
  filtered = 0;
  dropped = 0;
  quarantined = 0;
  failed = 0;
  changed = 0;
  timed = 0;
  timed_ms = 0;
  readonly #filtered: Verdict;
  readonly #endings = new Map<string, Verdict>();
  readonly #reasons = new Set<string>();

  constructor(parts: StepParts) {
    this.name = parts.name;
    this.plugin = parts.plugin;
    this.file = parts.file;
    this.handle = parts.handle;
    this.dispose = parts.dispose;
    this.hold = parts.hold;
    this.when = parts.when;
    this.on_error = parts.on_error;
    this.options = parts.options;
    this.secret_paths = parts.secret_paths;
    this.patterns = parts.patterns;
    this.named = parts.named;
    this.is_keep = parts.plugin === "filter" && Object.hasOwn(optionsOf(parts), "keep");
    this.names = parts.named.length > 0 ? new NameWatch(parts.named) : undefined;
    this.isClean = parts.isClean;
    this.#filtered = new Verdict("filtered", parts.name);
  }

  get unmatched(): readonly UnmatchedPath[] {
    return this.watch?.unmatched() ?? [];
  }

  get doubts(): readonly NameDoubt[] {
    return this.names?.doubts ?? [];
  }

  doubtsNow(): readonly NameDoubt[] {
    return this.names?.doubtsNow() ?? [];
  }

  /** Goes on counting where another one is, whose place it takes. */
  countFrom(former: Step): void {
    if (former.watch !== undefined) this.watch?.continueFrom(former.watch);
    if (former.names === undefined) this.names = undefined;
    else this.names?.continueFrom(former.names);
    this.received += former.received;
    this.filtered += former.filtered;
    this.dropped += former.dropped;
    this.quarantined += former.quarantined;
    this.failed += former.failed;
    this.changed += former.changed;
    this.timed += former.timed;
    this.timed_ms += former.timed_ms;
  }

  filter(): Verdict {
    this.filtered += 1;
    return this.#filtered;
  }

  /** Counts the end of an event; `detail` must hold nothing secret any more. */
  end(fate: "dropped" | "quarantined", wanted_reason: string, detail?: string): Verdict {
    this[fate] += 1;
    const reason = this.#isKnown(wanted_reason) ? wanted_reason : reasons.unnamed(this.name);
    if (fate === "quarantined" && detail !== undefined) {
      return new Verdict(fate, reason, detail.slice(0, detail_length_max));
    }
    const key = `${fate} ${reason}`;
    let verdict = this.#endings.get(key);
    if (verdict === undefined) {
      verdict = new Verdict(fate, reason);
      this.#endings.set(key, verdict);
    }
    return verdict;
  }

  /** A reason is a word of the plugin's author, not content of an event. */
  #isKnown(reason: string): boolean {
    if (this.#reasons.has(reason)) return true;
    if (this.#reasons.size >= reasons_max) return false;
    if (reason.length > 100 || !/^[a-z][a-z0-9_]*(?::[a-z0-9_]+)?$/.test(reason)) return false;
    this.#reasons.add(reason);
    return true;
  }
}

/** What the step's plugin is given, as it is in the configuration. */
function optionsOf({ plugin, options }: StepParts): object {
  const own: unknown = options[plugin];
  return typeof own === "object" && own !== null ? own : {};
}

/** Called before a step's condition is asked, and before it is given an event. */
export type Observe = (step: Step, before: "condition" | "event") => void;

/** A step that says what it is about to do with each event: for a preview. */
export function observedStep(parts: StepParts, observe: Observe | undefined): Step {
  if (observe === undefined) return new Step(parts);
  const { when: condition } = parts;
  const when: Step["when"] =
    condition &&
    ((event) => {
      observe(step, "condition");
      return condition(event);
    });
  const handle: Handle = (event) => {
    observe(step, "event");
    return parts.handle(event);
  };
  const step = new Step({ ...parts, when, handle });
  return step;
}
