/** Reports of agents to a real bucket: who shares a name with another is told, and nobody else. */
import { describe, expect, test } from "vitest";
import { Reporter } from "../../../../src/agent/fleet/reporter.ts";
import { readReport, type FleetReport } from "../../../../src/agent/fleet/report.ts";
import {
  bucketConfigOf,
  readKey,
  removeKey,
  reportBucket,
} from "../../../../src/platform/nats/buckets.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { managerOf } from "../../../../src/platform/nats/stream.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";

const bucket = reportBucket("TALLY");

class Host {
  readonly log = new CollectedLog();
  readonly report: FleetReport;
  readonly #reporter = new Reporter({
    agent: "web-1",
    bucket: "TALLY",
    clock: systemClock,
    log: this.log,
  });
  readonly #connection: Awaited<ReturnType<NatsCluster["connect"]>>;

  constructor(connection: Awaited<ReturnType<NatsCluster["connect"]>>, host: string) {
    this.#connection = connection;
    this.report = {
      v: 1,
      agent: "web-1",
      group: "web",
      instance: `run of ${host}`,
      host,
      version: "1",
      at: new Date(systemClock.now()).toISOString(),
      every_ms: 1000,
      state: "own",
      health: { level: "good", sentence: "All is well." },
      lag_seconds: 0,
      lag_bytes: 0,
      events: { received: 0, delivered: 0, in_flight: 0, quarantined: 0, balanced: true },
      refused: 0,
    };
  }

  async says(): Promise<FleetReport["shared"]> {
    await this.#reporter.report(this.#connection, this.report);
    return readReport((await readKey(this.#connection, bucket, "web-1"))!.value)!.shared;
  }
}

describe.runIf(has_nats)("an agent that reports", () => {
  test("names the host of another one of its name, once a minute in the log", async () => {
    const cluster = await NatsCluster.start({ servers: 1 });
    const connection = await cluster.connect();
    await (await managerOf(connection)).streams.add(bucketConfigOf(bucket, 1));
    const [one, copy] = [new Host(connection, "host-a"), new Host(connection, "host-b")];
    expect(await one.says()).toBeUndefined();
    expect(await one.says()).toBeUndefined();
    // One that was started again, or was removed from the list, is no other.
    await removeKey(connection, bucket, "web-1");
    expect(await one.says()).toBeUndefined();
    expect(await copy.says()).toBeUndefined();
    expect(one.log.lines).toEqual([]);
    expect(await one.says()).toEqual({ host: "host-b" });
    expect(await copy.says()).toEqual({ host: "host-a" });
    expect(await one.says()).toEqual({ host: "host-b" });
    for (const { log, report } of [one, copy]) {
      const lines = log.of("fleet_name_shared");
      expect(lines).toHaveLength(1);
      expect(lines[0]!.facts).toMatchObject({ agent: "web-1", host: report.host });
    }
  });
});
