/**
 * Runs tests of rules: each with a chain of its own, made for it, so that no test depends on another.
 */
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import type { Config } from "../../config/config.ts";
import type { RuleTest } from "../../config/rule-tests/options.ts";
import { type PlacedTest, readRuleTests } from "../../config/rule-tests/rule-tests.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Complaint } from "../../platform/errors.ts";
import { suggestion } from "../../platform/text/suggest.ts";
import type { DryRun } from "../run/dry-run.ts";
import type { Outcome } from "../run/outcome.ts";
import { Preview } from "../run/preview.ts";
import { ShapedSecrets } from "../secrets/shaped-secrets.ts";
import { Hiding } from "../secrets/hiding.ts";
import { mistakesIn, type Show } from "./check.ts";
import { recordOf } from "./tested-record.ts";

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
  const outcomes = run.run(recordOf(test.event, run, clock), 0, true);
  const showFor = ({ traces }: Outcome): Show => {
    const known = hiding.knownOf(traces);
    return (value, name) => {
      if (value === undefined) return "nothing";
      if (typeof value !== "string") return hiding.hide(JSON.stringify(value), known);
      return JSON.stringify(hiding.hideValue(String(name ?? ""), value, known));
    };
  };
  return mistakesIn(test.expect, outcomes, showFor).map(({ path, message }) =>
    complain(["expect", ...path], message),
  );
}
