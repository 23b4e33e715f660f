/** A file input in the agent: what its start waits for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RunningFileInput } from "../../../../src/agent/sources/running-file-input.ts";
import type { Pipeline } from "../../../../src/agent/flow/pipeline.ts";
import type { NamedRoutes } from "../../../../src/agent/flow/routes.ts";
import { prepareSetup } from "../../../../src/agent/setup/setup.ts";
import type { Block } from "../../../../src/event/block.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { systemClock, type Clock } from "../../../../src/platform/clock.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { load } from "../../../support/configuration.ts";
import { eventually } from "../../../support/eventually.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** What is waited for while files are found is over at once, as if they were on a file system that hangs. */
const impatient: Clock = {
  ...systemClock,
  sleep: (delay_ms, stop) =>
    delay_ms === 3000 ? Promise.resolve() : systemClock.sleep(delay_ms, stop),
};

test("file source - files that cannot be found in time hold up nothing, and are read when they are found", async () => {
  const path = join(temporaryDirectory(), "a.log");
  writeFileSync(path, '{"n":1}\n{"n":2}\n');
  const config = await load(
    `inputs: { files: { paths: ["${path}"] } }\noutput: { url: "https://splunk:8088", token: abc }\n`,
  );
  const { inputs } = await prepareSetup(config, silentLogger);
  const [compiled] = inputs;
  const ledger = new Ledger();
  const log = new CollectedLog();
  let events = 0;
  const accept = (block: Block): undefined => {
    events += block.count;
    block.release();
  };
  const pipeline = { accept, room: () => undefined, idle: () => undefined };
  const source = new RunningFileInput({
    setup: { compiled: compiled!, buffers: new Map() },
    services: { ledger, clock: impatient, log },
    openFilesMax: () => 100,
    routes: {} as NamedRoutes,
    pipeline: pipeline as unknown as Pipeline,
  });
  onTestFinished(() => source.stop());
  await source.start();
  expect(events).toBe(0);
  expect(log.of("files_not_found_yet")).toHaveLength(1);
  await eventually(() => events === 2);
});
