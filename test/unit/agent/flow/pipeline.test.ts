/** What a pipeline asks for room before its first block and after it. */
import { expect, test } from "vitest";
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
