/** Which chain an input gets, and how the mistakes of several chains are told. */
import { expect, test } from "vitest";
import { compileInputs } from "../../../../src/agent/setup/compile.ts";
import { TallymanError } from "../../../../src/platform/errors.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { load } from "../../../support/configuration.ts";

const output = `output: { url: "https://splunk:8088", token: abc }\n`;

async function stepsByInput(inputs: string, chain: string): Promise<Record<string, string[]>> {
  const config = await load(`inputs:\n${inputs}chain:\n${chain}${output}`);
  const compiled = await compileInputs(config, silentLogger, await loadPlugins(config.plugins_dir));
  return Object.fromEntries(
    compiled.map(({ name, chain: { steps } }) => [name, steps.map((step) => step.name)]),
  );
}

test("compile - an input has the common chain, or its own instead of it", async () => {
  const steps = await stepsByInput(
    `  a: { paths: [/a] }
  b: { paths: [/b], chain: [{ filter: { drop: "x == 1" }, name: own }] }
  c: { type: stdin, chain: [] }
`,
    `  - redact: { fields: [token] }\n`,
  );
  expect(steps).toEqual({ a: ["redact"], b: ["own"], c: [] });
});

test("compile - the mistakes of all chains are told at once, each once and at its place", async () => {
  const compiling = stepsByInput(
    `  a: { paths: [/a] }
  b: { paths: [/b] }
  c: { paths: [/c], chain: [{ filter: { drop: "x ==" } }] }
`,
    `  - redact: { feilds: [token] }\n`,
  );
  const thrown: unknown = await compiling.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TallymanError);
  const complaints = (thrown as TallymanError).details.complaints ?? [];
  expect(complaints.map(({ line, message }) => [line, message.split(":")[0]])).toEqual([
    [4, "inputs.c.chain[0].filter.drop"],
    [6, "chain[0].redact"],
    [6, "chain[0].redact.feilds"],
  ]);
});
