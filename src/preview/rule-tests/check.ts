/**
 * What is not as a test expects it: of one event, or of each of those that steps make of it.
 */
import { keyOf } from "../../config/document/place.ts";
import type { Expectation, RuleTest } from "../../config/rule-tests/options.ts";
import type { Outcome } from "../run/outcome.ts";
import { deviationsOf } from "./deviations.ts";

/** Shows a value that has this name, or that is undefined, as a report may show it. */
export type Show = (value: unknown, name: string | number | undefined) => string;

/** What is not as it was expected of one event, or of each of those that steps make of it. */
export function mistakesIn(
  expected: RuleTest["expect"],
  outcomes: readonly Outcome[],
  showFor: (outcome: Outcome) => Show,
): Failure[] {
  const is_list = Array.isArray(expected);
  const all = is_list ? expected : [expected];
  if (all.length !== outcomes.length) {
    return [
      { path: [], message: `expected ${events(all.length)}, but it became ${outcomes.length}` },
    ];
  }
  return outcomes.flatMap((outcome, at) =>
    new Check(all[at]!, outcome, showFor(outcome))
      .failures()
      .map(({ path, message }) => ({ path: is_list ? [at, ...path] : path, message })),
  );
}

function events(count: number): string {
  return count === 1 ? "one event" : `${count} events`;
}

export interface Failure {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** One event, and what was expected of it. */
class Check {
  readonly #expected: Expectation;
  readonly #outcome: Outcome;
  readonly #show: Show;

  constructor(expected: Expectation, outcome: Outcome, show: Show) {
    this.#expected = expected;
    this.#outcome = outcome;
    this.#show = show;
  }

  failures(): Failure[] {
    const ending = this.#ending();
    return ending.length > 0 ? ending : [...this.#content(), ...this.#metadata()];
  }

  /** What is wrong with how it ended. Where that is, all else would only follow from it. */
  #ending(): Failure[] {
    const { fate, reason, step, output } = this.#expected;
    const outcome = this.#outcome;
    const by = outcome.step === undefined ? "" : ` by step ${outcome.step}`;
    const end =
      outcome.fate === "kept"
        ? `it was kept, and goes to ${outcome.output}`
        : `it was ${outcome.fate}${by}, as ${outcome.reason}`;
    const detail = outcome.detail === undefined ? "" : `: ${this.#show(outcome.detail, undefined)}`;
    const wanted = fate ?? (reason === undefined && step === undefined ? "kept" : undefined);
    if (wanted !== undefined && outcome.fate !== wanted) {
      return [{ path: ["fate"], message: `expected ${wanted}, but ${end}${detail}` }];
    }
    const failures: Failure[] = [];
    for (const [name, value] of Object.entries({ reason, step, output })) {
      const found = outcome[name as "reason" | "step" | "output"];
      if (value === undefined || value === found) continue;
      failures.push({ path: [name], message: `expected "${value}", but ${end}${detail}` });
    }
    return failures;
  }

  #content(): Failure[] {
    const { event, contains } = this.#expected;
    const { text } = this.#outcome.after();
    return [
      ...(event === undefined ? [] : this.#compare("event", event, text)),
      ...(contains === undefined ? [] : this.#compare("contains", contains, text)),
    ];
  }

  #compare(name: "event" | "contains", expected: unknown, text: string): Failure[] {
    if (typeof expected === "string") {
      const is_met = name === "event" ? text === expected : text.includes(expected);
      return is_met ? [] : [this.#failure([name], expected, text)];
    }
    let found: unknown = text;
    try {
      found = JSON.parse(text);
    } catch {
      // Text is not what was expected then, and is shown as it is.
    }
    return deviationsOf(expected, found, name === "event").map((each) =>
      this.#failure([name, ...each.path], each.expected, each.found),
    );
  }

  #metadata(): Failure[] {
    const { metadata, time } = { ...this.#outcome.after(), time: this.#outcome.time };
    const found: Record<string, unknown> = { ...metadata, ...(time !== undefined && { time }) };
    return Object.entries(this.#expected.metadata ?? {}).flatMap(([name, expected]) =>
      deviationsOf(expected, found[name], true).map((each) =>
        this.#failure(["metadata", name, ...each.path], each.expected, each.found),
      ),
    );
  }

  #failure(path: readonly (string | number)[], expected: unknown, found: unknown): Failure {
    const key = keyOf(path);
    const message = `expected ${this.#show(expected, key)}, found ${this.#show(found, key)}`;
    return { path, message };
  }
}
