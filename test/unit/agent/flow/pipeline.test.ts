/** What a pipeline asks for room before its first block and after it, and how it waits for an isolated step. */
import { expect, test } from "vitest";
import { Chain } from "../../../../src/chain/chain.ts";
import { Step } from "../../../../src/chain/step.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { passThrough } from "../../../../src/agent/setup/compile.ts";
import { Pipeline } from "../../../../src/agent/flow/pipeline.ts";
import { Block } from "../../../../src/event/block.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";

test("pipeline - has room before the first block only where its only destination and the state have", async () => {
  const ledger = new Ledger();
  const destination_room = Promise.withResolvers<void>();
  const state_room = Promise.withResolvers<void>();
  const asked: string[] = [];
  let full: "destination" | "state" | undefined = "destination";
  const destination = {
    add: () => undefined,
    room: (input: string) => {
      asked.push(input);
      return full === "destination" ? destination_room.promise : undefined;
    },
    begin: () => undefined,
    idle: () => undefined,
  };
  const pipeline = new Pipeline(passThrough(systemClock, new CollectedLog()), {
    ledger,
    routes: { of: () => destination },
    // No event goes there.
    quarantine: undefined as unknown as Quarantine,
    rooms: [{ room: () => (full === "state" ? state_room.promise : undefined) }],
    stop: new AbortController().signal,
  });
  expect(pipeline.room("files")).toBe(destination_room.promise);
  full = "state";
  expect(pipeline.room("files")).toBe(state_room.promise);
  full = undefined;
  expect(pipeline.room("files")).toBe(undefined);
  expect(new Set(asked)).toEqual(new Set(["files"]));
  const receipt = ledger.openStream("files", {}, 0).open(1, 2, 2);
  const bytes = Buffer.from("{}");
  const origin = { input: "files", stream: "log", metadata: {} };
  const records = { starts: Int32Array.of(0), ends: Int32Array.of(2), count: 1 };
  const block = new Block({ origin, receipt, bytes, ...records, offset: 0, read_at_ms: 0 });
  expect(pipeline.accept(block)).toBe(undefined);
  full = "destination";
  expect(pipeline.room("files")).toBe(destination_room.promise);
});

/** A chain with a step that cannot take events while `held` says so. */
function holdingChain(held: () => Promise<void> | undefined): Chain {
  const log = new CollectedLog();
  const options = { on_error: "quarantine" as const, isolate: undefined };
  const step = new Step({
    name: "p",
    plugin: "p",
    file: "/p.mjs",
    handle: (event) => event,
    dispose: undefined,
    hold: held,
    when: undefined,
    options,
    on_error: "quarantine",
    secret_paths: [],
    patterns: { names: [], found: new Set() },
    named: [],
    isClean: undefined,
  });
  const scanner = new Scanner([]);
  return new Chain({ scanner, steps: [step], maskText: (text) => text, clock: systemClock, log });
}

/** A pipeline over this chain, and what came out of it. */
function pipelineOver(chain: Chain) {
  const ledger = new Ledger();
  const added: number[] = [];
  const destination = {
    add: (event: LogEvent) => void added.push(event.number),
    room: () => undefined,
    begin: () => undefined,
    idle: () => undefined,
  };
  const stop = new AbortController();
  const pipeline = new Pipeline(chain, {
    ledger,
    routes: { of: () => destination },
    quarantine: undefined as unknown as Quarantine,
    rooms: [],
    stop: stop.signal,
  });
  const receipt = ledger.openStream("files", {}, 0).open(3, 9, 9);
  const origin = { input: "files", stream: "log", metadata: {} };
  const [starts, ends] = [Int32Array.of(0, 3, 6), Int32Array.of(2, 5, 8)];
  const bytes = Buffer.from("{}\n{}\n{}\n");
  const where = { origin, receipt, bytes, starts, ends, count: 3, offset: 0, read_at_ms: 0 };
  let released = 0;
  const block = new Block({ ...where, release: () => void (released += 1) });
  return { pipeline, block, added, stop, released: () => released };
}

test("pipeline - waits in the middle of a block for an isolated step, and then goes on with it", async () => {
  const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  // Before the second event it is held twice.
  const chain = holdingChain(() => {
    asked += 1;
    return waits[asked - 2]?.promise;
  });
  const { pipeline, block, added, released } = pipelineOver(chain);
  const accepted = pipeline.accept(block);
  expect(added).toEqual([0]);
  waits[0]!.resolve();
  await waits[0]!.promise;
  expect([added, released()]).toEqual([[0], 0]);
  waits[1]!.resolve();
  await accepted;
  expect([added, released()]).toEqual([[0, 1, 2], 1]);
});

test("pipeline - goes on with another chain where that takes the place of one that is held, and not after a stop", async () => {
  const never = new Promise<void>(() => undefined);
  for (const is_stopped of [false, true]) {
    const { pipeline, block, added, stop, released } = pipelineOver(holdingChain(() => never));
    const accepted = pipeline.accept(block);
    if (is_stopped) stop.abort();
    else pipeline.change(holdingChain(() => undefined));
    await accepted;
    expect([added, released()]).toEqual(is_stopped ? [[], 0] : [[0, 1, 2], 1]);
  }
});

test("pipeline - has no room while a block waits for an isolated step, whoever gives the next one", async () => {
  const held = Promise.withResolvers<void>();
  let is_held = true;
  const chain = holdingChain(() => (is_held ? held.promise : undefined));
  const { pipeline, block, added } = pipelineOver(chain);
  const accepted = pipeline.accept(block);
  const room = pipeline.room("files");
  expect(room).toBeInstanceOf(Promise);
  is_held = false;
  held.resolve();
  await room;
  expect([added, pipeline.room("files")]).toEqual([[0, 1, 2], undefined]);
  await accepted;
});
