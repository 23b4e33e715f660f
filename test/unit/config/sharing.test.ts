/** What a configuration says once and uses several times: aliases, merge keys, and the blocks at the top for them. */
import { expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { complaintsAbout, load } from "../../support/configuration.ts";

function configuration(metadata: string, top = ""): string {
  return `${top}inputs:
  a: { paths: [/var/log/a.log], metadata: &m { sourcetype: weka, index: audit } }
  b: { paths: [/var/log/b.log], metadata: ${metadata} }
output: { type: stdout }
`;
}

test.each([
  ["*m", { sourcetype: "weka", index: "audit" }],
  ["{ <<: *m }", { sourcetype: "weka", index: "audit" }],
  ["{ <<: *m, index: other }", { sourcetype: "weka", index: "other" }],
  ["{ index: other, <<: *m }", { sourcetype: "weka", index: "other" }],
  ["{ <<: [{ index: first, host: h }, *m] }", { sourcetype: "weka", index: "first", host: "h" }],
  [
    "{ <<: { <<: *m, source: s }, index: other }",
    { sourcetype: "weka", index: "other", source: "s" },
  ],
  ["{ <<: [] , host: h }", { host: "h" }],
])("sharing - metadata: %s", async (metadata, expected) => {
  const { inputs } = await load(configuration(metadata));
  expect(inputs["b"]!.metadata).toMatchObject(expected);
  expect(Object.keys(inputs["b"]!.metadata).toSorted()).toEqual(Object.keys(expected).toSorted());
});

test.each([
  ["*v", "two"],
  ["*w", "one"],
])(
  "sharing - an anchor that is given twice is the last one before its alias: %s",
  async (index, expected) => {
    const top = "x-a: &x { v: &v one, w: &w one }\nx-c: &v two\nx-d: *x\nx-e: { <<: *x }\n";
    const { inputs } = await load(configuration(`{ index: ${index} }`, top));
    expect(inputs["b"]!.metadata.index).toBe(expected);
  },
);

test("sharing - what an alias repeats keeps the anchors that it was written with", async () => {
  const top = "x-a: &x { host: &v one, index: *v }\nx-c: &v two\n";
  const { inputs } = await load(configuration("{ <<: *x, source: *v }", top));
  expect(inputs["b"]!.metadata).toMatchObject({ host: "one", index: "one", source: "two" });
});

test("sharing - blocks at the top called x-… hold what the rest uses, and are no options", async () => {
  const top =
    "x-common: &common\n  host: h\n  fields: { site: '${env:SITE}' }\nx-list: [1, 2]\nx-: none\n";
  const config = await load(configuration("{ <<: *common, index: i }", top), { SITE: "paris" });
  expect(config.inputs["b"]!.metadata).toMatchObject({
    host: "h",
    index: "i",
    fields: { site: "paris" },
  });
  expect(Object.keys(config).filter((key) => key.startsWith("x-"))).toEqual([]);
  expect(JSON.stringify(config)).not.toContain("paris");
});

test.each([
  // The place is where the mistake was written, and not where it is merged.
  [
    "{ <<: *x }",
    "x-m: &x { indx: i }\n",
    ['1:11 inputs.b.metadata.indx: unknown option; did you mean "index"?'],
  ],
  [
    "{ <<: *x }",
    "x-m: &x { index: null }\n",
    [
      "1:18 inputs.b.metadata.index: expected text, found nothing; is the value missing, or not indented under its key?",
    ],
  ],
  ["{ <<: *x }", "x-m: &x { index: '${env:NONE}' }\n", [expect.stringContaining("1:18 ")]],
  [
    "{ <<: m }",
    "",
    ["3:45 inputs.b.metadata: expected a map, an alias of one, or a list of those: <<: *name"],
  ],
  [
    "{ <<: [*m, 1] }",
    "",
    [
      '3:45 inputs.b.metadata["<<"]: expected a map, an alias of one, or a list of those: <<: *name',
    ],
  ],
  [
    "{ <<: }",
    "",
    ["3:45 inputs.b.metadata: expected a map, an alias of one, or a list of those: <<: *name"],
  ],
  ["{ <<: *none }", "", [expect.stringContaining("there is no such anchor")]],
  [
    "{ <<: *m, <<: *m }",
    "",
    ['3:53 inputs.b.metadata: several maps are merged as a list: "<<: [*one, *other]"'],
  ],
  ['{ "<<": *m }', "", [expect.stringContaining('["<<"]: unknown option')]],
  ["*m", "y-common: 1\n", [expect.stringContaining('1:1 ["y-common"]: unknown option')]],
  ["*m", "", []],
])("sharing - the mistake in metadata: %s, %j", async (metadata, top, expected) => {
  expect(await complaintsAbout(configuration(metadata, top))).toEqual(expected);
});

test("sharing - a map that merges itself, and merges of merges, end as a complaint", async () => {
  const [itself] = await complaintsAbout("x-a: &a { <<: *a }\n");
  expect(itself).toContain("nested deeper than 64 levels");
  const doubling = Array.from(
    { length: 40 },
    (_, number) => `x-${number + 1}: &a${number + 1} { <<: [*a${number}, *a${number}] }\n`,
  ).join("");
  const told = await complaintsAbout(`x-0: &a0 { k: 1 }\n${doubling}`);
  expect(told.join("\n")).toMatch(/more than 100000 values/);
  const loop = await complaintsAbout("x-a: { <<: &b [*b, *b] }\n");
  expect(loop.join("\n")).toContain("nested deeper than 64 levels");
});

test("sharing - editors take blocks called x-…, too", () => {
  const schema = JSON.parse(readFileSync("docs/config.schema.json", "utf8")) as {
    patternProperties: object;
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.patternProperties)).toEqual(["^x-"]);
  expect(schema.additionalProperties).toBe(false);
});
