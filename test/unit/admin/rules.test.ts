/** The alert rules and their page: promtool takes them, and they name what there is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { lookAt } from "../../support/documents/promql.ts";
import { is_long, long } from "../../support/effort.ts";

const directory = "docs/operations";
const rules = readFileSync(`${directory}/tallyman.rules.yml`, "utf8");
const rule_tests_file = `${import.meta.dirname}/tallyman.rules.test.yml`;
const rule_tests = readFileSync(rule_tests_file, "utf8");
const page = readFileSync(`${directory}/monitoring.md`, "utf8");
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
const has_promtool = spawnSync("promtool", ["--version"]).status === 0;

function promtool(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, {
    cwd: directory,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

test.runIf(is_long && has_promtool)(
  "rules - promtool takes them, and their tests pass",
  long,
  () => {
    expect(promtool("check", "rules", "tallyman.rules.yml")).toMatchObject({ status: 0 });
    expect(promtool("test", "rules", rule_tests_file)).toMatchObject({ status: 0 });
  },
);

test("rules - every alert has a test and a line in the page, and the page names no other", () => {
  expect(alerts.length).toBeGreaterThan(20);
  for (const alert of alerts) expect(rule_tests, alert).toContain(`alertname: ${alert}`);
  const named = [...page.matchAll(/^\| `(Tallyman\w+)`/gm)].map(([, name]) => name);
  expect(named).toEqual(alerts);
});

test("rules - use metrics and labels that there are, in their sentences, too", () => {
  const { groups } = parse(rules) as {
    groups: { rules: { expr: string; annotations: { summary: string } }[] }[];
  };
  for (const { expr, annotations } of groups.flatMap((group) => group.rules)) {
    const { wrong, labels } = lookAt(expr);
    expect(wrong).toEqual([]);
    for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
      expect([...labels], expr).toContain(label);
    }
  }
});

test("monitoring page - names every warning, and no other", () => {
  const source = [
    "warnings.ts",
    "condition-warnings.ts",
    "fleet-warnings.ts",
    "redaction-warnings.ts",
    "step-warnings.ts",
    "time-warnings.ts",
  ]
    .map((file) => readFileSync(`src/admin/status/${file}`, "utf8"))
    .join("\n");
  const codes = new Set(
    [...source.matchAll(/"([a-z]+(?:_[a-z]+)+|unbalanced)"/g)].map(([, code]) => code),
  );
  const named = [...page.matchAll(/^\| `([a-z_]+)` /gm)].map(([, code]) => code!);
  for (const code of named) expect(codes, code).toContain(code);
  const given = [...source.matchAll(/(?:problem|hint)\(\s*"([a-z_]+)"/g)].map(([, code]) => code!);
  for (const code of [...given, "quarantine_not_empty", "quarantine_nearly_full"]) {
    expect(named, code).toContain(code);
  }
});
