/** `tallyman fleet books` on a real fleet: its books add up over crashes and restarts, and where they do not, the lane is named. */
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { LaneRow } from "../../../src/cli/fleet/books/add-up.ts";
import { permissionsOf, permissionsText } from "../../../src/platform/nats/permissions.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { tallyman } from "../../support/command-line.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const small = ["batch: { max_bytes: 64KiB }"];

interface Printed {
  status: number;
  agree: boolean;
  silent: string[];
  lanes: LaneRow[];
}

async function booksOf(config: string, ...more: string[]): Promise<Printed> {
  const asked = ["fleet", "books", "-c", config, "--wait", "1", "--json", ...more];
  const { status, out, err } = await tallyman(asked);
  expect(err).toBe("");
  return { status, ...(JSON.parse(out) as Omit<Printed, "status">) };
}

const delivered = ({ lanes }: Printed): number =>
  lanes.reduce((sum, lane) => sum + lane.delivered, 0);

describe.runIf(has_nats)("fleet books", () => {
  longTest(
    "agree by lane after an agent and an aggregator were killed; a silent one is named",
    async () => {
      const events = 12_000;
      const fleet = await Fleet.start({ servers: 1 });
      const tally = new Tally(events);
      const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
      const names = ["agent-1", "agent-2"];
      names.forEach((name, number) => {
        const from = (number * events) / 2;
        writeEvents(join(fleet.folderOf(name), "audit.log"), from, from + events / 2);
      });
      splunk.always({ kind: "normal", delay_ms: 50 });
      const output = [...small, "receipt_timeout: 20s"];
      const agents = await Promise.all(names.map((name) => fleet.agent(name, { output })));
      const aggregators = await Promise.all(
        ["ag-1", "ag-2"].map((name) => fleet.aggregator(name, splunk.url, { output: small })),
      );
      await splunk.until(() => tally.distinct > events / 4);
      await aggregators[0]!.crash();
      await agents[0]!.crash();
      // Whatever is on its way is not missing.
      const config = fleet.configOf("ag-2");
      aggregators[0] = await fleet.aggregator("ag-1", splunk.url, { output: small });
      agents[0] = await fleet.agent("agent-1", { output });
      expect(await booksOf(config)).toMatchObject({ status: 0, agree: true });
      splunk.always({ kind: "normal" });
      await splunk.until(() => tally.distinct === events);
      let books: Printed;
      await eventually(async () => {
        books = await booksOf(config);
        return (
          books.lanes.every(({ on_the_way }) => on_the_way === 0) && delivered(books) === events
        );
      });
      expect(books!).toMatchObject({ status: 0, agree: true, silent: [] });
      const { out } = await tallyman(["fleet", "books", "-c", config, "--wait", "1"]);
      expect(out).toMatch(/^agent-1 +\w{8}\.\d+ .*audit\.log +6,000 +6,000 +0 +[\d,]+ +0$/m);
      expect(out).toContain("The books of 2 agents and 2 aggregators agree in 2 lanes.");

      // Whoever is silent is named; what was saved of an aggregator stands for it.
      const saved = join(temporaryDirectory(), "books.json");
      writeFileSync(saved, (await tallyman(["fleet", "books", "-c", config, "--json"])).out);
      expect(await aggregators[0].stop()).toBe(0);
      const without = await booksOf(config);
      expect(without).toMatchObject({ status: 1, agree: false, silent: [] });
      const lacking = without.lanes.reduce((sum, lane) => sum + lane.missing + lane.uncounted, 0);
      expect(lacking).toBeGreaterThan(0);
      expect(await booksOf(config, "--with", saved)).toMatchObject({ status: 0, agree: true });
      aggregators[0] = await fleet.aggregator("ag-1", splunk.url, { output: small });
      expect(await agents[1]!.stop()).toBe(0);
      expect(await booksOf(config)).toMatchObject({ status: 1, silent: ["agent-2"] });
      expect(await booksOf(config, "--gone", "agent-2")).toMatchObject({ status: 0, silent: [] });

      // A file that is gone takes its lane along, and not its events.
      const path = join(fleet.folderOf("agent-1"), "audit.log");
      unlinkSync(path);
      await eventually(async () => {
        books = await booksOf(config, "--gone", "agent-2");
        return books.lanes.some(({ lane }) => lane === undefined);
      });
      expect(books!).toMatchObject({ status: 0, lanes: [{ delivered: events / 2, missing: 0 }] });
    },
  );

  longTest("name the lane whose events a lost stream had, where its word was enough", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const splunk = await Splunk.start();
    const path = join(fleet.folderOf("agent-1"), "audit.log");
    writeFileSync(path, '{"number":1}\n{"number":2}\n');
    const output = ["confirm: stream"];
    await fleet.agent("agent-1", { output });
    const config = fleet.configOf("agent-1");
    await eventually(async () => delivered(await booksOf(config)) === 2);
    // Nobody has read it, so it is on the way.
    expect(await booksOf(config)).toMatchObject({ status: 0, lanes: [{ on_the_way: 2 }] });
    const [server] = fleet.cluster.servers;
    await server!.kill();
    server!.loseStore();
    server!.start();
    await fleet.cluster.ready();
    await fleet.setUp();
    await fleet.aggregator("ag-1", splunk.url);
    writeFileSync(path, '{"number":3}\n', { flag: "a" });
    await splunk.until(() => splunk.events.length === 1);
    let books: Printed;
    await eventually(async () => {
      books = await booksOf(config);
      return delivered(books) === 3 && !books.agree;
    });
    expect(books!).toMatchObject({ status: 1, lanes: [{ agent: "agent-1", missing: 2 }] });
    const { out } = await tallyman(["fleet", "books", "-c", config, "--wait", "1"]);
    expect(out).toMatch(
      /^Lane \w{8}\.\d+ of agent-1 .*: 2 events are delivered by the agent's books/m,
    );
    expect(out).toContain("do not agree");
  });

  longTest("with the permissions that are printed, each can answer for itself alone", async () => {
    const names = { prefix: "tally", stream: "TALLY", consumer: "tallyman" };
    const user = (name: string, permissions: string): string =>
      `{ user: "${name}", password: "secret", ${permissions} }`;
    const users = [
      user("admin", 'permissions { publish: ">", subscribe: ">" }'),
      user("setup", permissionsText(permissionsOf("setup", names), "")),
      user("aggregators", permissionsText(permissionsOf("aggregator", names), "")),
      user("agent-1", permissionsText(permissionsOf("agent", names, "agent-1"), "")),
    ];
    const fleet = await Fleet.start({
      servers: 1,
      more: `authorization { users: [${users.join(",\n")}] }`,
      client: { user: "admin", pass: "secret" },
    });
    const splunk = await Splunk.start();
    const as = (name: string): string[] => [`user: ${name}`, "password: secret"];
    writeFileSync(join(fleet.folderOf("agent-1"), "audit.log"), '{"number":1}\n');
    const agent = await fleet.agent("agent-1", { output: as("agent-1") });
    await fleet.aggregator("ag-1", splunk.url, { input: as("aggregators") });
    await splunk.until(() => splunk.events.length === 1);
    const config = join(temporaryDirectory(), "setup.yaml");
    const own = readFileSync(fleet.configOf("agent-1"), "utf8");
    writeFileSync(config, own.replaceAll("user: agent-1", "user: setup"));
    await eventually(async () => delivered(await booksOf(config)) === 1);
    expect(await booksOf(config)).toMatchObject({ status: 0, silent: [] });
    expect(agent.of("nats_refused")).toEqual([]);
    // Another's books cannot be given, nor be asked for by an agent.
    const connection = await fleet.cluster.connect({ user: "agent-1", pass: "secret" });
    const refusals: string[] = [];
    void (async () => {
      for await (const status of connection.status())
        if (status.type === "error") refusals.push(status.error.message);
    })();
    connection.publish("tally.books.agent.agent-2", "{}");
    connection.publish("tally.books.aggregator.one", "{}");
    connection.publish("tally.ask.agents", "{}");
    connection.subscribe("tally.books.>", { callback: () => undefined });
    await eventually(() => refusals.length === 4);
  });

  longTest("nobody answers, nothing is known", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const config = fleet.agentConfig("agent-1");
    const { status, out } = await tallyman(["fleet", "books", "-c", config, "--wait", "0.5"]);
    expect(status).toBe(1);
    expect(out).toContain("Nobody answered.");
    const file = join(temporaryDirectory(), "no.json");
    writeFileSync(file, "{}");
    const wrong = await tallyman(["fleet", "books", "-c", config, "--with", file]);
    expect(wrong.err).toContain("has no reports");
    expect((await tallyman(["fleet", "books", "--wait", "never"])).status).toBe(2);
  });
});
