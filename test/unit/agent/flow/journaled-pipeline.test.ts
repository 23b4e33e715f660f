/** How a delivery waits for an isolated step: for a bounded number of times, and not while its input stops. */
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { JournaledPipeline } from "../../../../src/agent/flow/journaled-pipeline.ts";
import { Chain } from "../../../../src/chain/chain.ts";
import { Step } from "../../../../src/chain/step.ts";
import { Records } from "../../../../src/event/block.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { input, Journaling } from "../../../support/events/journaling.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** A pipeline whose only step is held as this says, and fails while it is. */
async function pipelineHeldBy(hold: () => Promise<void> | undefined) {
  const directory = join(temporaryDirectory(), "journal");
  const { journal } = await Journaling.open({ directory });
  onTestFinished(() => journal.close());
  const step = new Step({
    name: "p",
    plugin: "p",
    file: "/p.mjs",
    handle: (event) => event,
    dispose: undefined,
    hold,
    when: undefined,
    options: { on_error: "quarantine", isolate: undefined },
    on_error: "quarantine",
    secret_paths: [],
    patterns: { names: [], found: new Set() },
    named: [],
    isClean: undefined,
  });
  const chain = new Chain({
    scanner: new Scanner([]),
    steps: [step],
    maskText: (text) => text,
    clock: systemClock,
    log: new CollectedLog(),
  });
  return { pipeline: new JournaledPipeline(chain, journal, (text) => text), journal };
}

function recordsOf(count: number): Records {
  const bytes = Buffer.from("{}".repeat(count));
  const starts = Int32Array.from({ length: count }, (_, number) => 2 * number);
  const ends = starts.map((start) => start + 2);
  const origin = { input, stream: "socket", metadata: {} };
  return new Records({ origin, bytes, starts, ends, count, offset: 0, read_at_ms: 0 });
}

/** How often one delivery waits where the step is held as this says. */
async function waitsOf(isHeld: (asked: number) => boolean): Promise<number> {
  const held = Promise.resolve();
  const waited = vi.spyOn(held, "then");
  let asked = 0;
  const { pipeline } = await pipelineHeldBy(() => {
    asked += 1;
    return isHeld(asked) ? held : undefined;
  });
  expect(await pipeline.accept(recordsOf(100))).toBe("accepted");
  return waited.mock.calls.length;
}

test("journaled pipeline - one delivery waits a few times for a step that is started again and again", async () => {
  expect(await waitsOf((asked) => asked % 2 === 1)).toBe(5);
});

test("journaled pipeline - a delivery waits once for a step that cannot be started", async () => {
  expect(await waitsOf(() => true)).toBe(1);
});

test("journaled pipeline - what waits for a step is kept at once where its input stops", async () => {
  const never = new Promise<void>(() => undefined);
  const { pipeline, journal } = await pipelineHeldBy(() => never);
  const accepted = pipeline.accept(recordsOf(3));
  pipeline.hurry();
  expect(await accepted).toBe("accepted");
  expect(await pipeline.accept(recordsOf(2))).toBe("accepted");
  expect(journal.events_unread).toBe(5);
});
