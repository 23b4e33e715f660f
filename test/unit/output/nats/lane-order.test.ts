/** In which order a real server gets the batches of a lane, while several are on their way at once. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { never } from "../../../support/events/output-rig.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { stream } from "../../../support/nats/fleet.ts";
import { NatsOutputRig } from "../../../support/nats/output-rig.ts";

/** Three batches at once: numbers that do not follow one another end one. */
function addThree(rig: NatsOutputRig, first = `{"number":0}`): void {
  for (const line of [first, `{"number":1}`, `{"number":2}`]) {
    rig.add([line]);
    rig.lane.take();
  }
}

/** The first numbers of the batches that the stream has, once it has so many. */
async function firstsOf(rig: NatsOutputRig, count: number): Promise<number[]> {
  const messages = await rig.stored(count);
  return messages.map(({ head }) => head.first);
}

describe.runIf(has_nats)("batches of a lane are stored in their order", () => {
  test("though a later one is packed before", async () => {
    const rig = await NatsOutputRig.start({ batch: { max_bytes: "5MiB" } });
    // It can be packed to half of that, and takes its time.
    addThree(rig, `{"text":"${randomBytes(600_000).toString("hex")}"}`);
    expect(await firstsOf(rig, 3)).toEqual([0, 2, 4]);
  });

  test("though none was taken at first", async () => {
    const rig = await NatsOutputRig.start();
    await rig.fleet.manager.streams.delete(stream);
    addThree(rig);
    await eventually(() => rig.output.status().batches_waiting >= 2);
    await rig.fleet.setUp();
    expect(await firstsOf(rig, 3)).toEqual([0, 2, 4]);
  });

  test("though each is halved", async () => {
    const rig = await NatsOutputRig.start(
      { compression: "none", confirm: "stream", max_in_flight: 2, batch: { max_bytes: "100KiB" } },
      { more: "max_payload: 64KB" },
    );
    rig.add(Array.from({ length: 15 }, () => `{"text":"${"x".repeat(20_000)}"}`));
    await rig.output.drain(never);
    const firsts = await firstsOf(rig, 0);
    expect(firsts.length).toBeGreaterThan(3);
    expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
  });
});
