/** Reading a configuration from real servers, of which one knows nothing of the bucket. */
import { describe, expect, onTestFinished } from "vitest";
import { z } from "zod";
import { BucketReader } from "../../../../src/agent/fleet/bucket-reader.ts";
import {
  bucketConfigOf,
  configurationBucket,
  writeKey,
} from "../../../../src/platform/nats/buckets.ts";
import { NatsLink } from "../../../../src/platform/nats/connection.ts";
import { natsShape } from "../../../../src/platform/nats/options.ts";
import { managerOf } from "../../../../src/platform/nats/stream.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";

describe.runIf(has_nats)("a bucket's reader", () => {
  longTest("leaves a server that does not find the bucket for one that does", async () => {
    const [lost, found] = await Promise.all([
      NatsCluster.start({ servers: 1 }),
      NatsCluster.start({ servers: 1 }),
    ]);
    const bucket = configurationBucket("TALLY");
    const connection = await found.connect();
    await (await managerOf(connection)).streams.add(bucketConfigOf(bucket, 1));
    await writeKey(connection, bucket, { key: "web", value: "a configuration", revision: 0 });
    await found.servers[0]!.kill();

    const [clock, log] = [fastClock(20), new CollectedLog()];
    const options = z.strictObject(natsShape()).parse({ servers: [...lost.urls, ...found.urls] });
    const who = { role: "agent", name: "web-1", logged: {} } as const;
    const link = new NatsLink(options, { ...who, clock, log });
    onTestFinished(() => link.close());
    link.start();
    const reader = new BucketReader("TALLY", { link, clock, log });
    await eventually(async () => {
      await reader.read("web");
      return reader.unread !== undefined;
    });
    expect(link.server).toBe(lost.urls[0]!.slice("nats://".length));
    found.servers[0]!.start();
    await found.ready();
    await eventually(async () => (await reader.read("web")) === "a configuration");
    expect(reader.unread).toBeUndefined();
    expect(log.of("nats_server_left").length).toBeGreaterThan(0);
  });
});
