/**
 * The compiled chain: every event goes through its steps, in their order, in one synchronous call.
 *
 * A step that fails ends the event: an event is never shipped as if a step had run that did not.
 */
import { type Invalid, Verdict } from "../event/event.ts";
import type { Records } from "../event/block.ts";
import type { LogEvent } from "../event/log-event.ts";
import type { Scanner } from "../event/scanner.ts";
import type { Clock } from "../platform/clock.ts";
import type { Complaint } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { pluginExceptions } from "./plugins/plugin-exceptions.ts";
import { Reminder } from "../platform/reminder.ts";
import { same } from "../platform/same.ts";
import type { ListState } from "./lists/file-list.ts";
import { Away, type LargeEvents } from "./large-events/large-events.ts";
import type { FileLists } from "./lists/file-lists.ts";
import { firstOf, type Hold } from "./plugins/created-step.ts";
import { disposeSteps } from "./plugins/disposal.ts";
import {
  describeAnswer,
  describeInvalid,
  describeThrown,
  failureSentence,
  fateOf,
  isUnreadable,
  reasons,
} from "./plugins/failure.ts";
import type { TextMask } from "../plugin.ts";
import { redact_plugin, type StepId } from "./redaction/step-id.ts";
import { RedactionWatch } from "./redaction-watch.ts";
import { reportTime } from "../event/time/report-time.ts";
import { partsOf } from "./plugins/parts.ts";
import { Split } from "./split.ts";
import type { Step, StepCounts } from "./step.ts";

/** The time of one event in so many is taken. A prime, so that no pattern in the events hides from it. */
const timed_interval = 251;

export interface ChainDeps {
  readonly scanner: Scanner;
  readonly steps: readonly Step[];
  /** The lists that its conditions read from files. */
  readonly lists?: FileLists;
  readonly large?: LargeEvents;
  readonly maskText: TextMask;
  readonly warnings?: readonly Complaint[];
  readonly redaction_ids?: readonly StepId[];
  /** False for events that have been through a former chain: what was taken out there is not there to be found. */
  readonly is_first?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** The input whose events go through it, for the log. */
  readonly input?: string | undefined;
}

export class Chain {
  /** Finds all paths that the steps, the time rule and the metadata rules name. */
  readonly scanner: Scanner;
  /** Masks the values of the secrets that the steps name, and credentials of well-known shapes, in any text. */
  readonly maskText: TextMask;
  /** What in its conditions is likely not meant so, each with the keys that lead to it in the configuration. */
  readonly warnings: readonly Complaint[];
  /**
   * Where it has isolated steps: while one of them cannot take events, resolves when it may be looked at again. To be asked
   * before each event.
   */
  readonly hold: Hold | undefined;
  /** Who turns it on is given `Away` for large events. */
  readonly large: LargeEvents | undefined;
  readonly #redaction_ids: readonly StepId[];
  #redacted_by: string | undefined;
  readonly #steps: readonly Step[];
  readonly #lists: FileLists | undefined;
  /** Those that look at every event once more. */
  readonly #verifying: readonly Step[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #reminder: Reminder<Step>;
  readonly #input: string | undefined;
  /** Events that it was given so far. */
  events = 0;
  #disposed: Promise<void> | undefined;

  constructor(deps: ChainDeps) {
    this.scanner = deps.scanner;
    this.maskText = deps.maskText;
    this.warnings = deps.warnings ?? [];
    this.#redaction_ids = deps.redaction_ids ?? [];
    this.large = deps.large;
    this.#steps = deps.steps;
    this.#lists = deps.lists;
    deps.lists?.watch();
    this.#verifying = deps.steps.filter(({ isClean }) => isClean !== undefined);
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#reminder = new Reminder(deps.clock);
    this.#input = deps.input;
    const holds = deps.steps.flatMap(({ hold }) => hold ?? []);
    if (holds.length > 0) this.hold = () => firstOf(holds);
    deps.scanner.times.onFirst = (count) => reportTime(count, this.#input, this.#log);
    for (const step of deps.steps) {
      // Redact steps are to find something: see redaction-watch.ts.
      if (step.plugin !== redact_plugin || deps.is_first === false) continue;
      step.watch = new RedactionWatch(step.secret_paths, step.patterns, deps.scanner);
    }
  }

  /** The ids of its redact steps, one after the other. */
  get redacted_by(): string {
    return (this.#redacted_by ??= this.#redaction_ids.map((id) => id()).join(""));
  }

  /** Outputs that its events may be sent to beside the default one. */
  get outputs(): ReadonlySet<string> {
    return this.scanner.outputs;
  }

  get steps(): readonly StepCounts[] {
    return this.#steps;
  }

  /** The lists that its conditions read from files. */
  get lists(): readonly ListState[] {
    return this.#lists?.all ?? [];
  }

  /** Ends its steps, once; no event is to be given to it any more. Never rejects, and ends in bounded time. */
  dispose(): Promise<void> {
    this.#lists?.stop();
    this.#disposed ??= disposeSteps(this.#steps, this.#clock, this.#log);
    return this.#disposed;
  }

  /** Has the steps that `former` has, too, go on counting where those are: it takes that chain's place. */
  countFrom(former: Chain): void {
    this.scanner.times.countFrom(former.scanner.times);
    for (const step of this.#steps) {
      const before = former.#steps.find(
        ({ name, options }) => name === step.name && same(options, step.options),
      );
      if (before !== undefined) step.countFrom(before);
    }
  }

  /**
   * Runs the steps on the event, from that number on; undefined when all of them kept it. Where one gave other events for it,
   * these are to be run from where it ended: see endedParts; where it is `Away`, it is to be run again. Never throws.
   */
  run<Source extends Records>(
    event: LogEvent<Source>,
    from = 0,
  ): Verdict | Split<Source> | Away | undefined {
    const steps = this.#steps;
    if (from === 0) this.events += 1;
    const timed = this.events % timed_interval === 0;
    let number = from;
    try {
      for (; number < steps.length; number += 1) {
        const step = steps[number]!;
        if (step.names !== undefined) this.#lookAtNames(step, event);
        const began_ms = timed ? this.#clock.monotonic() : 0;
        if (step.when !== undefined && !step.when(event)) continue;
        step.received += 1;
        const { changes } = event;
        const answer: unknown = step.handle(event);
        if (answer instanceof Away) return this.#away(step, answer);
        // What a step did to the record is written back in its name, also where it ends the event.
        event.commit();
        if (timed) this.#time(step, began_ms);
        if (answer === event) {
          if (event.changes !== changes) step.changed += 1;
          if (step.watch !== undefined && step.received >= step.watch.look_at) {
            this.#look(step, event);
          }
          continue;
        }
        if (answer === null) return step.filter();
        if (answer instanceof Verdict) return this.#end(step, answer);
        const parts = partsOf(event, answer);
        if (parts === undefined) return this.#fail(step, describeAnswer(answer));
        if (parts.length === 0) return step.filter();
        step.changed += 1;
        return new Split<Source>(step, parts, number + 1);
      }
    } catch (thrown) {
      return this.#failed(steps[number]!, event, thrown);
    }
    return this.#verifying.length === 0 ? undefined : this.#verify(event);
  }

  /** The same for whoever cannot wait: large events are redacted where they are. */
  runHere<From extends Records>(
    event: LogEvent<From>,
    from = 0,
  ): Verdict | Split<From> | undefined {
    let end = this.run(event, from);
    while (end instanceof Away) {
      this.large!.keepHere(event);
      end = this.run(event, end.step);
    }
    return end;
  }

  /** Leaves the event, which comes to the step again. */
  #away(step: Step, away: Away): Away {
    step.received -= 1;
    if (away.step === 0) this.events -= 1;
    return away;
  }

  /** A last look at an event that all steps kept. */
  #verify(event: LogEvent<Records>): Verdict | undefined {
    for (const step of this.#verifying) {
      try {
        if (step.when?.(event) === false || step.isClean!(event)) continue;
      } catch (thrown) {
        return this.#failed(step, event, thrown);
      }
      return step.end("quarantined", reasons.verified(step.name), "a secret was left");
    }
    return undefined;
  }

  /** Says once where a redact step, or a path of it that is likely mistyped, finds nothing. */
  #look(step: Step, event: LogEvent<Records>): void {
    if (step.watch?.look(event, step.received) !== true) return;
    const { unmatched } = step;
    // Detectors alone may well find nothing.
    if (unmatched.length === 0) return;
    const mistyped = unmatched.filter(({ did_you_mean }) => did_you_mean !== undefined);
    const is_idle = step.changed + step.filtered + step.dropped + step.quarantined === 0;
    if (!is_idle && mistyped.length === 0) return;
    const fields = is_idle ? unmatched : mistyped;
    const facts = { input: this.#input, step: step.name, events: step.received, fields };
    this.#log.warn(
      "redact_unmatched",
      facts,
      "A redact step finds nothing by its rules. Secrets may be shipped unmasked; check the rules.",
    );
  }

  /** Says once where a step names values in a way that its events do not have them. */
  #lookAtNames(step: Step, event: LogEvent<Records>): void {
    const seen = step.names?.see(event);
    if (seen === "watching") return;
    if (seen === "decided") {
      const advice = step.doubts.map(({ message }) => message);
      const facts = { input: this.#input, step: step.name, advice };
      this.#log.warn(
        "names_doubtful",
        facts,
        "A step most likely names a wrong value, or compares with a wrong type.",
      );
    } else step.names = undefined;
  }

  #time(step: Step, began_ms: number): void {
    step.timed += 1;
    step.timed_ms += this.#clock.monotonic() - began_ms;
  }

  /** Takes a step's verdict. What it says was made by a plugin, so it is checked and copied. */
  #end(step: Step, { fate, reason, detail }: Verdict): Verdict {
    if (fate === "filtered") return step.filter();
    if ((fate !== "dropped" && fate !== "quarantined") || typeof reason !== "string") {
      return this.#fail(step, "the step returned an invalid verdict");
    }
    return step.end(fate, reason, typeof detail === "string" ? this.maskText(detail) : undefined);
  }

  #failed(step: Step, event: LogEvent<Records>, thrown: unknown): Verdict {
    event.discard();
    pluginExceptions.note({ step: step.name, file: step.file }, thrown);
    const unreadable = isUnreadable(thrown) ? event.invalid : undefined;
    if (unreadable !== undefined) return this.#unreadable(step, unreadable);
    return this.#fail(step, describeThrown(thrown, step.file));
  }

  #unreadable(step: Step, invalid: Invalid): Verdict {
    step.failed += 1;
    const detail = describeInvalid(invalid);
    return step.end(fateOf(step), reasons.unreadable(step.name), detail);
  }

  #fail(step: Step, detail: string): Verdict {
    step.failed += 1;
    const failures = this.#reminder.due(step);
    if (failures > 0) {
      const facts = { step: step.name, plugin: step.plugin, failures, detail };
      this.#log.error("step_failed", facts, failureSentence(step));
    }
    return step.end(fateOf(step), reasons.failed(step.name), detail);
  }
}
