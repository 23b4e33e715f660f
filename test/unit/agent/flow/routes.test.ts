/** Where the events of a pipeline go, and what becomes of those for an output that there is no more. */
import { expect, test } from "vitest";
import type { Destination } from "../../../../src/agent/outputs/destination.ts";
import { Outputs } from "../../../../src/agent/outputs/outputs.ts";
import { NamedRoutes } from "../../../../src/agent/flow/routes.ts";
import { outputsOf } from "../../../../src/config/outputs.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { load } from "../../../support/configuration.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

async function makeOutputs(log: CollectedLog): Promise<Outputs> {
  const config = await load(`inputs: { a: { paths: [/a] } }
outputs:
  one: { type: file, path: one.jsonl }
  two: { type: file, path: two.jsonl }
`);
  const ledger = new Ledger();
  const facts = { ledger, clock: systemClock, log, mask: (text: string) => text };
  const quarantine = new Quarantine(temporaryDirectory(), facts);
  return new Outputs(outputsOf(config), { ...facts, quarantine });
}

test("routes - by name, and to the default output without one", async () => {
  const log = new CollectedLog();
  const outputs = await makeOutputs(log);
  const routes = new NamedRoutes(outputs, log);
  expect(routes.of(undefined)).toBe(outputs.get("one"));
  expect(routes.of("two")).toBe(outputs.get("two"));
  expect(log.lines).toEqual([]);
});

test("routes - what stands before an output gets its events, those of the default one included", async () => {
  const log = new CollectedLog();
  const before: Destination = {
    add: () => undefined,
    room: () => undefined,
    begin: () => undefined,
    idle: () => undefined,
  };
  const routes = new NamedRoutes(await makeOutputs(log), log, new Map([["one", before]]));
  expect(routes.of(undefined)).toBe(before);
  expect(routes.of("one")).toBe(before);
  expect(routes.of("gone")).toBe(before);
  expect(routes.of("two")).not.toBe(before);
});

test("routes - an output that is gone is said once, and its events go to the default one", async () => {
  const log = new CollectedLog();
  const outputs = await makeOutputs(log);
  const routes = new NamedRoutes(outputs, log);
  for (let time = 0; time < 3; time += 1) expect(routes.of("gone")).toBe(outputs.default);
  expect(log.of("events_without_output").map(({ facts }) => facts)).toEqual([
    { output: "gone", default_output: "one" },
  ]);
});
