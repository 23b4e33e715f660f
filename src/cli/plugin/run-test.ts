/** Runs one test of a plugin: its event through a chain of the one step, as in the agent. */
import { compileChain } from "../../chain/compile.ts";
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import type { PluginTest } from "../../config/rule-tests/options.ts";
import type { PlacedTest } from "../../config/rule-tests/rule-tests.ts";
import { systemClock } from "../../platform/clock.ts";
import { describeComplaint, messageOf } from "../../platform/errors.ts";
import { silentLogger } from "../../platform/log.ts";
import { mistakesIn, type Show } from "../../preview/rule-tests/check.ts";
import { recordOf } from "../../preview/rule-tests/tested-record.ts";
import { DryRun } from "../../preview/run/dry-run.ts";
import { Tracer } from "../../preview/run/tracer.ts";

/** As it is: who tests a plugin wants to see what it made. */
const show: Show = (value) => (value === undefined ? "nothing" : JSON.stringify(value));

/** What is wrong, in lines; none where the test passes. */
export async function runTest(
  plugin: string,
  { test, complain }: PlacedTest<PluginTest>,
  { plugins, folder }: { readonly plugins: Plugins; readonly folder: string },
): Promise<string[]> {
  const { options, before, event, expect } = test;
  const steps = [{ on_error: "quarantine" as const, isolate: undefined, [plugin]: options }];
  const tracer = new Tracer();
  try {
    const context = { log: silentLogger, at: [], folder, observe: tracer.observe };
    const chain = await compileChain(steps, plugins, context);
    try {
      const origin = { input: "test", metadata: {} };
      const run = new DryRun({ name: "test", chain, origin }, tracer, "the default output");
      for (const each of before) run.run(recordOf(each, run, systemClock), 0, false);
      const outcomes = run.run(recordOf(event, run, systemClock), 0, true);
      return mistakesIn(expect, outcomes, () => show).map(({ path, message }) =>
        describeComplaint(complain(["expect", ...path], message)),
      );
    } finally {
      await chain.dispose();
    }
  } catch (thrown) {
    return messageOf(thrown).split("\n");
  }
}
