/** Which batches of agents would only wait for an index. */
import type { JsMsg } from "@nats-io/jetstream";
import { expect, test } from "vitest";
import { AgentLanes } from "../../../../src/inputs/nats/agent-lanes.ts";
import { RefusedBatches } from "../../../../src/inputs/nats/refused-batches.ts";
import type { Intake } from "../../../../src/inputs/input.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { BatchHead } from "../../../../src/platform/nats/batch-head.ts";

const lanes = new AgentLanes(new Ledger(), "fleet");
const messageOf = (): JsMsg => ({}) as JsMsg;

function headOf(index?: string): BatchHead {
  const counts = { epoch: 1, first: 0, count: 1, bytes: 10 };
  return {
    agent: "a",
    lane: "aaaabbbb",
    sum: "",
    packing: "none",
    index,
    placed: false,
    ...counts,
  };
}

function intakeOf(may_set_indexes: boolean, ...refused: (string | undefined)[]): Intake {
  const refuses = (index: string | undefined): boolean => refused.includes(index);
  return {
    accept: () => undefined,
    room: () => undefined,
    idle: () => undefined,
    refuses,
    may_set_indexes,
  };
}

test("without steps, those whose own index is refused", () => {
  const batches = new RefusedBatches();
  const lane = lanes.of("a", "aaaabbbb.1");
  expect(batches.wouldWait(lane, headOf("gone"), intakeOf(false, "gone"))).toBe(true);
  expect(batches.wouldWait(lane, headOf("main"), intakeOf(false, "gone"))).toBe(false);
  expect(batches.wouldWait(lane, headOf(), intakeOf(false, undefined))).toBe(true);
  batches.describe("main");
  expect(batches.wouldWait(lane, headOf(), intakeOf(false, undefined))).toBe(false);
  const message = messageOf();
  const taken = { message, head: headOf("gone") };
  expect(batches.takeOn(taken, lane, intakeOf(false))).toBeUndefined();
  expect(batches.isAside(message, intakeOf(false, "gone"))).toBe(true);
});

test("with steps, those of a lane whose last batch had events for the index, whatever index it came with", () => {
  const batches = new RefusedBatches();
  const lane = lanes.of("a", "aaaabbbb.1");
  const other = lanes.of("a", "ccccdddd.1");
  const intake = intakeOf(true, "gone");
  expect(batches.wouldWait(lane, headOf("gone"), intake)).toBe(false);
  const message = messageOf();
  batches
    .takeOn({ message, head: headOf("gone") }, lane, intake)!
    .add("main")
    .add("gone");
  batches.takeOn({ message: messageOf(), head: headOf() }, other, intake)!.add("main");
  expect(batches.wouldWait(lane, headOf(), intake)).toBe(true);
  expect(batches.wouldWait(other, headOf("gone"), intake)).toBe(false);
  expect(batches.isAside(message, intake)).toBe(true);
  expect(batches.isAside(messageOf(), intake)).toBe(false);
  expect(batches.wouldWait(lane, headOf(), intakeOf(true))).toBe(false);
});

test("with another chain, none before it is seen where its events go now, also where one is half done", () => {
  const batches = new RefusedBatches();
  const lane = lanes.of("a", "aaaabbbb.1");
  const intake = intakeOf(true, "gone");
  const indexes = batches.takeOn({ message: messageOf(), head: headOf() }, lane, intake)!;
  batches.describe(undefined);
  indexes.add("gone");
  expect(batches.wouldWait(lane, headOf(), intake)).toBe(false);
});
