/** Questions to a bucket, at a real server. */
import { headers } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { configurationBucket, readKey } from "../../../../src/platform/nats/buckets.ts";
import { longTest } from "../../../support/effort.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";

const bucket = configurationBucket("TALLY");
const get_subject = "$JS.API.DIRECT.GET.KV_TALLY_CONFIG.$KV.TALLY_CONFIG.web";

describe.runIf(has_nats)("a bucket", () => {
  longTest("that is not there is said to be so", async () => {
    const cluster = await NatsCluster.start();
    const connection = await cluster.connect();
    await expect(readKey(connection, bucket, "web")).rejects.toThrow(
      "the bucket TALLY_CONFIG is not there, or has no leader",
    );
  });

  test("is asked again where a question is lost", async () => {
    const cluster = await NatsCluster.start({ servers: 1 });
    const connection = await cluster.connect();
    let lost = 1;
    connection.subscribe(get_subject, {
      callback: (_, message) => {
        lost -= 1;
        if (lost >= 0) return;
        const answer = headers();
        answer.set("Nats-Sequence", "7");
        answer.set("Nats-Time-Stamp", "2026-11-30T01:00:00Z");
        message.respond("a configuration", { headers: answer });
      },
    });
    expect(await readKey(connection, bucket, "web")).toMatchObject({
      value: "a configuration",
      revision: 7,
    });
  });
});
