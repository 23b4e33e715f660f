/**
 * What a dry run came to: how many events ended how, what each rule did, and what looks like a secret that no rule knows.
 */
import { parsePath } from "../event/scan/path.ts";
import { KeySample } from "../chain/key-sample.ts";
import type { StepCounts } from "../chain/step.ts";
import type { DryRun } from "./run/dry-run.ts";
import { fates, type Fate, type Outcome } from "./run/outcome.ts";
import type { ShapedSecrets } from "./secrets/shaped-secrets.ts";
import { type Finding, Unlooked } from "./secrets/unlooked.ts";

/** Events whose keys are looked at for what a path is likely meant to be. */
const sampled_events = 500;

/** Events that ended in one way. */
export interface Ending {
  readonly fate: Fate;
  /** What they are counted under; of those that are kept, the output. */
  readonly name: string;
  readonly events: number;
}

/** A path of a step that masks. */
export interface PathHits {
  readonly path: string;
  /** Events that had a value there, however often. */
  readonly events: number;
  readonly matched: boolean;
  readonly did_you_mean: string | undefined;
}

export interface RuleHits {
  readonly input: string;
  readonly step: string;
  readonly plugin: string;
  readonly received: number;
  readonly changed: number;
  readonly ended: number;
  readonly failed: number;
  /** Whether it has changed or ended any event. */
  readonly matched: boolean;
  readonly paths: readonly PathHits[];
}

export interface SummaryReport {
  readonly events: number;
  readonly changed: number;
  /** Events that steps made beside those. */
  readonly made: number;
  readonly endings: readonly Ending[];
  readonly rules: readonly RuleHits[];
  /** Times that could not be read, or can hardly be right. */
  readonly times: readonly {
    readonly fault: string;
    readonly events: number;
    readonly path: string | undefined;
    readonly shape: string;
  }[];
  /** What looks like a secret and would be sent. */
  readonly unmasked: readonly Finding[];
  /** What was not read, and why. */
  readonly notes: readonly string[];
}

export class Summary {
  #events = 0;
  #changed = 0;
  #made = 0;
  readonly #endings = new Map<string, { fate: Fate; name: string; events: number }>();
  readonly #unlooked: Unlooked;
  readonly #keys = new KeySample();
  readonly #runs = new Set<DryRun>();
  readonly #notes: string[] = [];

  constructor(shaped: ShapedSecrets) {
    this.#unlooked = new Unlooked(shaped);
  }

  get events(): number {
    return this.#events;
  }

  /** Says what a reader of the summary has to know. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** Counts the events of this run, too, even where there are none. */
  includes(run: DryRun): void {
    this.#runs.add(run);
  }

  add(outcome: Outcome): void {
    const { fate, reason = "", output = "", is_changed, part } = outcome;
    const is_first = part === undefined || part.number === 1;
    if (is_first) this.#events += 1;
    else this.#made += 1;
    if (is_changed && is_first) this.#changed += 1;
    const name = fate === "kept" ? output : reason;
    const key = `${fate} ${name}`;
    const known = this.#endings.get(key);
    if (known !== undefined) known.events += 1;
    else this.#endings.set(key, { fate, name, events: 1 });
    if (is_first && this.#events <= sampled_events) this.#keys.add(outcome.before().text);
    if (fate !== "kept") return;
    const { text, metadata } = outcome.after();
    this.#unlooked.add(text, () => outcome.before().text);
    for (const name_of in metadata) {
      if (!name_of.startsWith("fields.")) continue;
      this.#unlooked.addField(name_of.slice("fields.".length), metadata[name_of]);
    }
  }

  report(): SummaryReport {
    const order = ({ fate }: Ending): number => fates.indexOf(fate);
    const runs = [...this.#runs];
    return {
      events: this.#events,
      changed: this.#changed,
      made: this.#made,
      endings: [...this.#endings.values()].toSorted(
        (one, other) => order(one) - order(other) || other.events - one.events,
      ),
      rules: runs.flatMap((run) => run.steps.map((step) => this.#hitsOf(run, step))),
      times: runs.flatMap(({ time_faults }) =>
        time_faults.map(({ fault, events, path, shape }) => ({ fault, events, path, shape })),
      ),
      unmasked: this.#unlooked.findings,
      notes: this.#notes,
    };
  }

  #hitsOf(run: DryRun, step: StepCounts): RuleHits {
    const { name, plugin, received, changed, failed, filtered, dropped, quarantined } = step;
    const ended = filtered + dropped + quarantined;
    const hits = run.hitsOf(step);
    const unmatched = new Map(step.unmatched.map((each) => [each.path, each.did_you_mean]));
    const paths = [...hits];
    const texts = paths.map(([path]) => path);
    return {
      input: run.input.name,
      step: name,
      plugin,
      received,
      changed,
      ended,
      failed,
      matched: changed + ended > 0,
      paths: paths.map(([path, events]) => ({
        path,
        events,
        matched: !unmatched.has(path),
        did_you_mean: unmatched.has(path) ? this.#meant(path, texts) : undefined,
      })),
    };
  }

  #meant(path: string, others: readonly string[]): string | undefined {
    const parsed = (text: string) => parsePath(text, { secret: true });
    return this.#keys.suggestionFor(parsed(path), others.map(parsed));
  }
}
