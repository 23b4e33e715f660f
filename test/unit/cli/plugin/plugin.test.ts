/** What `plugin new` and `plugin test` refuse. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newPlugin } from "../../../../src/cli/plugin/new.ts";
import { testPlugins } from "../../../../src/cli/plugin/test.ts";
import { describeComplaint, type TallymanError } from "../../../../src/platform/errors.ts";
import { pluginsDirectory } from "../../../support/events/chains.ts";

test("plugin new - a name that no plugin can have is refused, and nothing is written", async () => {
  const directory = pluginsDirectory({});
  for (const name of ["Mine", "../mine", "redact", "when", "isolate", "a".repeat(65)]) {
    await expect(newPlugin(name, { dir: directory })).rejects.toMatchObject({
      code: "plugin_not_written",
      message: expect.stringContaining(`"${name}"`),
    });
  }
  expect(readdirSync(directory)).toEqual([]);
});

test("plugin new - where its tests exist, or the directory cannot be made, it writes nothing", async () => {
  const directory = pluginsDirectory({ "mine.test.yaml": "tests: []" });
  const refused = { code: "plugin_not_written" };
  await expect(newPlugin("mine", { dir: directory })).rejects.toMatchObject(refused);
  expect(readdirSync(directory)).toEqual(["mine.test.yaml"]);
  const below = join(directory, "mine.test.yaml", "below");
  await expect(newPlugin("mine", { dir: below })).rejects.toMatchObject(refused);
});

test.each([
  ["no YAML", "tests: [", /:1:\d+: /],
  ["no tests", "tests: []", /:1:8: .*expected at least 1 item/],
  ["no event", "tests: [{ name: a, expect: { fate: filtered } }]", /is missing: the event/],
  ["a misspelt key", "tests: [{ name: a, event: 1, expects: {} }]", /:1:30: .*unknown option/],
  [
    "a misspelt expectation",
    "tests: [{ name: a, event: 1, expect: { text: b } }]",
    /:1:40: .*unknown option/,
  ],
  [
    "one in a list",
    "tests: [{ name: a, event: 1, expect: [{ text: b }] }]",
    /:1:41: .*unknown option/,
  ],
  ["an input", "tests: [{ name: a, event: 1, input: b }]", /:1:30: .*unknown option/],
])("plugin test - a file with %s is refused", async (...[, text, message]) => {
  const plugin = 'export default { name: "p", create: () => (event) => event };';
  const directory = pluginsDirectory({ "p.mjs": plugin, "p.test.yaml": text });
  const refused: unknown = await testPlugins(directory).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ code: "config_invalid" });
  const { complaints = [] } = (refused as TallymanError).details;
  expect(complaints.map(describeComplaint).join("\n")).toMatch(message);
});

test("plugin test - a directory without tests, or with tests of no plugin, is refused", async () => {
  const plugin = 'export default { name: "p", create: () => (event) => event };';
  const tests = "tests: [{ name: a, event: 1, expect: { event: 1 } }]";
  for (const [files, message] of [
    [{ "p.mjs": plugin }, /there are no tests in/],
    [{ "p.mjs": plugin, "q.test.yaml": tests }, /tests of the plugin "q", which is not beside it/],
  ] as const) {
    await expect(testPlugins(pluginsDirectory(files))).rejects.toMatchObject({
      code: "plugin_tests_invalid",
      message: expect.stringMatching(message),
    });
  }
});
