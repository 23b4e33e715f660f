/** An agent whose fleet's configuration cannot be read, or not be kept for want of room: what is in force stays, and everybody can see it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Status } from "../../../src/admin/status/status.ts";
import { managerOf } from "../../../src/platform/nats/stream.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { scrape } from "../../support/reports/metrics.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { ConfiguredFleet, stateOf, statusOf } from "../../support/nats/configured.ts";
import { fillUp, onSmallDisk } from "../../support/files/small-disk.ts";

function inputsFor(file: string, field: string): string {
  return `inputs: { audit: { paths: ["${file}"], start_at: beginning } }
chain:
  - redact: { fields: [${field}] }
`;
}

async function warningsOf(file: string): Promise<string> {
  return (await tallyman(["status", "-c", file])).out;
}

describe.runIf(has_nats)("fleet configuration", () => {
  longTest("a bucket that is gone is said until it is there again", async () => {
    const fleet = await ConfiguredFleet.start();
    const log = join(fleet.folderOf("web-1"), "audit.log");
    const agent = await fleet.agent("web-1");
    const file = fleet.fileOf("web-1");
    const socket = join(stateOf(fleet.folderOf("web-1")), "admin.sock");
    await fleet.push(inputsFor(log, "key"));
    await eventually(() => agent.of("fleet_configuration_taken").length === 1);
    const manager = await managerOf(fleet.connection);
    await manager.streams.delete("KV_TALLY_CONFIG");
    await agent.logged("fleet_unanswered");
    await eventually(async () => {
      const { fleet: seen } = await statusOf(file);
      expect(seen).toMatchObject({ state: "taken", connected: true });
      // Some servers say that nobody answers for it, and others nothing.
      return seen?.unread !== undefined;
    });
    expect(await warningsOf(file)).toContain("the configuration of group web cannot be read since");
    expect((await scrape(socket)).get("tallyman_fleet_configuration_unread")).toBe(1);
    // Its status is 1, as always with one replica.
    const { out } = await fleet.command("setup", "--replicas", "1");
    expect(out).toContain("The bucket TALLY_CONFIG was created");
    await eventually(async () => (await statusOf(file)).fleet?.unread === undefined);
    expect((await scrape(socket)).get("tallyman_fleet_configuration_unread")).toBe(0);
    expect(agent.of("reloaded")).toHaveLength(1);
    expect(await agent.stop()).toBe(0);
  });

  // Mounting a small disk is for root alone.
  test.runIf(is_long && process.getuid!() === 0)(
    "on a full disk what was in force stays, and it is said; with room again the new one is taken",
    long,
    async () => {
      const fleet = await ConfiguredFleet.start();
      const { disk } = onSmallDisk();
      const log = join(fleet.folderOf("web-1"), "audit.log");
      const archive = join(fleet.folderOf("web-1"), "out.log");
      const file = fleet.fileOf("web-1");
      writeFileSync(
        file,
        readFileSync(file, "utf8").replace(/state_dir: .*/, `state_dir: ${disk}`),
      );
      writeFileSync(log, "");
      writeFileSync(archive, "");
      const agent = await Daemon.start(file);
      await fleet.push(inputsFor(log, "key"));
      await eventually(() => agent.of("fleet_configuration_taken").length === 1);
      const { serial } = agent.of("fleet_configuration_taken")[0]!;
      fillUp(join(disk, "filler"));
      await fleet.push(inputsFor(log, "user"));
      const refused = await agent.logged("fleet_configuration_refused");
      expect(refused).toMatchObject({ reason: "state_unusable", level: "error" });
      const status: Status = await statusOf(file);
      expect(status.fleet).toMatchObject({
        state: "taken",
        serial,
        refused: { state_unusable: 1 },
      });
      expect(await warningsOf(file)).toContain("was refused (state_unusable)");
      const metrics = await scrape(join(disk, "admin.sock"));
      expect(metrics.get("tallyman_fleet_configuration_refused")).toBe(1);
      await eventually(async () => (await fleet.command("status")).out.includes("refused"));
      writeFileSync(log, '{"user":"ann","key":"s3cret"}\n', { flag: "a" });
      await eventually(() => readFileSync(archive, "utf8").includes('"user":"ann"'));
      expect(readFileSync(archive, "utf8")).not.toContain("s3cret");
      rmSync(join(disk, "filler"));
      await agent.reload();
      await eventually(() => agent.of("fleet_configuration_taken").length === 2);
      writeFileSync(log, '{"user":"bob","key":"open"}\n', { flag: "a" });
      await eventually(() => readFileSync(archive, "utf8").includes('"key":"open"'));
      expect(readFileSync(archive, "utf8")).not.toContain("bob");
      expect(
        (await scrape(join(disk, "admin.sock"))).get("tallyman_fleet_configuration_refused"),
      ).toBe(0);
      expect(await agent.stop()).toBe(0);
    },
  );
});
