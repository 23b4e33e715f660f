/**
 * The events of tallyman's own life, from the real daemon: they arrive whatever ends it and however long Splunk is down,
 * and stand in the books.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  redact,
  stateDirectory,
  writeConfig,
  type AgentConfig,
} from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

type Told = Record<string, unknown>;

async function setUp(): Promise<{ splunk: Splunk; agent: AgentConfig; path: string }> {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, "");
  const lifecycle = "{ index: agents }";
  return { splunk, path, agent: { directory, url: splunk.url, paths: [path], lifecycle } };
}

function lifecycleEvents({ indexed }: Splunk): Told[] {
  const own = indexed.filter(({ sourcetype }) => sourcetype === "tallyman:lifecycle");
  return own.map(({ event }) => JSON.parse(event.toString()) as Told);
}

function isJournaled(agent: AgentConfig, text: string): boolean {
  const segments = globSync(join(stateDirectory(agent), "journal/tallyman/*.journal"));
  return segments.some((file) => readFileSync(file).includes(text));
}

test("lifecycle - starts and stops arrive, each once, after a kill and a SIGTERM during an outage", async () => {
  const { splunk, agent, path } = await setUp();
  const config = writeConfig({ ...agent, top: ["shutdown_timeout: 500ms"] });
  await splunk.refuse();
  writeEvents(path, 0, 100);
  const killed = await Daemon.start(config);
  await killed.crash();
  const stopped = await Daemon.start(config);
  expect(await stopped.stop()).toBe(0);
  expect(stopped.books.balanced).toBe(true);
  await splunk.listen();
  const last = await Daemon.start(writeConfig(agent));
  await splunk.until(() => splunk.indexed.length >= 104 || !last.alive);
  expect(await last.stop()).toBe(0);
  const told = lifecycleEvents(splunk);
  expect(told).toMatchObject([
    { event: "start", pid: killed.pid, config, last_run: { ended: "no_run" } },
    { event: "start", pid: stopped.pid, last_run: { ended: "uncleanly" } },
    { event: "stop", pid: stopped.pid, reason: "SIGTERM" },
    { event: "start", pid: last.pid, last_run: { ended: "cleanly" } },
    { event: "stop", pid: last.pid, reason: "SIGTERM" },
  ]);
  for (const { index, source, time, event } of splunk.indexed) {
    if (source !== "tallyman") continue;
    expect(index).toBe("agents");
    const { time: told_time } = JSON.parse(event.toString()) as { time: string };
    expect(Number(time) * 1000).toBeCloseTo(Date.parse(told_time), 0);
  }
  expect(last.books.balanced).toBe(true);
  expect(last.books.inputs["tallyman"]).toMatchObject({ received: 5, in_flight: 0 });
  expect(last.books.total).toMatchObject({ received: 105, delivered: 105, in_flight: 0 });
  expect(splunk.indexed).toHaveLength(105);
});

longTest("lifecycle - a refused token and its end are told once it is accepted again", async () => {
  const { splunk, agent } = await setUp();
  splunk.always({ kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' });
  const daemon = await Daemon.start(writeConfig(agent));
  await eventually(() => isJournaled(agent, '"event":"pause"'));
  splunk.always({ kind: "normal" });
  await splunk.until(() => lifecycleEvents(splunk).length >= 3 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(lifecycleEvents(splunk)).toMatchObject([
    { event: "start" },
    { event: "pause", output: "splunk", state: "paused", unreported: 0 },
    { event: "resume", output: "splunk", state: "sending", unreported: 0 },
    { event: "stop" },
  ]);
});

longTest(
  "lifecycle - reloads are told with the digests that the log has, and a refused one with its mistakes",
  async () => {
    const { splunk, agent } = await setUp();
    const config = writeConfig(agent);
    const daemon = await Daemon.start(config);
    const { digest } = await daemon.logged("starting");
    writeConfig({ ...agent, top: ["no_such_key: 1"] });
    daemon.signal("SIGHUP");
    await daemon.logged("reload_refused");
    writeConfig({ ...agent, chain: [redact], lifecycle: "{ index: others }" });
    daemon.signal("SIGHUP");
    const { digest: next } = await daemon.logged("reloaded");
    expect(await daemon.stop()).toBe(0);
    expect(next).not.toBe(digest);
    expect(lifecycleEvents(splunk)).toMatchObject([
      { event: "start", config, digest },
      {
        event: "reload",
        outcome: "refused",
        previous_digest: digest,
        digest,
        error: { code: "config_invalid", summary: expect.stringContaining("no_such_key") },
      },
      { event: "reload", outcome: "applied", previous_digest: digest, digest: next },
      { event: "stop", digest: next, reason: "SIGTERM" },
    ]);
    const indexes = splunk.indexed.map(({ index }) => index);
    expect(indexes).toEqual(["agents", "agents", "others", "others"]);
  },
);

longTest("lifecycle - switched off, nothing of it is sent or left on the disk", async () => {
  const { splunk, agent, path } = await setUp();
  const daemon = await Daemon.start(writeConfig({ ...agent, lifecycle: "{ enabled: false }" }));
  writeEvents(path, 0, 10);
  await splunk.until(() => splunk.indexed.length >= 10 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(splunk.indexed).toHaveLength(10);
  expect(existsSync(join(stateDirectory(agent), "lifecycle.json"))).toBe(false);
  expect(existsSync(join(stateDirectory(agent), "journal"))).toBe(false);
});

longTest(
  "lifecycle - an input that is silent is reported once, over a reload, and once when it is heard",
  async () => {
    const { splunk, agent, path } = await setUp();
    const expecting = { ...agent, input: ["expect_every: 1s"] };
    const daemon = await Daemon.start(writeConfig(expecting));
    expect(await daemon.logged("input_silent")).toMatchObject({
      input: "audit",
      expect_every_s: 1,
    });
    writeConfig({ ...expecting, chain: [redact] });
    await daemon.reload();
    const looks = (): Promise<boolean> =>
      askStatus(join(stateDirectory(agent), "admin.sock")).then(({ inputs }) =>
        Boolean(inputs[0]!.silence?.is_silent && inputs[0]!.silence.silent_seconds > 3),
      );
    await eventually(looks);
    expect(daemon.of("input_silent")).toHaveLength(1);
    writeEvents(path, 0, 1);
    await daemon.logged("input_heard");
    await eventually(() => lifecycleEvents(splunk).some(({ event }) => event === "heard"));
    const told = lifecycleEvents(splunk).filter(
      ({ event }) => event === "silent" || event === "heard",
    );
    expect(told.slice(0, 2)).toMatchObject([
      { event: "silent", input: "audit", expect_every_s: 1 },
      { event: "heard", input: "audit", expect_every_s: 1 },
    ]);
    expect(await daemon.stop()).toBe(0);
  },
);
