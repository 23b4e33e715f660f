/**
 * Runs tests of rules: each with a chain of its own, made for it, so that no test depends on another.
 */
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import type { Config } from "../../config/config.ts";
import type { Expectation, RuleTest } from "../../config/rule-tests/options.ts";
import { type PlacedTest, readRuleTests } from "../../config/rule-tests/rule-tests.ts";
import { Records } from "../../event/block.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Complaint } from "../../platform/errors.ts";
import { suggestion } from "../../platform/text/suggest.ts";
import type { DryRun } from "../run/dry-run.ts";
import type { Outcome } from "../run/outcome.ts";
import { Preview } from "../run/preview.ts";
import { ShapedSecrets } from "../secrets/shaped-secrets.ts";
import { Hiding } from "../secrets/hiding.ts";
import { deviationsOf } from "./deviations.ts";

export interface RuleTestResult {
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** What is not as expected, each with its place. Empty where the test passed. */
  readonly failures: readonly Complaint[];
}

export interface RuleTestsReport {
  readonly results: readonly RuleTestResult[];
  /** What is wrong with the files of tests. */
  readonly complaints: readonly Complaint[];
}

export interface RuleTestsDeps {
  readonly plugins: Plugins;
  readonly clock: Clock;
  /** Random bytes of this run: see Hiding. */
  readonly key: Buffer;
  readonly reveals?: boolean;
}

/** Throws TallymanError config_unreadable, or config_invalid where the chain has mistakes. */
export async function runRuleTests(config: Config, deps: RuleTestsDeps): Promise<RuleTestsReport> {
  const { tests, complaints } = await readRuleTests(config);
  const results: RuleTestResult[] = [];
  const shaped = await ShapedSecrets.create();
  for (const test of tests) results.push(await runTest(test, config, { ...deps, shaped }));
  return { results, complaints };
}

async function runTest(
  placed: PlacedTest,
  config: Config,
  deps: RuleTestsDeps & { readonly shaped: ShapedSecrets },
): Promise<RuleTestResult> {
  const { test } = placed;
  const { file, line } = placed.complain(["name"], "");
  const input = inputOf(test, config);
  if (typeof input !== "string") {
    return { name: test.name, file, line, failures: [placed.complain(["input"], input.problem)] };
  }
  const preview = await Preview.open(config, { plugins: deps.plugins, only: input });
  try {
    const { key, shaped, reveals = false } = deps;
    const hiding = new Hiding({ key, mask: (text) => preview.mask(text), shaped, reveals });
    const failures = failuresOf(placed, preview.runOf(input), hiding, deps.clock);
    return { name: test.name, file, line, failures };
  } finally {
    await preview.close();
  }
}

function inputOf(test: RuleTest, { inputs }: Config): string | { problem: string } {
  const names = Object.keys(inputs);
  if (test.input !== undefined) {
    if (names.includes(test.input)) return test.input;
    return { problem: `there is no input "${test.input}"${suggestion(test.input, names)}` };
  }
  const common = names.find((name) => inputs[name]!.chain === undefined);
  const problem = `every input has a chain of its own; name one: ${names.join(", ")}`;
  return common ?? { problem };
}

function failuresOf(
  { test, complain }: PlacedTest,
  run: DryRun,
  hiding: Hiding,
  clock: Clock,
): Complaint[] {
  for (const event of test.before) run.run(recordOf(event, run, clock), 0, false);
  const check = new Check(test.expect, run.run(recordOf(test.event, run, clock), 0, true), hiding);
  return check.failures().map(({ path, message }) => complain(["expect", ...path], message));
}

/** The event as its input's framing would give it. */
function recordOf(event: unknown, run: DryRun, clock: Clock): Records {
  const bytes = Buffer.from(typeof event === "string" ? event : JSON.stringify(event));
  return Records.ofOne(bytes, {
    origin: run.originOf("test"),
    read_at_ms: clock.now(),
  });
}

interface Failure {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** One event, and what was expected of it. */
class Check {
  readonly #expected: Expectation;
  readonly #outcome: Outcome;
  readonly #show: (value: unknown, name: string | number | undefined) => string;

  constructor(expected: Expectation, outcome: Outcome, hiding: Hiding) {
    this.#expected = expected;
    this.#outcome = outcome;
    const known = hiding.knownOf(outcome.traces);
    this.#show = (value, name) => {
      if (value === undefined) return "nothing";
      if (typeof value !== "string") return hiding.hide(JSON.stringify(value), known);
      return JSON.stringify(hiding.hideValue(String(name ?? ""), value, known));
    };
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
    const key = path.findLast((part) => typeof part === "string");
    const message = `expected ${this.#show(expected, key)}, found ${this.#show(found, key)}`;
    return { path, message };
  }
}
