/** What `tallyman doctor` says of NATS, with real servers. */
import { describe, expect, test } from "vitest";
import { checkNats } from "../../../../../src/doctor/checks/nats/check-nats.ts";
import type { FleetReport } from "../../../../../src/agent/fleet/report.ts";
import type { Finding } from "../../../../../src/doctor/findings/finding.ts";
import { loadConfig } from "../../../../../src/config/load.ts";
import {
  bucketPermissions,
  replaceKey,
  reportBucket,
} from "../../../../../src/platform/nats/buckets.ts";
import { permissionsOf, permissionsText } from "../../../../../src/platform/nats/permissions.ts";
import { managerOf } from "../../../../../src/platform/nats/stream.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { longTest } from "../../../../support/effort.ts";
import { load } from "../../../../support/configuration.ts";
import { has_nats } from "../../../../support/nats/cluster.ts";
import { ConfiguredFleet } from "../../../../support/nats/configured.ts";
import { Fleet } from "../../../../support/nats/fleet.ts";

const report: FleetReport = {
  v: 1,
  agent: "web-1",
  group: "web",
  instance: "a",
  host: "host-a",
  version: "1",
  at: "2026-11-29T18:05:26.000Z",
  every_ms: 1000,
  state: "own",
  health: { level: "good", sentence: "All is well." },
  lag_seconds: 0,
  lag_bytes: 0,
  events: { received: 0, delivered: 0, in_flight: 0, quarantined: 0, balanced: true },
  refused: 0,
};

async function look(servers: readonly string[], more = ""): Promise<Finding[]> {
  const config = await load(`
inputs: { fleet: { type: nats, servers: ${JSON.stringify(servers)}${more} } }
output: { type: stdout }
`);
  return checkNats(config, systemClock);
}

/** All but the version of the servers, which is what the machine has. */
const causesOf = (findings: readonly Finding[]): (string | undefined)[] =>
  findings.map(({ cause }) => cause).filter((cause) => cause !== "nats_server_loses");

describe.runIf(has_nats)("nats check", () => {
  test("a fleet as it should be is fine, with one server down, too", async () => {
    const fleet = await Fleet.start();
    const urls = fleet.cluster.urls;
    const fine = await look(urls);
    expect(fine.at(-1)).toMatchObject({ verdict: "ok", check: "nats", subject: "input fleet" });
    await fleet.cluster.servers[1]!.kill();
    const findings = await look(urls);
    expect(causesOf(findings)).toEqual(["nats_server_unreachable", undefined]);
    expect(findings[0]!.message).toContain(urls[1]);
  });

  test("without any server it fails", async () => {
    expect(causesOf(await look(["nats://127.0.0.1:1"]))).toEqual(["nats_unreachable"]);
  });

  test("a stream that could lose events, or none, is named", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const findings = await look(fleet.cluster.urls);
    expect(causesOf(findings)).toEqual(["nats_stream_loses"]);
    expect(findings.at(-1)!.message).toContain("replicas is 1");
    await fleet.manager.consumers.delete("TALLY", "tallyman");
    expect(causesOf(await look(fleet.cluster.urls))).toEqual(["nats_no_stream"]);
    await fleet.manager.streams.delete("TALLY");
    expect(causesOf(await look(fleet.cluster.urls))).toEqual(["nats_no_stream"]);
  });

  test("with the permissions of an aggregator it says what it cannot look at", async () => {
    const names = { prefix: "tally", stream: "TALLY", consumer: "tallyman" };
    const user = `{ user: ag, password: secret, ${permissionsText(permissionsOf("aggregator", names), "")} }`;
    const admin = '{ user: admin, password: secret, permissions { publish: ">", subscribe: ">" } }';
    const fleet = await Fleet.start({
      servers: 1,
      more: `authorization { users: [${user}, ${admin}] }`,
      client: { user: "admin", pass: "secret" },
    });
    const findings = await look(fleet.cluster.urls, ", user: ag, password: secret");
    expect(causesOf(findings)).toEqual(["nats_stream_unseen"]);
  });
});

describe.runIf(has_nats)("nats check of a fleet's buckets", () => {
  const lookAtFleet = async (fleet: ConfiguredFleet, more: readonly string[] = []) =>
    checkNats(await loadConfig(fleet.fileOf("web-1", more), {}, "held"), systemClock);

  test("one server, no bucket, and all as it should be are told apart", async () => {
    const fleet = await ConfiguredFleet.start();
    const alone = await lookAtFleet(fleet);
    expect(causesOf(alone)).toEqual(["nats_bucket_loses", "nats_bucket_loses", undefined]);
    expect(alone.at(-1)!.message).toContain("nothing is pushed to group web yet");
    const manager = await managerOf(fleet.connection);
    await manager.streams.delete("KV_TALLY_REPORTS");
    const without = await lookAtFleet(fleet);
    expect(causesOf(without)).toEqual(["nats_bucket_loses", "nats_no_bucket"]);
    expect(without.at(-1)!.message).toBe("there is no bucket TALLY_REPORTS");
  });

  test("another agent of the name is named, as far as the agent has noticed it of late", async () => {
    const fleet = await ConfiguredFleet.start();
    const put = async (more: object): Promise<void> => {
      const value = JSON.stringify({ ...report, ...more });
      await replaceKey(fleet.connection, reportBucket("TALLY"), {
        key: "web-1",
        value,
        revision: undefined,
      });
    };
    const found = async (): Promise<Finding | undefined> =>
      (await lookAtFleet(fleet)).find(({ cause }) => cause === "nats_name_shared");
    await put({});
    expect(await found()).toBeUndefined();
    await put({ shared: { host: "host-b" } });
    expect((await found())!.message).toBe("two agents have the name web-1, on host-a and host-b");
    const later = { ...systemClock, now: () => systemClock.now() + 3_600_000 };
    const config = await loadConfig(fleet.fileOf("web-1"), {}, "held");
    expect(causesOf(await checkNats(config, later))).not.toContain("nats_name_shared");
  });

  longTest("three replicas are fine", async () => {
    const fleet = await ConfiguredFleet.start({ servers: 3 });
    await fleet.push("inputs: { audit: { paths: [/var/log/audit.log] } }\n");
    const findings = await lookAtFleet(fleet);
    expect(causesOf(findings)).toEqual([undefined]);
    expect(findings.at(-1)).toMatchObject({ verdict: "ok", subject: "fleet" });
  });

  test("an agent's user may read its configuration and not look at settings; another one may neither", async () => {
    const names = { bucket: "TALLY", prefix: "tally" };
    const user = (agent: string, group: string): string =>
      `{ user: ${group}, password: secret, ${permissionsText(bucketPermissions("agent", names, { agent, group }), "")} }`;
    const operator =
      '{ user: operator, password: secret, permissions { publish: ">", subscribe: ">" } }';
    const users = [user("web-1", "web"), user("web-1", "db"), operator];
    const as = (name: string): string[] => [`  user: ${name}`, "  password: secret"];
    const fleet = await ConfiguredFleet.start({
      more: `authorization { users: [${users.join(", ")}] }`,
      client: { user: "operator", pass: "secret" },
      operator: as("operator"),
    });
    const own = await lookAtFleet(fleet, as("web"));
    expect(causesOf(own)).toEqual(["nats_buckets_unseen", undefined]);
    const other = await lookAtFleet(fleet, as("db"));
    expect(causesOf(other)).toEqual(["nats_buckets_unseen", "nats_bucket_unread"]);
  });
});
