/** Warnings of index names that Splunk cannot have. */
import { expect, test } from "vitest";
import { warningsFor } from "../../../../src/config/explain/warnings.ts";
import { load } from "../../../support/configuration.ts";

const splunk = "{ url: 'http://127.0.0.1:8088', token: tokentoken }";

async function warned(index: string, output = splunk): Promise<string[]> {
  const text = `inputs:
  a: { paths: [/var/log/a.log], metadata: { index: ${JSON.stringify(index)} } }
lifecycle: { index: ${JSON.stringify(index)} }
output: ${output}
`;
  const warnings = await warningsFor(await load(text, { INDEX: "S3_Audit" }), new Map());
  return warnings.flatMap(({ path, message, line, column }) =>
    path.at(-1) === "index" ? [`${line}:${column} ${message}`] : [],
  );
}

test.each(["s3_audit", "main", "k8s-audit", "2024", "_internal", "_audit", "a"])(
  "index names - %s is one",
  async (index) => expect(await warned(index)).toEqual([]),
);

test.each([
  ["S3_Audit", "lower-case letters"],
  ["${env:INDEX}", "lower-case letters"],
  ["s3 audit", "lower-case letters"],
  ["s3.audit", "lower-case letters"],
  ["über", "lower-case letters"],
  ["_mine", "it must not begin with _ or -"],
  ["-x", "it must not begin with _ or -"],
  ["my_kvstore", "kvstore"],
  ["{{ namespace }}", "set by a `metadata` step"],
  ["k8s_%{namespace}", "set by a `metadata` step"],
  ["$${namespace}", "set by a `metadata` step"],
  ["{namespace}", "set by a `metadata` step"],
])("index names - %s is none, of inputs and of lifecycle events", async (index, why) => {
  const warnings = await warned(index);
  expect(warnings).toEqual([
    expect.stringMatching(/^2:\d+ inputs\.a\.metadata\.index: /),
    expect.stringMatching(/^3:21 lifecycle\.index: /),
  ]);
  for (const warning of warnings) expect(warning).toContain(why);
});

test("index names - other outputs take any", async () => {
  expect(await warned("S3_Audit", "{ type: stdout }")).toEqual([]);
});
