/** What `tallyman doctor` says of NATS, with real servers. */
import { describe, expect, test } from "vitest";
import { checkNats } from "../../../../../src/doctor/checks/nats/check-nats.ts";
import type { Finding } from "../../../../../src/doctor/findings/finding.ts";
import { permissionsOf, permissionsText } from "../../../../../src/platform/nats/permissions.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { load } from "../../../../support/configuration.ts";
import { has_nats } from "../../../../support/nats/cluster.ts";
import { Fleet } from "../../../../support/nats/fleet.ts";

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
