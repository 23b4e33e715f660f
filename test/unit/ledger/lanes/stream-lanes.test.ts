/** Numbers of events: dense in each lane, and the same again for what is read again. */
import { describe, expect, test } from "vitest";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { endedOf } from "../../../../src/ledger/lanes/ended-lanes.ts";
import type { Behaviour } from "../../../../src/ledger/lanes/epoch.ts";
import type { Hole, Lane } from "../../../../src/ledger/lanes/lane.ts";
import { other_indexes } from "../../../../src/ledger/lanes/stream-lanes.ts";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import type { Receipt } from "../../../../src/ledger/receipt.ts";
import { laneId } from "../../../../src/proof/format/place.ts";

const behaviour: Behaviour = { agent: "host-a", digest: "d", is_repeatable: true };

function open(state?: LedgerState, given: Behaviour | undefined = behaviour) {
  const ledger = new Ledger(state);
  ledger.lanes.idOf = laneId;
  ledger.lanes.epoch.begin(given);
  const stream = ledger.streams()[0] ?? ledger.openStream("audit", {}, 0);
  const delivered = ledger.account("delivered", "splunk");
  return { ledger, stream, delivered };
}

function place(receipt: Receipt, count: number, index?: string): number[] {
  return Array.from({ length: count }, () => receipt.place("splunk", index, "/x")!.number);
}

describe("numbers", () => {
  test("lanes - are dense over the blocks of a stream, by output and index", () => {
    const { stream } = open();
    const one = stream.open(4, 4, 4);
    const two = stream.open(2, 2, 6);
    expect(place(one, 2, "main")).toEqual([0, 1]);
    expect(place(one, 1)).toEqual([0]);
    expect(place(two, 2, "main")).toEqual([2, 3]);
    expect(one.place("archive", "main", "/x")?.number).toBe(0);
    const other = open();
    expect(place(other.stream.open(1, 1, 1), 1, "main")).toEqual([0]);
  });

  test("lanes - are none where events are not numbered", () => {
    const ledger = new Ledger();
    const receipt = ledger.openStream("audit", {}, 0).open(1, 1, 1);
    expect(receipt.place("splunk", undefined, "/x")).toBeUndefined();
    expect(ledger.snapshot().state.streams[0]).not.toHaveProperty("lanes");
  });

  test("lanes - of too many indexes are one", () => {
    const { stream } = open();
    const receipt = stream.open(1000, 1000, 1000);
    const lanes = new Set<Lane>();
    for (let index = 0; index < 1000; index += 1)
      lanes.add(receipt.place("splunk", `i${index}`, "/x")!.lane);
    expect(lanes.size).toBe(256);
    expect([...lanes].at(-1)).toMatchObject({ index: other_indexes, next: 745 });
  });

  test("lanes - have ids of their own, also where two would have the same one", () => {
    const { ledger, stream } = open();
    ledger.lanes.idOf = ({ index }) => (index.endsWith(" 2") ? "second" : "first");
    const receipt = stream.open(2, 2, 2);
    expect(receipt.place("a", "main", "/x")?.lane.id).toBe("first");
    expect(receipt.place("b", "main", "/x")?.lane.id).toBe("second");
  });
});

describe("a restart", () => {
  /** A run that has settled the first of two blocks, each with two events, and is killed. */
  function killed(): LedgerState {
    const { ledger, stream, delivered } = open();
    const one = stream.open(2, 2, 2);
    const two = stream.open(2, 2, 4);
    place(one, 2);
    place(two, 2);
    two.settle(delivered, 2);
    one.settle(delivered, 1);
    expect(ledger.snapshot().state.streams[0]!.lanes).toMatchObject({ lanes: [{ next: 0 }] });
    one.settle(delivered, 1);
    const three = stream.open(1, 1, 5);
    place(three, 1);
    return ledger.snapshot().state;
  }

  test("lanes - go on where the checkpoint is, with the same id", () => {
    const state = killed();
    expect(state.streams[0]).toMatchObject({ checkpoint: 4, lanes: { epoch: 1 } });
    const { stream } = open(state);
    const first = stream.open(1, 1, 5).place("splunk", undefined, "/x")!;
    expect(first).toMatchObject({ number: 4, lane: { epoch: 1, committed: 4 } });
    expect(first.lane.id).toBe(state.streams[0]!.lanes!.lanes[0]!.id);
  });

  test("lanes - begin again in another epoch, and keep their ids", () => {
    const state = killed();
    const { stream } = open(state, { ...behaviour, digest: "other" });
    const first = stream.open(1, 1, 5).place("splunk", undefined, "/x")!;
    expect(first).toMatchObject({ number: 0, lane: { epoch: 2 } });
    expect(first.lane.id).toBe(state.streams[0]!.lanes!.lanes[0]!.id);
    expect(stream.state.lanes).toMatchObject({ epoch: 2, lanes: [{ next: 0 }] });
  });

  test("lanes - are kept as they were while no event comes, also by a run without numbers", () => {
    const state = killed();
    expect(open(state).stream.state.lanes).toEqual(state.streams[0]!.lanes);
    const off = new Ledger(state);
    off.lanes.epoch.begin(undefined);
    const { streams, epoch } = off.snapshot().state;
    expect(streams).toEqual(state.streams);
    expect(epoch).toMatchObject({ has_older: true });
  });
});

describe("what is watched", () => {
  test("lanes - of what speaks of lanes itself are not told of", () => {
    const { ledger, stream, delivered } = open();
    ledger.lanes.unwatched.add(stream.id);
    const told: string[] = [];
    ledger.lanes.watch = {
      left: () => void told.push("left"),
      opened: () => void told.push("opened"),
      committed: () => void told.push("committed"),
    };
    const receipt = stream.open(1, 1, 1);
    expect(receipt.place("nats", undefined, "/x")).toMatchObject({ number: 0 });
    receipt.settle(delivered, 1);
    expect(told).toEqual([]);
  });

  test("lanes - say what a checkpoint has passed, and which of it is spoiled", () => {
    const { ledger, stream, delivered } = open();
    const seen: [number, readonly Hole[]][] = [];
    ledger.lanes.watch = {
      left: () => undefined,
      opened: (lane) => {
        lane.recorder = { record: () => undefined, spoil: (number) => number < 2 };
      },
      committed: (lane, _, holes) => void seen.push([lane.committed, holes]),
    };
    const one = stream.open(3, 3, 3);
    const places = [0, 1, 2].map(() => one.place("splunk", undefined, "/x")!);
    one.spoil(places[1]!, "quarantined");
    // It was not encoded so far.
    one.spoil(places[2]!, "quarantined");
    one.settle(delivered, 2);
    expect(seen).toEqual([]);
    one.settle(ledger.account("quarantined", "x"), 1);
    expect(seen).toEqual([[3, [{ number: 1, reason: "quarantined" }]]]);
  });

  test("lanes - of a stream that is forgotten leave nothing open", () => {
    const { ledger, stream, delivered } = open();
    const receipt = stream.open(1, 1, 1);
    place(receipt, 1);
    ledger.forget(stream);
    receipt.settle(delivered, 1);
    ledger.lanes.epoch.end();
    expect(ledger.lanes.epoch.state?.is_clean).toBe(true);
  });
});

describe("counts", () => {
  test("lanes - say how far they are, and what of it was not delivered, over a restart, too", () => {
    const { ledger, stream, delivered } = open();
    const one = stream.open(4, 4, 4);
    const [first] = Array.from({ length: 4 }, () => one.place("splunk", undefined, "/x"));
    one.withhold(first!, "quarantined");
    one.settle(delivered, 4);
    place(stream.open(2, 2, 6), 2);
    const counts = { output: "splunk", committed: 4, undelivered: 1 };
    expect(stream.laneCounts()).toMatchObject([{ ...counts, given: 6, source: "/x" }]);
    const again = open(ledger.snapshot().state);
    expect(again.stream.laneCounts()).toMatchObject([{ ...counts, given: 4, source: "" }]);
    place(again.stream.open(1, 1, 5), 1);
    expect(again.stream.laneCounts()).toMatchObject([{ ...counts, given: 5, source: "/x" }]);
  });

  test("lanes - that end add up, with what is settled of them later", () => {
    const { ledger, stream, delivered } = open();
    const one = stream.open(3, 3, 3);
    place(one, 3);
    one.settle(delivered, 3);
    const two = stream.open(2, 2, 5);
    place(two, 2);
    ledger.lanes.epoch.announce({ ...behaviour, agent: "host-b" });
    ledger.lanes.epoch.use({ ...behaviour, agent: "host-b" });
    ledger.lanes.epoch.announce(undefined);
    ledger.lanes.epoch.begin({ ...behaviour, agent: "host-c" });
    const three = stream.open(1, 1, 6);
    place(three, 1);
    expect(stream.laneCounts()).toMatchObject([{ given: 1, committed: 0 }]);
    expect(endedOf(ledger.kept, "splunk")).toEqual({ lanes: 1, events: 3 });
    two.settle(delivered, 2);
    expect(endedOf(ledger.kept, "splunk")).toEqual({ lanes: 1, events: 5 });
    three.settle(delivered, 1);
    ledger.forget(stream);
    expect(endedOf(ledger.kept, "splunk")).toEqual({ lanes: 2, events: 6 });
    const { state } = ledger.snapshot();
    expect(endedOf(new Ledger(state).kept, "splunk")).toEqual({ lanes: 2, events: 6 });
  });
});
