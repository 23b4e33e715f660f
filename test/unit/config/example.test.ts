/**
 * The example configuration and the generated documents cannot fall behind the schemas.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadPlugins } from "../../../src/chain/load-plugins.ts";
import { configOptionTree, type OptionNode } from "../../../src/config/option-tree.ts";
import { configJsonSchema } from "../../../scripts/docs/config-schema.ts";
import { complaintsAbout, load } from "../../support/configuration.ts";

const example = readFileSync("config.example.yaml", "utf8");
/** What is commented out without a blank is an option that has no default to show. */
const complete = example.replaceAll(/^(\s*)#(?=[a-z_]+:)/gm, "$1");
const environment = { SPLUNK_HEC_TOKEN: "abc" };

/** Every option of the schema as a path; steps and inputs stand under `*`. */
function optionsIn(tree: OptionNode): string[] {
  const below = Object.entries(tree.properties ?? {}).flatMap(([key, node]) => [
    key,
    ...optionsIn(node).map((path) => `${key}.${path}`),
  ]);
  const others = tree.additionalProperties;
  const each = [tree.items, typeof others === "object" ? others : undefined];
  return [
    ...below,
    ...each.flatMap((node) =>
      node === undefined ? [] : optionsIn(node).map((path) => `*.${path}`),
    ),
  ];
}

/** Every key in the values, in the same form. */
function keysIn(value: unknown, tree: OptionNode): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((each) => keysIn(each, tree.items ?? {}).map((path) => `*.${path}`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const node = tree.properties?.[key];
    const others = typeof tree.additionalProperties === "object" ? tree.additionalProperties : {};
    const name = node === undefined ? "*" : key;
    return [name, ...keysIn(each, node ?? others).map((path) => `${name}.${path}`)];
  });
}

async function fullTree(): Promise<OptionNode> {
  return configJsonSchema([...(await loadPlugins()).values()].map(({ plugin }) => plugin));
}

test("example - is valid as it stands, apart from the token", async () => {
  expect(await complaintsAbout(example, environment)).toEqual([]);
  expect(await complaintsAbout(example)).toEqual([
    expect.stringContaining("the environment variable SPLUNK_HEC_TOKEN is not set"),
  ]);
});

test("example - shows every option that there is, those of the built-in plugins included", async () => {
  const config = await load(complete, environment);
  const tree = await fullTree();
  const shown = new Set(keysIn({ ...config }, tree));
  const missing = optionsIn(tree).filter((path) => !shown.has(path));
  // Defaults are filled in where an option is missing, so its key has to stand in the text, too.
  const keys = new Set([...complete.matchAll(/^[\s-]*([a-z_]+):/gm)].map(([, key]) => key));
  const unwritten = [...shown]
    .map((path) => path.split(".").at(-1)!)
    .filter((key) => !keys.has(key));
  expect({ missing, unwritten: unwritten.filter((key) => key !== "*") }).toEqual({
    missing: [],
    unwritten: [],
  });
  expect(optionsIn(tree)).toContain("chain.*.redact.fields");
});

test("example - writes every default as it is", async () => {
  const tree = await fullTree();
  const { inputs, output } = tree.properties!;
  const input = inputs!.additionalProperties as OptionNode;
  const written = await load(example, environment);
  const smallest = await load(
    `inputs: { s3_audit: { paths: [/a] } }\noutput: { url: "https://splunk:8088", token: abc }\n`,
  );
  for (const [key, { default: value }] of Object.entries(input.properties!)) {
    if (value === undefined || key === "metadata") continue;
    const [shown, expected] = [written, smallest].map((config) =>
      Object.entries(config.inputs["s3_audit"]!),
    );
    expect([key, new Map(shown).get(key)]).toEqual([key, new Map(expected).get(key)]);
  }
  expect(written.output).toMatchObject(withoutSecrets(smallest.output));
  expect(Object.keys(output!.properties!)).toEqual(Object.keys(written.output));
});

function withoutSecrets({
  url: _url,
  token: _token,
  ...others
}: {
  url: unknown;
  token: unknown;
}): object {
  return others;
}

test("example - has a comment above every option", () => {
  const lines = example.split("\n");
  const bare = lines.filter((line, number) => {
    const is_option = /^\s*(?:- )?#?[a-z_]+:/.test(line) && !/^\s*environment:/.test(line);
    return is_option && !/^\s*# /.test(lines[number - 1] ?? "");
  });
  expect(bare).toEqual([]);
});

test("schema - describes every option", () => {
  const undescribed = (tree: OptionNode, path: string): string[] =>
    Object.entries(tree.properties ?? {}).flatMap(([key, node]) => [
      ...(node.description === undefined ? [`${path}${key}`] : []),
      ...undescribed(node, `${path}${key}.`),
    ]);
  const tree = configOptionTree();
  const { inputs, chain } = tree.properties!;
  const parts = [tree, inputs!.additionalProperties as OptionNode, chain!.items!];
  expect(parts.flatMap((part) => undescribed(part, ""))).toEqual([]);
});

test("docs - are as fresh as the schemas; `npm run docs` makes them so", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/docs.ts", "--check"], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
