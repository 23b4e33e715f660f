/**
 * A fleet: agents, three real servers of NATS, aggregators, and Splunk. Whatever is killed under way, nothing is missing, what is
 * repeated is bounded by what was in flight, and the books of all of them agree.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Status } from "../../../src/admin/status/status.ts";
import type { LaneRow } from "../../../src/cli/fleet/books/add-up.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { tallyman } from "../../support/command-line.ts";
import type { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk } from "../../support/splunk.ts";

/** Less than an event has. */
const event_bytes_min = 900;
const small = ["batch: { max_bytes: 64KiB }"];
/** Receipts are lost with connections, and what servers have acknowledged with them: agents ask again soon. */
const impatient = [...small, "receipt_timeout: 20s"];

/** Splunk, and which of `events` it has. */
async function splunkFor(events: number): Promise<{ splunk: Splunk; tally: Tally }> {
  const tally = new Tally(events);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  return { splunk, tally };
}

/** Writes an equal share of `events` to the file of each agent. */
function share(fleet: Fleet, agents: readonly string[], events: number): void {
  const each = events / agents.length;
  agents.forEach((agent, number) => {
    writeEvents(join(fleet.folderOf(agent), "audit.log"), number * each, (number + 1) * each);
  });
}

function delivered(daemons: readonly Daemon[]): number {
  return daemons.reduce((sum, { books }) => sum + books.total.delivered, 0);
}

async function sendLines(path: string, lines: readonly string[]): Promise<void> {
  const socket = connect(path);
  socket.end(lines.map((line) => `${line}\n`).join(""));
  await once(socket, "close");
}

async function stopAll(daemons: readonly Daemon[]): Promise<void> {
  for (const daemon of daemons) expect(await daemon.stop()).toBe(0);
  for (const { books } of daemons)
    expect(books).toMatchObject({ balanced: true, total: { in_flight: 0 } });
}

describe.runIf(has_nats)("fleet", () => {
  test("what agents redact and publish, aggregators deliver; the books agree and the stream is empty", async () => {
    const events = 20_000;
    // However busy the machine, nobody is taken for dead, and no receipt for lost.
    const fleet = await Fleet.start({ wait_ms: 600_000 });
    const { splunk, tally } = await splunkFor(events);
    const names = ["agent-1", "agent-2"];
    share(fleet, names, events);
    const output = ["receipt_timeout: 24h"];
    const agents = await Promise.all(names.map((name) => fleet.agent(name, { output })));
    const aggregators = [
      await fleet.aggregator("ag-1", splunk.url),
      await fleet.aggregator("ag-2", splunk.url),
    ];
    await splunk.until(() => tally.distinct === events);
    await stopAll([...agents, ...aggregators]);
    expect(tally.missing(() => true)).toEqual([]);
    expect(tally.repeats).toBe(0);
    expect(delivered(agents)).toBe(events);
    expect(delivered(aggregators)).toBe(events);
    const { state } = await fleet.manager.streams.info("TALLY");
    // The last one stays.
    expect(state.messages).toBeLessThanOrEqual(1);
  });

  const efforts = { all: { agents: 6, events: 300_000, rounds: 3 } };
  sampled(
    ({ rounds }) => `the leader, an aggregator and an agent are killed under way, ${rounds} times`,
    efforts,
    async ({ agents: count, events, rounds }) => {
      const fleet = await Fleet.start();
      const { splunk, tally } = await splunkFor(events);
      splunk.always({ kind: "normal", delay_ms: 50 });
      const names = Array.from({ length: count }, (_, number) => `agent-${number}`);
      share(fleet, names, events);
      const output = [...impatient, "max_unconfirmed: 4MiB"];
      const agents = await Promise.all(names.map((name) => fleet.agent(name, { output })));
      const ag_names = ["ag-1", "ag-2", "ag-3"];
      const aggregators = await Promise.all(
        ag_names.map((name) => fleet.aggregator(name, splunk.url, { output: small })),
      );
      for (let round = 0; round < rounds; round += 1) {
        const before = tally.distinct;
        const progressed = (): Promise<void> => splunk.until(() => tally.distinct > before);
        await progressed();
        const leader = await fleet.cluster.leaderOf("TALLY");
        await leader.kill();
        await aggregators[0]!.crash();
        await agents[0]!.crash();
        await delay(200);
        leader.start();
        aggregators[0] = await fleet.aggregator(ag_names[0]!, splunk.url, { output: small });
        agents[0] = await fleet.agent(names[0]!, { output });
      }
      splunk.always({ kind: "normal" });
      await splunk.until(() => tally.distinct === events);
      await eventually(async () => {
        const asked = ["fleet", "books", "-c", fleet.configOf("ag-1"), "--wait", "1", "--json"];
        const { out } = await tallyman(asked);
        const { agree, lanes } = JSON.parse(out) as { agree: boolean; lanes: LaneRow[] };
        expect(lanes.filter(({ missing }) => missing > 0)).toEqual([]);
        const confirmed = lanes.reduce((sum, lane) => sum + lane.delivered, 0);
        return agree && confirmed === events;
      });
      await stopAll(agents);
      await stopAll(aggregators);
      expect(tally.missing(() => true)).toEqual([]);
      expect(delivered(agents)).toBe(events);
      // An agent's crash repeats what it had unconfirmed, an aggregator's what it had not acknowledged.
      const in_flight = (4 * 1024 * 1024 + 64 * 64 * 1024) / event_bytes_min;
      expect(tally.repeats).toBeLessThanOrEqual(rounds * in_flight);
    },
  );

  longTest("all stores are lost while agents have files: nothing is missing", async () => {
    const events = 6000;
    const fleet = await Fleet.start();
    const { splunk, tally } = await splunkFor(events);
    share(fleet, ["agent-1", "agent-2"], events);
    const agents = await Promise.all(
      ["agent-1", "agent-2"].map((name) => fleet.agent(name, { output: impatient })),
    );
    // Nobody has read any of it.
    await eventually(async () => (await fleet.manager.streams.info("TALLY")).state.messages > 10);
    for (const server of fleet.cluster.servers) await server.kill();
    for (const server of fleet.cluster.servers) server.loseStore();
    for (const server of fleet.cluster.servers) server.start();
    await fleet.cluster.ready();
    await fleet.setUp();
    const aggregators = [await fleet.aggregator("ag-1", splunk.url, { output: small })];
    await splunk.until(() => tally.distinct === events);
    await stopAll([...agents, ...aggregators]);
    expect(tally.missing(() => true)).toEqual([]);
    expect(delivered(agents)).toBe(events);
  });

  longTest(
    "one store is lost, and the servers are rolled one by one: nothing is missing",
    async () => {
      const events = 12_000;
      const fleet = await Fleet.start();
      const { splunk, tally } = await splunkFor(events);
      splunk.always({ kind: "normal", delay_ms: 20 });
      share(fleet, ["agent-1"], events / 2);
      const agents = [await fleet.agent("agent-1", { output: impatient })];
      const aggregators = [await fleet.aggregator("ag-1", splunk.url, { output: small })];
      for (const [number, server] of fleet.cluster.servers.entries()) {
        const from = events / 2 + (number * events) / 6;
        if (number === 1) {
          await server.kill();
          server.loseStore();
        } else await server.kill("SIGTERM");
        writeEvents(join(fleet.folderOf("agent-1"), "audit.log"), from, from + events / 6);
        await splunk.until(() => tally.distinct === from + events / 6);
        server.start();
        await fleet.cluster.ready();
        await fleet.isWhole();
      }
      await stopAll([...agents, ...aggregators]);
      expect(tally.missing(() => true)).toEqual([]);
      expect(delivered(agents)).toBe(events);
    },
  );

  longTest("the stream is full for want of an aggregator, and emptied by one", async () => {
    const events = 8000;
    const fleet = await Fleet.start({ bytes_max: 64 * 1024 });
    const { splunk, tally } = await splunkFor(events);
    share(fleet, ["agent-1", "agent-2"], events);
    const agents = await Promise.all(
      ["agent-1", "agent-2"].map((name) => fleet.agent(name, { output: impatient })),
    );
    for (const agent of agents)
      await agent.logged(
        (entry) => entry.code === "nats_not_taken" && entry["reason"] === "stream_full",
      );
    const aggregators = [await fleet.aggregator("ag-1", splunk.url)];
    await splunk.until(() => tally.distinct === events);
    await stopAll([...agents, ...aggregators]);
    expect(tally.missing(() => true)).toEqual([]);
    expect(delivered(agents)).toBe(events);
  });

  longTest(
    "what a socket received is lost with the stores where the stream's word was enough, and else not",
    async () => {
      const fleet = await Fleet.start();
      const splunk = await Splunk.start();
      const agents: Daemon[] = [];
      for (const confirm of ["delivery", "stream"]) {
        const path = join(fleet.folderOf(confirm), "audit.sock");
        const inputs = ["apps:", "  type: socket", `  path: ${path}`];
        agents.push(
          await fleet.agent(confirm, {
            inputs,
            output: [`confirm: ${confirm}`, "receipt_timeout: 20s"],
          }),
        );
        await sendLines(path, [`{"by":"${confirm}"}`]);
      }
      await eventually(
        async () => (await fleet.manager.streams.info("TALLY")).state.messages === 2,
      );
      await eventually(async () => {
        const { out } = await tallyman(["status", "--json", "-c", fleet.configOf("stream")]);
        return (JSON.parse(out) as Status).books.total.delivered === 1;
      });
      for (const server of fleet.cluster.servers) await server.kill();
      for (const server of fleet.cluster.servers) server.loseStore();
      for (const server of fleet.cluster.servers) server.start();
      await fleet.cluster.ready();
      await fleet.setUp();
      // What comes after shows that the stream has begun again.
      for (const confirm of ["delivery", "stream"])
        await sendLines(join(fleet.folderOf(confirm), "audit.sock"), [
          `{"by":"${confirm}","after":1}`,
        ]);
      const aggregators = [await fleet.aggregator("ag-1", splunk.url)];
      await splunk.until(() => splunk.events.length === 3);
      await stopAll([...agents, ...aggregators]);
      expect(splunk.events.toSorted()).toEqual([
        '{"by":"delivery","after":1}',
        '{"by":"delivery"}',
        '{"by":"stream","after":1}',
      ]);
      // The books of one say so: it counts as delivered what no aggregator has.
      expect([delivered(agents), delivered(aggregators)]).toEqual([4, 3]);
    },
  );
});
