/**
 * The example configuration and the generated documents cannot fall behind the schemas.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import {
  alternatives,
  configOptionTree,
  type OptionNode,
} from "../../../src/config/option-tree.ts";
import { configJsonSchema } from "../../../scripts/docs/config-schema.ts";
import { complaintsAbout, load, splunkOutput } from "../../support/configuration.ts";
import { longTest } from "../../support/effort.ts";

const example = readFileSync("config.example.yaml", "utf8");
/** What is commented out without a blank is an option that has no default to show. */
const all_options = example
  .replaceAll(/^(\s*)#(?=(?:- )?[a-z_]+:)/gm, "$1")
  .replaceAll(/^( {2})#(?= {4}[a-z_]+:)/gm, "$1 ")
  .replaceAll(/^#(?= {2}[#a-z])/gm, "");
/** Of options that stand instead of one another, the first, the second, and the third. */
const complete = all_options
  .replace(/^ +endpoints:.*\n/m, "")
  .replaceAll(/^ {2}(?:nkey|credentials):.*\n/gm, "");
const complete_otherwise = all_options
  .replace(/^ +url:.*\n/m, "")
  .replaceAll(/^ {2}(?:user|password|credentials):.*\n/gm, "");
const complete_with_credentials = all_options
  .replace(/^ +url:.*\n/m, "")
  .replaceAll(/^ {2}(?:user|password|nkey):.*\n/gm, "");
const environment = {
  SPLUNK_HEC_TOKEN: "abc",
  WEKA_TOKEN: "def",
  NATS_PASSWORD: "ghi",
  NATS_SEED: "SUACSSL3UAHUDXKFSNVUZRF5UH",
  NATS_CREDENTIALS: "-----BEGIN NATS USER JWT-----",
};

/** The same with the several outputs, that stand there as a comment, in the place of the one. */
const several = complete.replace(
  /^output:\n(?: .*\n)+\n(?:# .*\n)+#\n((?:# .*\n)+)/m,
  (_, outputs: string) => outputs.replaceAll(/^# /gm, ""),
);

/** Every option of the schema as a path; steps and inputs, of whatever type, stand under `*`. */
function optionsIn(node: OptionNode): string[] {
  const trees = alternatives(node);
  const options = trees.flatMap((tree) => {
    const below = Object.entries(tree.properties ?? {}).flatMap(([key, each]) => [
      key,
      ...optionsIn(each).map((path) => `${key}.${path}`),
    ]);
    const others = tree.additionalProperties;
    // Of one, or a list of such, one is enough.
    const is_list_of_same = trees.some(
      ({ properties }) =>
        properties !== undefined && isDeepStrictEqual(properties, tree.items?.properties),
    );
    const each = [
      is_list_of_same ? undefined : tree.items,
      typeof others === "object" ? others : undefined,
    ];
    return [
      ...below,
      ...each.flatMap((one) =>
        one === undefined ? [] : optionsIn(one).map((path) => `*.${path}`),
      ),
    ];
  });
  return [...new Set(options)];
}

/** Every key in the values, in the same form. */
function keysIn(value: unknown, node: OptionNode): string[] {
  const trees = alternatives(node);
  if (Array.isArray(value)) {
    const items = trees.find((tree) => tree.items !== undefined)?.items ?? {};
    return value.flatMap((each) => keysIn(each, items).map((path) => `*.${path}`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    // Inputs of two types may have options of one name that are different.
    const all = trees.flatMap((tree) => tree.properties?.[key] ?? []);
    const known = all.length > 1 ? { anyOf: all } : all[0];
    const others = trees.map((tree) => tree.additionalProperties);
    const other = others.find((one) => typeof one === "object") ?? {};
    const name = known === undefined ? "*" : key;
    return [name, ...keysIn(each, known ?? other).map((path) => `${name}.${path}`)];
  });
}

async function fullTree(): Promise<OptionNode> {
  return configJsonSchema([...(await loadPlugins()).values()].map(({ plugin }) => plugin));
}

test("example - is valid as it stands, apart from the token", async () => {
  expect(await complaintsAbout(example, environment)).toEqual([]);
  expect(await complaintsAbout(example)).toEqual([
    expect.stringContaining("the environment variable WEKA_TOKEN is not set"),
    expect.stringContaining("the environment variable SPLUNK_HEC_TOKEN is not set"),
  ]);
});

test("example - shows every option that there is, those of the built-in plugins included", async () => {
  const tree = await fullTree();
  // One of several outputs has the same options as the one.
  const common = (path: string): string => path.replace(/^output\./, "outputs.*.");
  const shown = new Set<string>();
  for (const text of [complete, complete_otherwise, complete_with_credentials, several]) {
    const config = await load(text, environment);
    for (const path of keysIn({ ...config }, tree)) shown.add(common(path));
  }
  // The steps of an input's own chain are the same as those of the common one.
  const wanted = optionsIn(tree)
    .filter((path) => !path.startsWith("inputs.*.chain.*."))
    .map(common);
  const missing = wanted.filter((path) => !shown.has(path));
  // Defaults are filled in where an option is missing, so its key has to stand in the text, too.
  const keys = new Set(
    [...(all_options + several).matchAll(/(?:^|[{,])[\s-]*([a-z_]+):/gm)].map(([, key]) => key),
  );
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
  const { output } = tree.properties!;
  const written = await load(example, environment);
  const smallest = await load(
    `inputs:
  s3_audit: { paths: [/a] }
  local_apps: { type: socket, path: /a.sock }
  weka: { type: hec, listen: ":8088", tokens: [abc] }
output: { url: "https://splunk:8088", token: abc }
`,
  );
  const own = new Set(["metadata", "paths", "path", "listen", "tokens"]);
  for (const [name, input] of Object.entries(smallest.inputs)) {
    const defaults = Object.entries(input).filter(([key]) => !own.has(key));
    expect(defaults.length).toBeGreaterThan(3);
    expect(written.inputs[name]).toMatchObject(Object.fromEntries(defaults));
  }
  expect(written.output).toMatchObject(withoutSecrets(splunkOutput(smallest)));
  const splunk = alternatives(output!).find(
    ({ properties }) => properties?.["type"]?.const === "splunk_hec",
  );
  const shown = await load(complete, environment);
  const options = Object.keys(splunk!.properties!).filter((key) => key !== "endpoints");
  expect(options).toEqual(Object.keys(splunkOutput(shown)));
});

function withoutSecrets({
  url: _url,
  token: _token,
  ...others
}: {
  url?: unknown;
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
  const { inputs, chain, output } = tree.properties!;
  const types = alternatives(inputs!.additionalProperties as OptionNode);
  expect(types).toHaveLength(5);
  const parts = [tree, ...types, ...alternatives(output!), chain!.items!];
  expect(parts.flatMap((part) => undescribed(part, ""))).toEqual([]);
});

longTest("docs - are as fresh as the schemas; `npm run docs` makes them so", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/docs.ts", "--check"], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
