/**
 * `tallyman test`: runs the tests of the rules in a configuration, and reports each.
 */
import { randomBytes } from "node:crypto";
import { configInvalid, loadConfig } from "../../config/load.ts";
import { systemClock } from "../../platform/clock.ts";
import { describeComplaint, TallymanError } from "../../platform/errors.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { pluginsOf } from "../../preview/run/preview.ts";
import { runRuleTests, type RuleTestResult } from "../../preview/rule-tests/run-tests.ts";
import { ending } from "../process/ending.ts";
import { styled } from "../terminal/style.ts";

interface TestOptions {
  config: string;
  json?: boolean;
  reveal?: boolean;
}

/** What the command does. */
export async function testRules(options: TestOptions): Promise<void> {
  const { config: file, json = false, reveal = false } = options;
  const config = await loadConfig(file);
  const { results, complaints } = await runRuleTests(config, {
    plugins: await pluginsOf(config),
    clock: systemClock,
    key: randomBytes(16),
    reveals: reveal,
  });
  if (complaints.length > 0) throw configInvalid(file, complaints);
  if (results.length === 0) {
    throw new TallymanError("rule_tests_missing", `${file} has no tests.`, { file });
  }
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const counts = { passed: results.length - failed, failed };
  if (json) printJson(results, counts);
  else printReport(results, counts);
  if (failed > 0) ending.status = 1;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function printReport(results: readonly RuleTestResult[], { passed, failed }: Counts): void {
  for (const { name, failures } of results) {
    const mark = failures.length === 0 ? styled("green", "ok  ") : styled("red", "FAIL");
    console.log(`${mark}  ${printable(name)}`);
    for (const each of failures) console.log(`      ${describeComplaint(each)}`);
  }
  console.log(`\n${passed} passed, ${failed} failed`);
}

function printJson(results: readonly RuleTestResult[], counts: Counts): void {
  const tests = results.map((each) => ({ ...each, passed: each.failures.length === 0 }));
  console.log(printableJson(JSON.stringify({ ...counts, tests }, undefined, 2)));
}
