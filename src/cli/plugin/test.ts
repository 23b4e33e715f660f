/** `tallyman plugin test`: runs the tests beside the plugins of a directory, and reports each. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { watchLoading } from "../../agent/setup/watch-plugins.ts";
import { loadPlugins, type Plugins } from "../../chain/plugins/load-plugins.ts";
import { pluginTestFile } from "../../config/rule-tests/options.ts";
import { readTestFile } from "../../config/rule-tests/rule-tests.ts";
import { configInvalid } from "../../config/load.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { printable } from "../../platform/text/printable.ts";
import { pluginExceptions } from "../../chain/plugins/plugin-exceptions.ts";
import { ending } from "../process/ending.ts";
import { runTest } from "./run-test.ts";

const test_file_end = ".test.yaml";

/** What the command does. */
export async function testPlugins(directory: string): Promise<void> {
  await watchLoading({ plugins_dir: directory });
  const plugins = await loadPlugins(directory, { used: new Set() });
  const files = (await filesIn(directory)).filter((name) => name.endsWith(test_file_end));
  if (files.length === 0) {
    const message = `there are no tests in ${directory}: no file ends with ${test_file_end}`;
    throw new TallymanError("plugin_tests_invalid", message);
  }
  let [count, failed] = [0, 0];
  for (const file of files.sort()) {
    const results = await runFile(join(directory, file), directory, plugins);
    count += results.length;
    failed += results.filter((passed) => !passed).length;
  }
  for (const { plugin, built_in } of plugins.values()) {
    if (built_in || files.includes(plugin.name + test_file_end)) continue;
    console.log(printable(`${plugin.name} has no tests (${plugin.name}${test_file_end})`));
  }
  console.log(`\n${count} tests, ${failed} failed`);
  if (failed > 0) ending.status = 1;
}

/** Whether each of its tests passes. */
async function runFile(path: string, folder: string, plugins: Plugins): Promise<boolean[]> {
  const plugin = basename(path).slice(0, -test_file_end.length);
  if (!plugins.has(plugin)) {
    const message = `${path} has tests of the plugin "${plugin}", which is not beside it`;
    throw new TallymanError("plugin_tests_invalid", message);
  }
  const { tests, complaints } = await readTestFile(path, pluginTestFile);
  if (complaints.length > 0) throw configInvalid(path, complaints);
  console.log(printable(path));
  const results: boolean[] = [];
  for (const test of tests) {
    const exceptions: string[] = [];
    pluginExceptions.show = (_where, stack) => exceptions.push(...stack.split("\n"));
    const wrong = await runTest(plugin, test, { plugins, folder });
    results.push(wrong.length === 0);
    console.log(printable(`  ${wrong.length === 0 ? "ok  " : "FAIL"}  ${test.test.name}`));
    if (wrong.length === 0) continue;
    for (const line of [...wrong, ...exceptions]) console.log(printable(`        ${line}`));
  }
  return results;
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    const message = `cannot read ${directory}: ${messageOf(cause)}`;
    throw new TallymanError("plugin_tests_invalid", message);
  }
}
