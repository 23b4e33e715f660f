/**
 * Which events are shown: of a long log the first few of each kind, so that the first thousand of one kind hide no other.
 */
import { fates, type Outcome } from "../../preview/outcome.ts";

/** What may be asked for with --only. */
export const only_choices = ["changed", ...fates] as const;

export type Only = (typeof only_choices)[number];

/** Events that are shown where nobody said how many, and of one kind of them. */
const shown_default = 20;
const of_a_kind_default = 5;

export interface ChoiceOptions {
  readonly only?: Only | undefined;
  readonly all?: boolean | undefined;
  readonly limit?: number | undefined;
}

export class Choice {
  readonly #only: Only | undefined;
  readonly #limit: number;
  readonly #of_a_kind: number;
  readonly #shown = new Map<string, number>();
  #count = 0;

  /** `shows_all` where all events are shown unless the options say otherwise. */
  constructor({ only, all = false, limit }: ChoiceOptions, shows_all: boolean) {
    const is_endless = all || shows_all;
    this.#only = only ?? (is_endless ? undefined : "changed");
    this.#limit = limit ?? (is_endless ? Infinity : shown_default);
    this.#of_a_kind = is_endless || limit !== undefined ? Infinity : of_a_kind_default;
  }

  /** Whether any more are shown. */
  get is_open(): boolean {
    return this.#count < this.#limit;
  }

  /** Whether the event is shown; it counts as such then. */
  takes(outcome: Outcome): boolean {
    if (!this.is_open || !this.#isAskedFor(outcome)) return false;
    return this.takesKind(kindOf(outcome));
  }

  /** The same for an event of which it is known that it is asked for. */
  takesKind(kind: string): boolean {
    const shown = this.#shown.get(kind) ?? 0;
    if (!this.is_open || shown >= this.#of_a_kind) return false;
    this.#shown.set(kind, shown + 1);
    this.#count += 1;
    return true;
  }

  #isAskedFor({ fate, is_changed }: Outcome): boolean {
    if (this.#only === undefined) return true;
    return this.#only === "changed" ? is_changed || fate !== "kept" : fate === this.#only;
  }
}

function kindOf({ fate, reason = "", changed_by }: Outcome): string {
  return `${fate} ${reason} ${changed_by.join(" ")}`;
}
