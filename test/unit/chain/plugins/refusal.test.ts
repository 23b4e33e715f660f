/** What a plugin says where it refuses its options is shown without secrets, and cut. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileInputs, complaintsOf, usedPlugins } from "../../../../src/agent/setup/compile.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { describeRefusal, ownWords } from "../../../../src/chain/plugins/refusal.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import type { Plugin } from "../../../../src/plugin.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** One is put in, one is in the file, one is an option's by its plugin's word, one is in a URL, and one another part has. */
const secrets = {
  pin: "env-0123456789/+",
  password: "literal-0123456789",
  code: "declared-0123456789",
  url: "https://joe:in-url-0123456789@host",
};
const token = "output-0123456789";

/** What is said of a step whose plugin throws this expression. */
async function said(how: string, isolate: boolean): Promise<string> {
  const folder = temporaryDirectory();
  const code = `export default { name: "own", secret_options: ["code"], ${how} };\n`;
  writeFileSync(join(folder, "own.mjs"), code);
  const options = { ...secrets, pin: "${env:PIN}", plain: "plain-0123456789" };
  const config_file = join(folder, "config.yaml");
  const config = {
    plugins_dir: folder,
    inputs: { a: { paths: ["/a"] } },
    output: { url: "https://splunk:8088", token: "${env:TOKEN}" },
    chain: [{ own: options, ...(isolate && { isolate: true }) }],
  };
  writeFileSync(config_file, JSON.stringify(config), { mode: 0o600 });
  const environment = { PIN: secrets.pin, TOKEN: token };
  const loaded = await loadConfig(config_file, environment);
  const plugins = await loadPlugins(folder, { used: usedPlugins(loaded) });
  const thrown: unknown = await compileInputs(loaded, silentLogger, plugins).catch(
    (each: unknown) => each,
  );
  const complaints = complaintsOf(thrown);
  expect(complaints).toHaveLength(1);
  return complaints[0]!.message;
}

const all = `JSON.stringify(options) + Object.values(options).map(encodeURIComponent) + "${token} " + "x".repeat(10_000)`;
const schema = (message: string): string =>
  `create: () => (event) => event, options: { "~standard": { version: 1, vendor: "v", validate: (options) => ({ issues: [{ message: ${message}, path: ["plain"] }] }) } }`;

test.each([
  ["create throws", `create(options) { throw new Error(${all}); }`, false],
  ["create throws, in a process of its own", `create(options) { throw new Error(${all}); }`, true],
  ["create rejects", `async create(options) { throw new Error(${all}); }`, false],
  ["the schema complains", schema(all), false],
])("refusal - %s", async (_what, how, isolate) => {
  const message = await said(how, isolate);
  for (const secret of [...Object.values(secrets), token]) {
    expect(message).not.toContain(secret);
    expect(message).not.toContain(encodeURIComponent(secret));
  }
  expect(message).toContain("plain-0123456789");
  expect(message.length).toBeLessThan(700);
});

test.each([false, true])(
  "refusal - no part of a secret is left where it is cut, isolated: %s",
  async (isolate) => {
    for (const length of [450, 465, 495]) {
      const how = `create({ pin }) { throw new Error("x".repeat(${length}) + pin); }`;
      expect(await said(how, isolate)).not.toContain("env");
    }
  },
);

test("refusal - who knows no secret cuts nothing, since a part of one would be left to who does", () => {
  const whole = "x".repeat(10_000);
  expect(ownWords({ name: "own" } as Plugin, {}, undefined)(whole)).toBe(whole);
});

test("refusal - what cannot be read does not throw", () => {
  const words = ownWords({ name: "own" } as Plugin, {}, (text) => text);
  const unreadable = {
    toString: (): never => {
      throw new Error("no");
    },
  };
  expect(describeRefusal(unreadable, words)).toContain("it threw what cannot be read");
});
