/** `tallyman fleet key`, `push`, `diff` and `status`, with a real server. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tallyman } from "../../../support/command-line.ts";
import { answered } from "../../../support/nats/sending.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";
import { ConfiguredFleet } from "../../../support/nats/configured.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const yaml = "inputs: { audit: { paths: [/var/log/audit.log] } }\n";

describe("fleet key", () => {
  test("makes a key for its user alone, and prints the same line again", async () => {
    const file = join(temporaryDirectory(), "ops.key");
    const made = await tallyman(["fleet", "key", file, "--name", "ops team"]);
    expect(made.out).toMatch(/^ops-team\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await tallyman(["fleet", "key", file])).toMatchObject({ status: 0, out: made.out });
    const secret = readFileSync(file, "utf8");
    const again = await tallyman(["fleet", "key", file, "--name", "other"]);
    expect(again).toMatchObject({ status: 1, out: "" });
    expect(readFileSync(file, "utf8")).toBe(secret);
  });

  test("what is no key is refused, and not quoted", async () => {
    const file = join(temporaryDirectory(), "ops.key");
    await tallyman(["fleet", "key", file]);
    const whole = readFileSync(file, "utf8");
    for (const text of ["hunter2", "", whole.replace("fleet", "other"), whole.slice(0, -8)]) {
      writeFileSync(file, text);
      const { status, err } = await tallyman(["fleet", "key", file]);
      expect(status).toBe(1);
      expect(err).toContain("cannot be used");
      expect(err).not.toContain("hunter2");
    }
  });
});

describe.runIf(has_nats)("fleet configurations", () => {
  test("what is pushed is checked, shown, signed, numbered and readable by other clients", async () => {
    const fleet = await ConfiguredFleet.start();
    expect((await fleet.command("status")).out).toContain("No agent has reported");
    const dry = await fleet.push(yaml, "--dry-run");
    expect(dry).toMatchObject({ status: 0 });
    expect(dry.out).toContain("+inputs: { audit:");
    expect((await fleet.command("diff", fleet.write(yaml))).status).toBe(1);
    const first = await fleet.push(yaml);
    expect(first.out).toMatch(
      /Pushed to group web: serial \d+, sha256 [0-9a-f]{64}, signed by ops\./,
    );
    const serials = [Number(/^serial (\d+)$/m.exec(await fleet.note())![1])];
    for (const number of [1, 2, 3]) {
      const { out } = await fleet.push(`${yaml}# ${number}\n`);
      expect(out).toContain(`+# ${number}`);
      serials.push(Number(/^serial (\d+)$/m.exec(await fleet.note())![1]));
    }
    expect(serials).toEqual([...new Set(serials)].sort((one, other) => one - other));
    const note = await fleet.note();
    expect(note).toMatch(/^tallyman configuration v1\ngroup web\n/);
    expect(note).toContain(yaml);
    const same = await fleet.push(`${yaml}# 3\n`);
    expect(same.out).toContain("has this configuration already");
    expect(await fleet.note()).toBe(note);
    expect((await fleet.command("diff", fleet.write(`${yaml}# 3\n`))).status).toBe(0);
    await fleet.push(yaml, "--group", "db");
    expect(await fleet.note()).toBe(note);
  });

  test("what cannot be used, or signed, is not pushed", async () => {
    const fleet = await ConfiguredFleet.start();
    const bad: [text: string, says: string][] = [
      ["inputs: { audit: { path: x } }\n", "web.yaml:1:"],
      ["inputs: { audit: { paths: [/a] } }\n\tb: 1\n", "line 2 has a tab"],
      [`${yaml}chain: [{ no_such: {} }]\n`, "no_such"],
      [`${yaml}tests: [{ name: a, event: { b: 1 }, expect: filtered }]\n`, "test"],
    ];
    for (const [text, says] of bad) {
      const { status, err } = await fleet.push(text);
      expect(status).toBe(1);
      expect(err).toContain(says);
    }
    const unasked = await fleet.command("push", fleet.write(yaml), "--key", fleet.key);
    expect(unasked).toMatchObject({ status: 2 });
    expect(unasked.err).toContain("give --yes");
    const other = join(fleet.directory, "other.key");
    await tallyman(["fleet", "key", other, "--name", "other"]);
    const foreign = await fleet.command("push", fleet.write(yaml), "--key", other, "--yes");
    expect(foreign.err).toContain("is not in fleet.signed_by");
    expect(await fleet.note()).toBe("");
  });

  test("a bucket that somebody has written to without the key is named, and can be put right", async () => {
    const fleet = await ConfiguredFleet.start();
    await fleet.push(yaml);
    await fleet.put(yaml);
    const status = await fleet.command("status");
    expect(status).toMatchObject({ status: 1 });
    expect(status.out).toContain("Group web: it is no signed note");
    expect((await fleet.command("diff", fleet.write(yaml))).err).toContain("it is no signed note");
    expect((await fleet.push(yaml)).out).toContain("cannot be used, and is replaced");
    expect((await fleet.command("status")).status).toBe(0);
  });

  test("agents that are silent, behind or unreadable are seen, and can be forgotten", async () => {
    const fleet = await ConfiguredFleet.start();
    await fleet.push(yaml);
    const report = {
      v: 1,
      group: "web",
      version: "1",
      at: new Date().toISOString(),
      state: "taken",
      health: { level: "good", sentence: "All is well.\u001b[2J" },
      lag_seconds: 0,
      lag_bytes: 0,
      events: { received: 1, delivered: 1, in_flight: 0, quarantined: 0, balanced: true },
      refused: 0,
    };
    const say = (agent: string, more: object): Promise<unknown> =>
      answered(
        fleet.connection,
        `$KV.TALLY_REPORTS.${agent}`,
        JSON.stringify({ ...report, agent, every_ms: 3_600_000, ...more }),
      );
    await say("behind", { serial: 1, sha256: "a" });
    await say("other", { v: 2 });
    const { out, status } = await fleet.command("status");
    expect(status).toBe(1);
    expect(out).toMatch(/behind +behind +reported/);
    expect(out).toMatch(/other +unreadable +reported/);
    expect(out).not.toContain("\u001b[2J");
    expect((await fleet.command("status", "--group", "db")).status).toBe(0);
    for (const agent of ["behind", "other"])
      expect((await fleet.command("status", "--forget", agent)).status).toBe(0);
    expect((await fleet.command("status")).status).toBe(0);
  });

  test("with the permissions that are printed, an agent reads its group and reports as itself, and no more", async () => {
    const config = join(temporaryDirectory(), "config.yaml");
    const pin = (await tallyman(["fleet", "key", join(temporaryDirectory(), "k")])).out.trim();
    const text = (port: number): string =>
      `output: { type: stdout }\nfleet: { servers: ["nats://127.0.0.1:${port}"], group: web, agent: web-1, signed_by: ["${pin}"], user: op, password: op }\n`;
    writeFileSync(config, text(1));
    const { out } = await tallyman(["fleet", "setup", "--permissions", "-c", config]);
    const [agent = "", operator = ""] = [...out.matchAll(/^permissions \{\n[^]*?^\}/gm)].map(
      ([block]) => block.replaceAll("AGENT", "web-1"),
    );
    const users = `authorization { users: [
      { user: admin, password: admin },
      { user: op, password: op, ${operator} },
      { user: web-1, password: pw, ${agent} } ] }`;
    const user = { user: "admin", pass: "admin" };
    const cluster = await NatsCluster.start({ servers: 1, more: users, client: user });
    writeFileSync(config, text(cluster.servers[0]!.port));
    const setup = await tallyman(["fleet", "setup", "--replicas", "1", "-c", config]);
    expect(setup).toMatchObject({ err: "" });
    expect(setup.out).toContain("The bucket TALLY_CONFIG was created");
    expect((await tallyman(["fleet", "status", "-c", config])).status).toBe(0);
    const refused: string[] = [];
    const connection = await cluster.connect({
      user: "web-1",
      pass: "pw",
      inboxPrefix: "_INBOX_tally_agent.web-1",
    });
    void (async () => {
      for await (const each of connection.status())
        if (each.type === "error") refused.push(each.error.message);
    })();
    const get = "$JS.API.DIRECT.GET.KV_TALLY_CONFIG.$KV.TALLY_CONFIG";
    expect((await answered(connection, `${get}.web`)).headers?.code).toBe(404);
    connection.publish("$KV.TALLY_REPORTS.web-1", "{}");
    for (const subject of [`${get}.db`, "$KV.TALLY_CONFIG.web", "$KV.TALLY_REPORTS.web-2"]) {
      const before = refused.length;
      connection.publish(subject, "x");
      await connection.flush();
      await expect.poll(() => refused.length).toBeGreaterThan(before);
      expect(refused.at(-1)).toContain("Permissions Violation");
    }
  });
});
