/**
 * What a dry run came to: how many events ended how, what each rule did, and what looks like a secret that no rule knows.
 */
import { KeySample } from "../chain/key-sample.ts";
import { type RuleHits, ruleHitsOf } from "./rule-hits.ts";
import type { DryRun } from "./run/dry-run.ts";
import { fates, type Fate, type Outcome } from "./run/outcome.ts";
import type { ShapedSecrets } from "./secrets/shaped-secrets.ts";
import { type Finding, UnmaskedSecrets } from "./secrets/unmasked-secrets.ts";

/** Events whose keys are looked at for what a path is likely meant to be. */
const sampled_events = 500;

/** Events that ended in one way. */
export interface Ending {
  readonly fate: Fate;
  /** What they are counted under; of those that are kept, the output. */
  readonly name: string;
  readonly events: number;
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
  readonly #unmasked: UnmaskedSecrets;
  readonly #keys = new KeySample();
  readonly #runs = new Set<DryRun>();
  readonly #notes: string[] = [];

  /** `mask` is what the preview hides of any text. */
  constructor(shaped: ShapedSecrets, mask: (text: string) => string) {
    this.#unmasked = new UnmaskedSecrets(shaped, mask);
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
    this.#unmasked.add(text, () => outcome.before().text);
    for (const name_of in metadata) {
      if (!name_of.startsWith("fields.")) continue;
      this.#unmasked.addField(name_of.slice("fields.".length), metadata[name_of]);
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
      rules: runs.flatMap((run) => run.steps.map((step) => ruleHitsOf(run, step, this.#keys))),
      times: runs.flatMap(({ time_faults }) =>
        time_faults.map(({ fault, events, path, shape }) => ({ fault, events, path, shape })),
      ),
      unmasked: this.#unmasked.findings,
      notes: this.#notes,
    };
  }
}
