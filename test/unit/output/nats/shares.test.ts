/** How inputs share what may be unconfirmed: those whose batches get no receipts hold up no others. */
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lane } from "../../../../src/ledger/lanes/lane.ts";
import { Shares } from "../../../../src/output/nats/shares.ts";
import { batchId, readHead, type BatchHead } from "../../../../src/platform/nats/batch-head.ts";
import { never } from "../../../support/events/output-rig.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { NatsOutputRig } from "../../../support/nats/output-rig.ts";

const MiB = 1024 * 1024;
const block = Array.from({ length: 50 }, () => `{"text":"${"x".repeat(1000)}"}`);
const small = { compression: "none", batch: { max_bytes: "64KiB" }, max_unconfirmed: "1MiB" };

function laneOf(input: string, id: string): Lane {
  return new Lane(id, 1, { stream: input, input, output: "nats", index: input });
}

/** Adds blocks of the lane for as long as there is room, and says of how many events. */
function fill(rig: NatsOutputRig, lane: Lane): number {
  let added = 0;
  for (; rig.output.room(lane.input) === undefined; added += block.length)
    rig.add(block, rig.output, lane);
  return added;
}

/** Whether it has come by now. */
function isResolved(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), setImmediate(false)]);
}

describe.runIf(has_nats)("an input whose batches get no receipts", () => {
  test("waits, and so do others like it, while others go on; and goes on itself with the first receipts", async () => {
    const rig = await NatsOutputRig.start(small);
    const main = laneOf("main", "eeeeffff");
    const without = new Map<string, BatchHead>();
    rig.connection.subscribe("tally.ev.>", {
      callback: (_, { headers }) => {
        const head = readHead(headers) as BatchHead;
        if (head.lane === main.id) rig.receipt(head);
        else without.set(batchId(head), head);
      },
    });
    await rig.connection.flush();
    const stuck = fill(rig, laneOf("gone", "aaaabbbb")) + fill(rig, laneOf("lost", "ccccdddd"));
    const waits = rig.output.room("gone")!;
    // Far more than may be unconfirmed at once.
    let delivered = 0;
    while (delivered < 3000) {
      delivered += fill(rig, main);
      await eventually(() => rig.delivered === delivered);
    }
    expect(rig.in_flight).toBe(stuck);
    expect(await isResolved(waits)).toBe(false);
    const published = (): number =>
      [...without.values()].reduce((sum, { count }) => sum + count, 0);
    await eventually(() => published() === stuck);
    for (const head of without.values()) rig.receipt(head);
    await waits;
    await rig.output.drain(never);
    expect(rig.delivered).toBe(delivered + stuck);
    expect(rig.in_flight).toBe(0);
  });

  test("that has inherited all of it leaves the others something", async () => {
    const rig = await NatsOutputRig.start(small);
    const lane = laneOf("gone", "aaaabbbb");
    await rig.fleet.cluster.servers[0]!.kill();
    await eventually(() => rig.output.status().reason === "unreachable");
    fill(rig, lane);
    const successor = rig.another(small);
    void rig.output.retire({ add: (event) => successor.inherit(event) });
    await eventually(() => successor.status().batches_waiting > 0);
    expect(successor.room("gone")).toBeDefined();
    expect(successor.room("main")).toBeUndefined();
  });
});

describe("the shares of inputs", () => {
  test("however many take what they may, and however large their blocks, another one has room", () => {
    const blocks = fc.array(fc.integer({ min: 1, max: MiB }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(blocks, (sizes) => {
        const shares = new Shares(MiB);
        sizes.forEach((bytes, number) => {
          const input = `input ${number}`;
          expect(shares.room(input)).toBeUndefined();
          while (shares.room(input) === undefined) shares.take(input, bytes);
        });
        expect(shares.room("another")).toBeUndefined();
      }),
    );
  });

  test("an input that is alone may have three quarters", () => {
    const shares = new Shares(MiB);
    let taken = 0;
    for (; shares.room("alone") === undefined; taken += 1024) shares.take("alone", 1024);
    expect(taken).toBe(0.75 * MiB);
  });

  test("who waits is woken once there is room for it, and not before", async () => {
    const shares = new Shares(MiB);
    shares.take("one", MiB);
    shares.take("other", 1024);
    const one = shares.room("one")!;
    const other = shares.room("other")!;
    expect(shares.room("one")).toBe(one);
    shares.giveBack("one", 0.5 * MiB);
    shares.wake("those_with_room");
    await other;
    expect(await isResolved(one)).toBe(true);
    shares.take("one", 0.5 * MiB);
    const waits = shares.room("one")!;
    shares.wake("those_with_room");
    expect(await isResolved(waits)).toBe(false);
    shares.wake("all");
    await waits;
  });
});
