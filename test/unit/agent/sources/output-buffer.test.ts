/** Which outputs an input has a buffer in front of: none where nothing can be held up. */
import { expect, test } from "vitest";
import { compileInputs } from "../../../../src/agent/setup/compile.ts";
import { bufferedOutputs, countBuffers } from "../../../../src/agent/sources/output-buffer.ts";
import { outputsOf } from "../../../../src/config/outputs.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { load } from "../../../support/configuration.ts";

const outputs = `outputs:
  one: { type: stdout }
  two: { type: file, path: two.jsonl }
  three: { type: file, path: three.jsonl }
`;
const inputs = `inputs:
  plain: { paths: [/a.log], chain: [] }
  routed: { paths: [/b.log] }
chain:
`;

async function buffersIn(text: string): Promise<Record<string, string[]>> {
  const config = await load(text);
  const all = outputsOf(config);
  const compiled = await compileInputs(config, silentLogger, await loadPlugins(config.plugins_dir));
  const buffers = compiled.map(({ name, chain }) => {
    return [name, bufferedOutputs({ chain }, all).map((output) => output.name)] as const;
  });
  expect(countBuffers(compiled, all)).toBe(buffers.flatMap(([, names]) => names).length);
  return Object.fromEntries(buffers);
}

test("output buffer - stands before the default output and all that a chain routes to", async () => {
  const steps = "  - route: { to: three }\n    when: a == 1\n";
  expect(await buffersIn(`${inputs}${steps}${outputs}`)).toEqual({
    plain: [],
    routed: ["one", "three"],
  });
  const other_default = `${inputs}${steps}${outputs}default_output: two\n`;
  expect((await buffersIn(other_default))["routed"]).toEqual(["two", "three"]);
});

test("output buffer - there is none where a chain has one way out", async () => {
  const steps = "  - route: { to: one }\n";
  expect((await buffersIn(`${inputs}${steps}${outputs}`))["routed"]).toEqual([]);
  const single = `inputs: { a: { paths: [/a.log] } }\nchain:\n${steps.replace("one", "stdout")}output: { type: stdout }\n`;
  expect(await buffersIn(single)).toEqual({ a: [] });
});
