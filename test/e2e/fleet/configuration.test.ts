/** Agents that take their configuration from a fleet: the real daemon, a real server of NATS, and who writes there without a key. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tallyman } from "../../support/command-line.ts";
import { Daemon, type LogEntry } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { ConfiguredFleet, statusOf } from "../../support/nats/configured.ts";

function inputsFor(file: string, field: string): string {
  return `inputs:
  audit:
    paths: ["${file}"]
    start_at: beginning
chain:
  - redact: { fields: [${field}] }
`;
}

async function refusals(agent: Daemon, count: number): Promise<LogEntry[]> {
  await eventually(() => agent.of("fleet_configuration_refused").length >= count);
  return agent.of("fleet_configuration_refused");
}

function taken(agent: Daemon, count: number): Promise<void> {
  return eventually(() => agent.of("fleet_configuration_taken").length >= count);
}

describe.runIf(has_nats)("fleet configuration", () => {
  test("what is pushed is taken, in force, reported, and kept for a start without NATS", async () => {
    const fleet = await ConfiguredFleet.start();
    const log = join(fleet.folderOf("web-1"), "audit.log");
    writeFileSync(log, '{"user":"ann","key":"s3cret"}\n');
    const agent = await fleet.agent("web-1");
    await eventually(async () => (await fleet.command("status")).out.includes("web-1  own"));
    const pushed = await fleet.push(inputsFor(log, "key"));
    expect(pushed).toMatchObject({ status: 0, err: "" });
    expect(pushed.out).toContain("Group web has no configuration yet.");
    expect(pushed.out).toContain("+  - redact: { fields: [key] }");
    await taken(agent, 1);
    const archive = join(fleet.folderOf("web-1"), "out.log");
    await eventually(() => readFileSync(archive, "utf8").includes('"user":"ann"'));
    expect(readFileSync(archive, "utf8")).not.toContain("s3cret");
    await eventually(async () => (await fleet.command("status")).status === 0);
    const report = JSON.parse((await fleet.command("status", "--json")).out) as {
      groups: { serial: number; agents: { standing: string; report: { digest: string } }[] }[];
    };
    const [group] = report.groups;
    expect(group!.agents).toMatchObject([{ standing: "current" }]);
    const first = agent.of("fleet_configuration_taken")[0]!;
    expect(first).toMatchObject({ serial: group!.serial, signed_by: "ops" });
    expect(group!.agents[0]!.report.digest).toBe(first["digest"]);
    expect((await fleet.command("diff", fleet.write(inputsFor(log, "key")))).status).toBe(0);
    expect((await fleet.push(inputsFor(log, "key"))).out).toContain(
      "has this configuration already",
    );

    await fleet.push(inputsFor(log, "user"));
    await taken(agent, 2);
    expect(await agent.stop()).toBe(0);
    await fleet.cluster.servers[0]!.kill();
    const again = await fleet.agent("web-1");
    writeFileSync(log, '{"user":"bob","key":"open"}\n', { flag: "a" });
    await eventually(() => readFileSync(archive, "utf8").includes('"key":"open"'));
    expect(readFileSync(archive, "utf8")).not.toContain("bob");
    expect(await again.stop()).toBe(0);
  });

  test("a reload with another group ends what came from the former, and takes that of the new one only", async () => {
    const fleet = await ConfiguredFleet.start();
    const [log, archive] = ["audit.log", "out.log"].map((name) =>
      join(fleet.folderOf("web-1"), name),
    ) as [string, string];
    writeFileSync(log, '{"user":"ann","key":"s3cret"}\n');
    const agent = await fleet.agent("web-1");
    await fleet.push(inputsFor(log, "key"));
    await taken(agent, 1);
    await eventually(() => readFileSync(archive, "utf8").includes("ann"));
    const file = fleet.fileOf("web-1");
    writeFileSync(file, readFileSync(file, "utf8").replace("group: web", "group: db"));
    expect((await tallyman(["reload", "-c", file])).status).toBe(0);
    expect((await statusOf(file)).fleet).toMatchObject({ group: "db", state: "held" });
    expect(agent.of("fleet_holding")).toMatchObject([{ group: "db" }]);
    const subscribed = async (group: string): Promise<boolean> =>
      (await fleet.subjects()).includes(`$KV.TALLY_CONFIG.${group}`);
    await eventually(async () => (await subscribed("db")) && !(await subscribed("web")));
    // Nothing that is put there for the former group is even looked at.
    await fleet.push(inputsFor(log, "user"));
    const yaml = inputsFor(log, "user");
    const note = fleet.sign({ group: "db", serial: 1, yaml });
    await fleet.put(note, "$KV.TALLY_CONFIG.db");
    await taken(agent, 2);
    expect(agent.of("fleet_configuration_taken")[1]).toMatchObject({ group: "db", serial: 1 });
    writeFileSync(log, '{"user":"bob","key":"open"}\n', { flag: "a" });
    await eventually(() => readFileSync(archive, "utf8").includes("open"));
    const text = readFileSync(archive, "utf8");
    expect(text).not.toContain("bob");
    expect(text.match(/ann/g)).toHaveLength(1);
    expect((await statusOf(file)).fleet).toMatchObject({
      group: "db",
      state: "taken",
      refused: {},
    });
    expect(await agent.stop()).toBe(0);
  });

  test("two agents of one name are told, with both hosts", async () => {
    const fleet = await ConfiguredFleet.start();
    const agents = [];
    const files = ["web-1", "copy"].map((name) => fleet.fileOf(name));
    for (const [at, file] of files.entries()) {
      writeFileSync(file, readFileSync(file, "utf8").replace("agent: copy", "agent: web-1"));
      agents.push(
        await Daemon.start(file, { TALLYMAN_HOST: `host of ${at === 0 ? "web-1" : "copy"}` }),
      );
    }
    await Promise.all(agents.map((each) => each.logged("fleet_name_shared")));
    await eventually(async () => (await fleet.command("status")).out.includes("web-1  shared"));
    const { out, status } = await fleet.command("status");
    expect(status).toBe(1);
    expect(out).toContain("2 agents have this name");
    expect(out).toContain("host of web-1");
    expect(out).toContain("host of copy");
    expect((await statusOf(files[0]!)).fleet!.shared).toEqual({ host: "host of copy" });
    expect((await statusOf(files[1]!)).fleet!.shared).toEqual({ host: "host of web-1" });
    for (const agent of agents) expect(await agent.stop()).toBe(0);
  });

  longTest(
    "what is forged, old, for others or not valid is refused, named, counted, and changes nothing",
    async () => {
      const fleet = await ConfiguredFleet.start();
      const log = join(fleet.folderOf("web-1"), "audit.log");
      const yaml = inputsFor(log, "key");
      const agent = await fleet.agent("web-1");
      await fleet.push(yaml);
      await taken(agent, 1);
      const old = await fleet.note();
      await fleet.push(`${yaml}# newer\n`);
      await taken(agent, 2);
      const { serial, digest } = agent.of("fleet_configuration_taken")[1]!;
      const next = Number(serial) + 10;
      const stranger = join(fleet.directory, "stranger.key");
      await tallyman(["fleet", "key", stranger, "--name", "stranger"]);
      const impostor = join(fleet.directory, "impostor.key");
      await tallyman(["fleet", "key", impostor, "--name", "ops"]);
      const bad: [reason: string, note: string | Uint8Array][] = [
        ["old_serial", old],
        ["unknown_key", fleet.sign({ serial: next, yaml }, stranger)],
        ["wrong_signature", fleet.sign({ serial: next, yaml }, impostor)],
        ["not_signed", yaml],
        ["other_group", fleet.sign({ serial: next, yaml, group: "db" })],
        ["too_large", Buffer.alloc(270 * 1024, "a")],
        ["invalid", fleet.sign({ serial: next, yaml: "inputs: { a: { path: x } }\n" })],
      ];
      for (const [number, [reason, note]] of bad.entries()) {
        await fleet.put(note);
        const entries = await refusals(agent, number + 1);
        expect(entries[number]).toMatchObject({ reason, level: "error" });
      }
      // Signed, but a change of one character.
      await fleet.put(fleet.sign({ serial: next + 1, yaml }).replace("start_at", "start_on"));
      await eventually(async () => {
        const metrics = await statusOf(fleet.fileOf("web-1"));
        return metrics.fleet?.refused["wrong_signature"] === 2;
      });
      const { fleet: seen, config } = await statusOf(fleet.fileOf("web-1"));
      expect(seen).toMatchObject({
        state: "taken",
        serial,
        refused: { old_serial: 1, invalid: 1 },
      });
      expect(config.digest).toBe(digest);
      expect(agent.of("reloaded")).toHaveLength(2);
      const shown = await fleet.command("status");
      expect(shown.status).toBe(1);

      // A start does not forget what was seen, nor does one without what was taken last.
      await agent.crash();
      await fleet.put(old);
      const again = await fleet.agent("web-1");
      expect((await refusals(again, 1))[0]).toMatchObject({ reason: "old_serial" });
      expect((await statusOf(fleet.fileOf("web-1"))).fleet).toMatchObject({ serial });
      expect(await again.stop()).toBe(0);
    },
  );

  longTest(
    "one that takes nothing from afar but inputs and chain is sent nowhere else",
    async () => {
      const fleet = await ConfiguredFleet.start();
      const log = join(fleet.folderOf("web-1"), "audit.log");
      const agent = await fleet.agent("web-1");
      const local = [
        "output: { type: stdout }\n",
        "state_dir: /tmp/elsewhere\n",
        "fleet: {}\n",
        "plugins_dir: /tmp\n",
        "admin: { listen: 127.0.0.1:1 }\n",
      ];
      for (const [number, section] of local.entries()) {
        const yaml = `${inputsFor(log, "key")}${section}`;
        const pushed = await fleet.push(yaml);
        expect(pushed.status).toBe(1);
        expect(pushed.err).toContain("is the agent's own");
        await fleet.put(fleet.sign({ serial: number + 1, yaml }));
        await eventually(async () => {
          const { fleet: seen } = await statusOf(fleet.fileOf("web-1"));
          return seen?.refused["invalid"] === number + 1;
        });
      }
      const reads = `${inputsFor(log, "key")}    metadata: { fields: { a: "\${file:/etc/hostname}" } }\n`;
      expect((await fleet.push(reads)).err).toContain("is refused in a configuration for a fleet");
      expect(agent.of("reloaded")).toHaveLength(0);
      expect(await agent.stop()).toBe(0);
    },
  );

  longTest(
    "a host that cannot use what it took reads nothing, says so, and goes on when it can",
    async () => {
      const fleet = await ConfiguredFleet.start();
      const log = join(fleet.folderOf("web-1"), "audit.log");
      writeFileSync(log, '{"user":"ann"}\n');
      const own = ["inputs: { own: { paths: [/nowhere.log] } }"];
      const agent = await fleet.agent("web-1", own);
      const yaml = inputsFor(log, "key");
      await fleet.push(yaml);
      await taken(agent, 1);
      expect(await agent.stop()).toBe(0);
      // Another key is pinned now: what was signed with the former one is not to be used any more.
      const other = join(fleet.directory, "other.key");
      const { out } = await tallyman(["fleet", "key", other, "--name", "other"]);
      const file = fleet.fileOf("web-1", own);
      writeFileSync(
        file,
        readFileSync(file, "utf8").replace(/signed_by: .*/, `signed_by: ["${out.trim()}"]`),
      );
      const held = await Daemon.start(file);
      expect(held.of("fleet_holding")).toHaveLength(1);
      expect(held.of("running")[0]).toMatchObject({ inputs: [] });
      expect((await statusOf(file)).fleet).toMatchObject({ state: "held" });
      await eventually(async () => (await fleet.command("status")).out.includes("held"));
      await fleet.put(fleet.sign({ serial: 4_000_000_000, yaml }, other));
      await taken(held, 1);
      expect((await statusOf(file)).fleet).toMatchObject({ state: "taken", serial: 4_000_000_000 });
      expect(await held.stop()).toBe(0);
    },
  );

  longTest("with one of three servers gone, what is pushed is taken, and seen", async () => {
    const fleet = await ConfiguredFleet.start({ servers: 3 });
    const log = join(fleet.folderOf("web-1"), "audit.log");
    writeFileSync(log, "");
    const agent = await fleet.agent("web-1");
    await fleet.push(inputsFor(log, "key"));
    await taken(agent, 1);
    const leader = await fleet.cluster.leaderOf("KV_TALLY_CONFIG");
    await leader.kill();
    expect(await fleet.push(inputsFor(log, "user"))).toMatchObject({ status: 0, err: "" });
    await taken(agent, 2);
    await eventually(async () => (await fleet.command("status")).status === 0);
    leader.start();
    await fleet.cluster.ready();
    expect(await agent.stop()).toBe(0);
  });
});
