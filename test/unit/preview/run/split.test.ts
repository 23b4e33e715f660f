/** What a dry run shows of an event that a step splits: each part with its own way through the chain. */
import { expect, test } from "vitest";
import { compileChain } from "../../../../src/chain/compile.ts";
import { chainOptions } from "../../../../src/chain/options.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { DryRun } from "../../../../src/preview/run/dry-run.ts";
import { Tracer } from "../../../../src/preview/run/tracer.ts";
import { recordOf } from "../../../../src/preview/rule-tests/tested-record.ts";
import { pluginsDirectory } from "../../../support/events/chains.ts";

const source = `export default { name: "p", create: () => (event) => event.split("of[*]") };`;

test("dry run - each part of an event is shown with all that was done to it", async () => {
  const used = new Set(["p", "set", "filter", "remove"]);
  const plugins = await loadPlugins(pluginsDirectory({ "p.mjs": source }), { used });
  const steps = chainOptions.parse([
    { set: { fields: { a: 1 } } },
    { p: {} },
    { filter: { drop: "n == 2" } },
    { remove: { fields: ["n"] } },
  ]);
  const tracer = new Tracer();
  const context = { log: silentLogger, at: [], observe: tracer.observe };
  const chain = await compileChain(steps, plugins, context);
  const origin = { input: "i", metadata: {} };
  const run = new DryRun({ name: "i", chain, origin }, tracer, "out");
  for (const keeps_states of [true, false]) {
    const outcomes = run.run(
      recordOf({ of: [{ n: 1 }, { n: 2 }] }, run, systemClock),
      0,
      keeps_states,
    );
    expect(outcomes).toMatchObject([
      { part: { number: 1, of: 2 }, fate: "kept", changed_by: ["set", "p", "remove"] },
      { part: { number: 2, of: 2 }, fate: "filtered", step: "filter", changed_by: ["set", "p"] },
    ]);
    expect(outcomes[0]!.number).toBe(outcomes[1]!.number);
    expect(outcomes.map((each) => each.after().text)).toEqual(["{}", '{"n":2}']);
    expect(outcomes[1]!.before().text).toBe('{"of":[{"n":1},{"n":2}]}');
    const traces = outcomes.map((each) => each.traces.map(({ step, after }) => [step, after.text]));
    const split = '{"of":[{"n":1},{"n":2}],"a":1}';
    expect(traces).toEqual(
      keeps_states
        ? [
            [
              ["set", split],
              ["p", '{"n":1}'],
              ["remove", "{}"],
            ],
            [
              ["set", split],
              ["p", '{"n":2}'],
            ],
          ]
        : [[], []],
    );
  }
  await chain.dispose();
});
