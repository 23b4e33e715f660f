/**
 * Events that wait for an index that Splunk refuses: `status`, `doctor` and `reload` call it by the same name and say the same
 * numbers, and a corrected index frees them, after a restart or a crash in the middle, too.
 */
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReloadReport } from "../../../src/admin/reload-route.ts";
import type { Status } from "../../../src/admin/status/status.ts";
import { patience, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon, type LogEntry } from "../../support/daemon.ts";
import { is_long, long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const token = "webhook-token";

/** An agent with an input of each kind, whose events go to one index. */
class Rig {
  readonly directory = temporaryDirectory();
  readonly file = join(this.directory, "audit.log");
  readonly socket = join(this.directory, "apps.sock");
  readonly splunk: Splunk;
  readonly port: number;

  private constructor(splunk: Splunk, port: number) {
    this.splunk = splunk;
    this.port = port;
  }

  static async make(): Promise<Rig> {
    return new Rig(await Splunk.start({ indexes: ["right"] }), await freePort());
  }

  configure(index: string): string {
    const { directory, file, port, socket, splunk } = this;
    appendFileSync(file, "");
    const metadata = `metadata: { index: ${index} }`;
    const inputs = [
      `hec: { type: hec, listen: "127.0.0.1:${port}", tokens: [${token}], ${metadata} }`,
      `apps: { type: socket, path: ${socket}, ${metadata} }`,
      `files: { type: file, paths: ["${file}"], start_at: beginning, ${metadata} }`,
    ];
    return writeConfig({
      directory,
      url: splunk.url,
      inputs,
      top: ["shutdown_timeout: 1s"],
    });
  }

  /** Sends one event to each input. */
  async send(number: number): Promise<void> {
    const event = `{"n":${number}}`;
    appendFileSync(this.file, `${event}\n`);
    const client = connect(this.socket);
    await once(client, "connect");
    client.end(`${event}\n`);
    const answer = await fetch(`http://127.0.0.1:${this.port}/services/collector/event`, {
      method: "POST",
      headers: { authorization: `Splunk ${token}` },
      body: `{"event":${event}}`,
    });
    expect(answer.status).toBe(200);
  }

  /** Sends it, and waits until Splunk has refused the index of all of them. */
  async sendInVain(config: string, index: string): Promise<void> {
    await this.send(1);
    await this.refused(config, index);
  }

  /** Waits until Splunk has refused the index of all three. */
  async refused(config: string, index: string): Promise<void> {
    await eventually(async () => {
      const [output] = (await statusOf(config)).outputs;
      const [refused] = output!.hec!.refused_indexes;
      return refused?.index === index && refused.events === 3;
    });
  }

  /** Waits until the three events are in the right index, and nothing else is anywhere. */
  async arrived(daemon: Daemon): Promise<void> {
    await this.splunk.until(({ indexed }) => indexed.length >= 3 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const arrived = this.splunk.indexed.map(({ index, event }) => [index, event.toString()]);
    expect(arrived).toEqual(Array.from({ length: 3 }, () => ["right", '{"n":1}']));
    expect(daemon.books).toMatchObject({
      balanced: true,
      total: { received: 3, delivered: 3, in_flight: 0, quarantined: 0, dropped: 0 },
    });
  }
}

async function statusOf(config: string): Promise<Status> {
  const { out } = await tallyman(["status", "-c", config, "--json"]);
  return JSON.parse(out) as Status;
}

const inputs = ["apps", "files", "hec"];
const corrected = { from: "wrong", to: "right", events: 1 };

function byInput(one: LogEntry, other: LogEntry): number {
  return String(one["input"]).localeCompare(String(other["input"]));
}

test("reload - a corrected index frees what waits: status, doctor and reload say the same of it", async () => {
  const rig = await Rig.make();
  const config = rig.configure("wrong");
  const daemon = await Daemon.start(config);
  await rig.sendInVain(config, "wrong");
  const before = await tallyman(["status", "-c", config, "--all"]);
  expect(before.out).toContain("3 events wait for index wrong, which Splunk refuses");
  expect((await tallyman(["status", "-c", config])).out).toMatch(/events wait for\s+index\s+wrong/);
  const doctor = await tallyman(["doctor", "-c", config]);
  expect(doctor.out).toMatch(/index wrong, of inputs hec, apps,\s+files/);

  rig.configure("right");
  const { out } = await tallyman(["reload", "-c", config, "--json"]);
  const { waiting } = JSON.parse(out) as ReloadReport;
  const freed = waiting?.freed ?? [];
  // What was being tried at that moment is freed when Splunk has refused it once more.
  await eventually(() => daemon.of("index_corrected").length === inputs.length);
  const logged = daemon.of("index_corrected").toSorted(byInput);
  expect(logged).toMatchObject(inputs.map((input) => ({ input, ...corrected })));
  expect(logged).toEqual(
    expect.arrayContaining(freed.map((each) => expect.objectContaining(each))),
  );
  const after = await statusOf(config);
  expect(after.config.last_reload!.waiting ?? null).toEqual(waiting ?? null);
  expect(after.outputs[0]!.hec!.refused_indexes).toEqual([]);
  const screen = await tallyman(["status", "-c", config, "--all"]);
  for (const { input } of freed)
    expect(screen.out).toContain(`1 event of ${input} waited for index wrong`);
  // The events of the doctor are not the agent.s.
  rig.splunk.indexed.splice(0, Infinity, ...rig.splunk.indexed.filter(isOfAgent));
  await rig.arrived(daemon);
});

longTest("reload - what is just being tried is freed when it is refused again", async () => {
  const rig = await Rig.make();
  const config = rig.configure("wrong");
  const daemon = await Daemon.start(config);
  await rig.sendInVain(config, "wrong");
  rig.splunk.always({ kind: "normal", delay_ms: 3000 });
  const { length } = rig.splunk.requests;
  await rig.splunk.until(({ requests }) => requests.length > length);
  rig.configure("right");
  const { out } = await tallyman(["reload", "-c", config, "--json"]);
  const { waiting } = JSON.parse(out) as ReloadReport;
  expect((waiting?.freed ?? []).length).toBeLessThan(inputs.length);
  rig.splunk.always({ kind: "normal" });
  await rig.arrived(daemon);
  const logged = daemon.of("index_corrected").toSorted(byInput);
  expect(logged).toMatchObject(inputs.map((input) => ({ input, ...corrected })));
});

function isOfAgent({ sourcetype }: { readonly sourcetype?: string | undefined }): boolean {
  return sourcetype !== "tallyman:doctor";
}

test.runIf(is_long).each(["reload and a crash", "restart"])(
  "reload - an index that is corrected by a %s frees what waits in journals",
  long,
  async (way) => {
    const rig = await Rig.make();
    const config = rig.configure("wrong");
    const daemon = await Daemon.start(config);
    await rig.sendInVain(config, "wrong");
    await rig.splunk.refuse();
    rig.configure("right");
    if (way === "restart") {
      expect(await daemon.stop()).toBe(0);
    } else {
      daemon.signal("SIGHUP");
      await daemon.logged("reloaded");
      await daemon.crash();
    }
    const next = await Daemon.start(config);
    await rig.splunk.listen();
    await rig.arrived(next);
  },
);

longTest("reload - of two outputs each frees its own events", async () => {
  const rig = await Rig.make();
  const outputs = ["one", "two"].map(
    (name) =>
      `${name}: { type: splunk_hec, url: "${rig.splunk.url}", token: ${valid_token}, timeout: ${patience} }`,
  );
  const { directory, file } = rig;
  const configure = (index: string): string =>
    writeConfig({
      directory,
      url: "",
      inputs: [
        `files: { type: file, paths: ["${file}"], start_at: beginning, metadata: { index: ${index} } }`,
      ],
      chain: [`{ route: { to: two }, when: "n > 1" }`],
      outputs,
    });
  const config = configure("wrong");
  appendFileSync(file, '{"n":1}\n{"n":2}\n');
  const daemon = await Daemon.start(config);
  const waiting = async (): Promise<unknown> =>
    (await statusOf(config)).outputs.map(({ hec }) => hec!.refused_indexes);
  const one_each = Array.from({ length: 2 }, () => [{ index: "wrong", events: 1 }]);
  await eventually(async () => JSON.stringify(await waiting()) === JSON.stringify(one_each));
  configure("right");
  await tallyman(["reload", "-c", config]);
  await rig.splunk.until(({ indexed }) => indexed.length >= 2 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(rig.splunk.indexed.map(({ index }) => index)).toEqual(["right", "right"]);
  expect(daemon.books.inputs["files"]).toMatchObject({ delivered: { one: 1, two: 1 } });
});

longTest(
  "reload - an index that is wrong, wrong again and wrong as before frees what waits in the end",
  async () => {
    const rig = await Rig.make();
    const config = rig.configure("wrong");
    const daemon = await Daemon.start(config);
    await rig.sendInVain(config, "wrong");
    for (const to of ["mistaken", "wrong", "mistaken"]) {
      rig.configure(to);
      await tallyman(["reload", "-c", config]);
      await rig.refused(config, to);
    }
    rig.configure("right");
    await tallyman(["reload", "-c", config]);
    await rig.arrived(daemon);
  },
);

/** How an agent comes to another index before Splunk has said that it refuses the first one. */
const ways_there = [
  ["after a reload", "wrong", ["right"], "reload"],
  ["after a reload to the same once more", "wrong", ["mistaken", "wrong", "right"], "reload"],
  ["after a restart", "wrong", ["right"], "restart"],
  ["after a crash", "wrong", ["right"], "crash"],
] as const;

test.each(sampledCases(ways_there, ways_there.length))(
  "reload - an index that Splunk refuses only %s has corrected it frees what waits by itself",
  long,
  async (_, first, ways, means) => {
    const rig = await Rig.make();
    const config = rig.configure(first);
    await rig.splunk.refuse();
    let daemon = await Daemon.start(config);
    await rig.send(1);
    await eventually(async () => (await statusOf(config)).books.total.in_flight === 3);
    for (const to of ways) {
      rig.configure(to);
      if (means === "reload") await tallyman(["reload", "-c", config]);
      else {
        if (means === "restart") await daemon.stop();
        else await daemon.crash();
        daemon = await Daemon.start(config);
      }
    }
    await rig.splunk.listen();
    await rig.splunk.until(({ indexed }) => indexed.length >= 3 || !daemon.alive);
    const { outputs, config: loaded } = await statusOf(config);
    expect(outputs[0]!.hec!.refused_indexes).toEqual([]);
    expect(loaded.last_reload?.waiting).toBeUndefined();
    if (means === "reload")
      expect(await daemon.logged("index_corrected")).toMatchObject({ from: "wrong", to: "right" });
    const doctor = await tallyman(["doctor", "-c", config]);
    expect(doctor.out).not.toMatch(/index wrong/);
    rig.splunk.indexed.splice(0, Infinity, ...rig.splunk.indexed.filter(isOfAgent));
    await rig.arrived(daemon);
  },
);
