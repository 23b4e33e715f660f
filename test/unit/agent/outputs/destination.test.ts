/** The places that events have when they come to an output of type `nats`, on whatever way. */
import { describe, expect, onTestFinished, test } from "vitest";
import { Outputs } from "../../../../src/agent/outputs/outputs.ts";
import { outputOptions, type NamedOutput } from "../../../../src/config/outputs.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { LaneCounts } from "../../../../src/ledger/lanes/stream-lanes.ts";
import { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { laneId } from "../../../../src/proof/format/place.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const behaviour = { agent: "host-a", digest: "d1", is_repeatable: true };
/** Nobody listens there. */
const nats = { type: "nats", servers: ["nats://127.0.0.1:1"], agent: "agent-1" };
const splunk = { type: "splunk_hec", url: "http://127.0.0.1:1", token: "abc" };

function named(options: object): NamedOutput[] {
  return [{ name: "siem", options: outputOptions.parse(options), at: ["outputs", "siem"] }];
}

class Rig {
  readonly ledger = new Ledger();
  readonly outputs: Outputs;

  constructor(options: object) {
    const { ledger } = this;
    ledger.lanes.idOf = laneId;
    const facts = { ledger, clock: fastClock(20), log: silentLogger };
    const quarantine = new Quarantine(temporaryDirectory(), {
      ...facts,
      mask: (text: string) => text,
    });
    this.outputs = new Outputs(named(options), { ...facts, quarantine });
    this.outputs.number(({ options: { type } }) => type === "nats");
    onTestFinished(async () => {
      await this.outputs.close();
      await quarantine.close();
    });
  }

  add(way: { add: (event: ReturnType<typeof makeEvents>[number]) => void }, count: number): void {
    const records = Array.from({ length: count }, (_, number) => `{"number":${number}}`);
    for (const event of makeEvents(this.ledger, records)) way.add(event);
  }

  /** Of all lanes, those that were given numbers. */
  get lanes(): Pick<LaneCounts, "output" | "given">[] {
    const counts = this.ledger.streams().flatMap((stream) => stream.laneCounts());
    return counts.map(({ output, given }) => ({ output, given }));
  }
}

describe("events for an output of type nats have places", () => {
  test("also seals, which have none anywhere else", () => {
    const rig = new Rig(nats);
    rig.ledger.lanes.epoch.begin(behaviour);
    rig.add(rig.outputs.default.unnumbered, 2);
    expect(rig.lanes).toEqual([{ output: "siem", given: 2 }]);
  });

  test("where a reload puts it in the place of another one, while that is prepared", () => {
    const rig = new Rig(splunk);
    rig.ledger.lanes.epoch.begin(undefined);
    rig.add(rig.outputs.default, 3);
    rig.ledger.lanes.announce(behaviour, rig.ledger.streams());
    rig.outputs.extend(named(nats));
    expect(rig.lanes).toEqual([{ output: "siem", given: 3 }]);
    rig.add(rig.outputs.default, 2);
    expect(rig.lanes.map(({ given }) => given)).toEqual([3, 2]);
    expect(rig.ledger.books().total.in_flight).toBe(5);
  });
});
