/** What `fleet push` and `diff` print of two configurations: no secret of either. */
import { expect, test } from "vitest";
import { yamlDifference } from "../../../../src/cli/fleet/yaml-difference.ts";

const secret = "s3cr3t-value";

const before = `inputs:
  hec:
    tokens:
    - ${secret}-1
    - \${env:TOKEN}
    listen: "127.0.0.1:8088"
output:
  url: https://me:${secret}-2@host
  token: ${secret}-3
  batch: { max_wait: 1s }
`;
const after = before
  .replace("-1", "-4")
  .replace("-3", "-5")
  .replace("1s", "2s")
  .concat("lifecycle: { enabled: true }");

test("yaml difference - shows what changes, without secrets", () => {
  const lines = yamlDifference(before, after);
  expect(lines.join("\n")).not.toContain("s3cr3t");
  expect(lines).toContain("-    ***");
  expect(lines).toContain("+    ***");
  expect(lines).toContain("     - ${env:TOKEN}");
  expect(lines).toContain("-  token: ***");
  expect(lines).toContain("+  token: ***");
  expect(lines).toContain("-  batch: { max_wait: 1s }");
  expect(lines).toContain("+  batch: { max_wait: 2s }");
  expect(lines).toContain("+lifecycle: { enabled: true }");
});

test("yaml difference - of a new configuration, and of none", () => {
  const lines = yamlDifference("", before);
  expect(lines).toHaveLength(before.split("\n").length);
  expect(lines.join("\n")).not.toContain("s3cr3t");
  expect(yamlDifference(before, before)).toEqual([]);
});
