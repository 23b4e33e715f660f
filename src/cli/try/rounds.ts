/**
 * What is done with each record that is read: run through one chain, or through two that are compared.
 */
import { Comparison, deviationOf, endOf } from "../../preview/comparison.ts";
import type { DryRun } from "../../preview/run/dry-run.ts";
import type { Hiding } from "../../preview/secrets/hiding.ts";
import type { Summary, SummaryReport } from "../../preview/summary.ts";
import type { Records } from "../../event/block.ts";
import type { Outcome } from "../../preview/run/outcome.ts";
import type { Choice } from "./choice.ts";
import type { Exceptions } from "./exceptions.ts";
import { shownDeviation } from "./deviation.ts";
import { shownEvent } from "./shown-event.ts";
import type { View } from "./view.ts";

export interface RoundDeps {
  readonly summary: Summary;
  readonly exceptions: Exceptions;
  readonly choice: Choice;
  readonly hiding: Hiding;
  readonly view: View;
}

export interface Round {
  /** Runs one record, and gives the lines to print of it. */
  run(records: Records, number: number): string[];
  /** The lines at the end. */
  finish(): string[];
  /** Whether there is something that a script should know of. */
  readonly has_findings: boolean;
}

/** Shows what one chain does. */
export class Following implements Round {
  readonly #deps: RoundDeps;
  readonly #runs: (input: string) => DryRun;
  #report: SummaryReport | undefined;
  #skipped = 0;

  constructor(deps: RoundDeps, runs: (input: string) => DryRun) {
    this.#deps = deps;
    this.#runs = runs;
  }

  get has_findings(): boolean {
    return (this.#report?.unmasked.length ?? 0) > 0;
  }

  run(records: Records, number: number): string[] {
    const run = this.#runs(records.origin.input);
    this.#deps.exceptions.clear();
    const outcomes = run.run(records, number, this.#deps.choice.is_open);
    return outcomes.flatMap((outcome) => this.#show(outcome));
  }

  #show(outcome: Outcome): string[] {
    const { summary, choice, hiding, view } = this.#deps;
    summary.add(outcome);
    const thrown = this.#deps.exceptions.of(outcome);
    if (choice.takes(outcome)) return view.event(shownEvent(outcome, hiding, thrown));
    if (outcome.is_changed || outcome.fate !== "kept") this.#skipped += 1;
    return [];
  }

  finish(): string[] {
    const { summary, hiding, view } = this.#deps;
    const report = summary.report();
    // What a sender makes a key of may be anything.
    const unmasked = report.unmasked.map((each) => ({
      ...each,
      path: hiding.hide(each.path),
      paste: hiding.hide(each.paste),
    }));
    this.#report = { ...report, unmasked };
    return [...(this.#skipped > 0 ? view.rest() : []), ...view.summary(this.#report)];
  }
}

/** Shows where two chains differ. */
export class Comparing implements Round {
  readonly #deps: RoundDeps;
  readonly #one: (input: string) => DryRun;
  readonly #other: (input: string) => DryRun;
  readonly #other_name: string;
  readonly #comparison = new Comparison();
  #block: { one: Records; other: Records } | undefined;
  #skipped = 0;

  constructor(
    deps: RoundDeps,
    runs: Record<"one" | "other", (input: string) => DryRun>,
    other_name: string,
  ) {
    this.#deps = deps;
    this.#one = runs.one;
    this.#other = runs.other;
    this.#other_name = other_name;
  }

  get has_findings(): boolean {
    return this.#comparison.report().different > 0;
  }

  run(records: Records, number: number): string[] {
    this.#deps.exceptions.clear();
    const { is_open } = this.#deps.choice;
    const { input } = records.origin;
    const ours = this.#one(input).run(records, number, is_open);
    const theirs = this.#other(input).run(this.#theirs(records), number, is_open);
    const length = Math.max(ours.length, theirs.length);
    return Array.from({ length }).flatMap((_, at) => this.#compare(ours[at], theirs[at]));
  }

  /** One of them is there. */
  #compare(first: Outcome | undefined, second: Outcome | undefined): string[] {
    const { choice, hiding, view } = this.#deps;
    const outcome = first ?? second!;
    const one = endOf(first);
    const other = endOf(second);
    const deviation = deviationOf(one, other);
    this.#comparison.add(one, other, deviation);
    if (deviation === undefined) return [];
    const kind = [
      one.fate,
      one.name,
      other.fate,
      other.name,
      first?.changed_by,
      second?.changed_by,
    ];
    if (!choice.takesKind(kind.join(" "))) {
      this.#skipped += 1;
      return [];
    }
    const traces = [first, second].flatMap((each) => each?.traces ?? []);
    const known = hiding.knownOf(traces);
    return view.deviation(shownDeviation({ outcome, one, other, deviation, known }, hiding));
  }

  /** The records as the other configuration reads them: with its metadata and its times. */
  #theirs(records: Records): Records {
    if (this.#block?.one === records) return this.#block.other;
    const { input, stream } = records.origin;
    const other = records.from(this.#other(input).originOf(stream));
    this.#block = { one: records, other };
    return other;
  }

  finish(): string[] {
    const { view } = this.#deps;
    const rest = this.#skipped > 0 ? view.rest() : [];
    return [...rest, ...view.comparison(this.#comparison.report(), this.#other_name)];
  }
}
