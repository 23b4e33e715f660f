/** Events of tallyman's own life: what they say, and that none that was recorded is lost. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Lifecycle, type LifecycleSettings } from "../../../../src/agent/lifecycle/lifecycle.ts";
import type { Block } from "../../../../src/event/block.ts";
import type { Metadata } from "../../../../src/event/event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import type { OutputCondition } from "../../../../src/output/output.ts";
import { systemClock, type Clock } from "../../../../src/platform/clock.ts";
import { version } from "../../../../src/platform/version.ts";
import type { SilenceEvent } from "../../../../src/agent/sources/silence-watch.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

type Told = Record<string, unknown>;

interface RunOptions {
  directory: string;
  state?: LedgerState;
  lifecycle?: LifecycleSettings["lifecycle"];
  /** Whether the output takes what it is given. */
  delivers?: boolean;
  clock?: Clock;
}

/** One run of an agent, as far as its own life goes. */
class Run {
  readonly ledger: Ledger;
  readonly log = new CollectedLog();
  readonly told: Told[] = [];
  readonly metadata: Metadata[] = [];
  readonly lifecycle: Lifecycle;
  readonly silences: SilenceEvent[] = [];
  output: OutputCondition = { state: "sending", reason: undefined, since: undefined };

  constructor({ directory, state, clock = systemClock, ...rest }: RunOptions) {
    const { lifecycle = { enabled: true, heartbeat: false }, delivers = true } = rest;
    this.ledger = new Ledger(state);
    this.lifecycle = new Lifecycle({
      config: { state_dir: directory, file: "/etc/tallyman/config.yaml", lifecycle },
      digest: "d1",
      ledger: this.ledger,
      clock,
      log: this.log,
      intake: { accept: (block) => this.#accept(block, delivers), idle: () => undefined },
      outputs: () => new Map([["splunk", this.output]]),
      silences: () => this.silences.splice(0),
      vitals: () => ({
        books: this.ledger.books(),
        outputs: new Map([["splunk", this.output]]),
        silent_inputs: 1,
        lag_bytes: 70,
        lag_seconds: 1.5,
      }),
    });
    onTestFinished(async () => {
      await this.lifecycle.stop();
      await this.lifecycle.close();
    });
  }

  static async start(options: RunOptions): Promise<Run> {
    const run = new Run(options);
    await run.lifecycle.start();
    await run.lifecycle.started();
    return run;
  }

  get kinds(): unknown[] {
    return this.told.map(({ event }) => event);
  }

  get state(): LedgerState {
    return this.ledger.snapshot().state;
  }

  /** As the agent does at a signal. */
  async end(): Promise<LedgerState> {
    await this.lifecycle.stops("SIGTERM");
    await this.lifecycle.stop();
    const snapshot = this.ledger.snapshot();
    const { state } = snapshot;
    this.ledger.saved(snapshot, true);
    await this.lifecycle.close();
    return state;
  }

  #accept({ bytes, starts, ends, count, receipt, known }: Block, delivers: boolean): undefined {
    if (!delivers) return;
    for (let number = 0; number < count; number += 1) {
      this.told.push(JSON.parse(bytes.toString("utf8", starts[number], ends[number])) as Told);
      this.metadata.push(known![number]!.metadata!);
    }
    receipt.settle(this.ledger.account("delivered", "splunk"), count);
  }
}

test("lifecycle - a start and a stop say when, of what, under which configuration, and why", async () => {
  const before_ms = Date.now();
  const run = await Run.start({ directory: temporaryDirectory() });
  await run.end();
  const common = { version, pid: process.pid, config: "/etc/tallyman/config.yaml", digest: "d1" };
  expect(run.told).toEqual([
    { event: "start", time: expect.any(String), ...common, last_run: { ended: "no_run" } },
    { event: "stop", time: expect.any(String), ...common, reason: "SIGTERM" },
  ]);
  for (const { time } of run.told) {
    expect(Date.parse(time as string)).toBeGreaterThanOrEqual(before_ms);
    expect(Date.parse(time as string)).toBeLessThanOrEqual(Date.now());
  }
  expect(run.metadata[0]).toEqual({
    host: hostname(),
    source: "tallyman",
    sourcetype: "tallyman:lifecycle",
  });
  expect(run.ledger.books().inputs["tallyman"]).toMatchObject({ received: 2, in_flight: 0 });
});

test("lifecycle - events go to the index that is configured", async () => {
  const lifecycle = { enabled: true, heartbeat: false as const, index: "agents" };
  const run = await Run.start({ directory: temporaryDirectory(), lifecycle });
  await eventually(() => run.metadata.length > 0);
  expect(run.metadata[0]!.index).toBe("agents");
});

test("lifecycle - what was recorded arrives after a kill and an outage, each once, in order", async () => {
  const directory = temporaryDirectory();
  const first = await Run.start({ directory, delivers: false });
  await first.lifecycle.refused({ error: { code: "config_invalid", summary: "line 3" } });
  // Neither stopped nor closed, and no state written: as after a kill.
  const second = await Run.start({ directory, delivers: false });
  const state = await second.end();
  const third = await Run.start({ directory, state });
  const events = ["start", "reload", "start", "stop", "start"];
  await eventually(() => third.told.length >= events.length);
  await third.end();
  expect(third.kinds).toEqual([...events, "stop"]);
  expect(third.ledger.books().inputs["tallyman"]).toMatchObject({ received: 6, in_flight: 0 });
});

test("lifecycle - a start says how the last run ended, and when", async () => {
  const directory = temporaryDirectory();
  const first = await Run.start({ directory });
  await first.end();
  const second = await Run.start({ directory });
  const third = await Run.start({ directory });
  await second.lifecycle.stop();
  await third.lifecycle.stop();
  const [started] = first.told;
  expect(second.told.at(-1)).toMatchObject({
    event: "start",
    last_run: { ended: "cleanly", started: expect.any(String), stopped: expect.any(String) },
  });
  const { last_run } = third.told.at(-1) as { last_run: Record<string, string> };
  expect(last_run).toEqual({
    ended: "uncleanly",
    started: expect.any(String),
    seen: expect.any(String),
  });
  expect(Date.parse(last_run["started"]!)).toBeGreaterThanOrEqual(
    Date.parse(started!["time"] as string),
  );
});

test("lifecycle - a run whose file is damaged is not guessed at", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "lifecycle.json"), "{ half");
  const run = await Run.start({ directory });
  await run.end();
  expect(run.told[0]).toMatchObject({ event: "start", last_run: { ended: "unknown" } });
  expect(readFileSync(join(directory, "lifecycle.json"), "utf8")).toContain("stopped");
});

test("lifecycle - a reload says both digests, and what it says of these events is in force then", async () => {
  const directory = temporaryDirectory();
  const run = await Run.start({ directory });
  const file = "/etc/tallyman/config.yaml";
  await run.lifecycle.reloaded(
    { state_dir: directory, file, lifecycle: { enabled: true, heartbeat: false, index: "b" } },
    "d2",
  );
  const summary = "x".repeat(5000);
  await run.lifecycle.refused({ error: { code: "config_invalid", summary } });
  await run.end();
  expect(run.told.slice(1)).toMatchObject([
    { event: "reload", outcome: "applied", previous_digest: "d1", new_digest: "d2", digest: "d2" },
    {
      event: "reload",
      outcome: "refused",
      previous_digest: "d2",
      digest: "d2",
      error: { code: "config_invalid", summary: summary.slice(0, 1000) },
    },
    { event: "stop", digest: "d2" },
  ]);
  expect(run.metadata.map(({ index }) => index)).toEqual([undefined, "b", "b", "b"]);
});

test("lifecycle - that it is switched off or on by a reload is recorded, too", async () => {
  const directory = temporaryDirectory();
  const run = await Run.start({ directory, lifecycle: { enabled: false, heartbeat: false } });
  const reload = (enabled: boolean, digest: string): Promise<void> =>
    run.lifecycle.reloaded(
      { state_dir: directory, file: "/config.yaml", lifecycle: { enabled, heartbeat: false } },
      digest,
    );
  await reload(false, "d2");
  await reload(true, "d3");
  await reload(false, "d4");
  await reload(false, "d5");
  await run.end();
  expect(run.told).toMatchObject([
    { event: "reload", digest: "d3" },
    { event: "reload", digest: "d4" },
  ]);
});

test("lifecycle - an output that is refused its token is told of, and that it goes on", async () => {
  const run = await Run.start({ directory: temporaryDirectory(), clock: fastClock(20) });
  run.output = { state: "paused", reason: "token", since: new Date().toISOString() };
  await eventually(() => run.told.length >= 2);
  run.output = { state: "sending", reason: undefined, since: undefined };
  await eventually(() => run.told.length >= 3);
  expect(run.told.slice(1)).toMatchObject([
    { event: "pause", output: "splunk", state: "paused", reason: "token" },
    { event: "resume", output: "splunk", reason: "token" },
  ]);
});

test("lifecycle - what an output has come to while it was switched off is told once it is on again", async () => {
  const directory = temporaryDirectory();
  const clock = fastClock(20);
  const run = await Run.start({ directory, clock });
  const reload = (enabled: boolean): Promise<void> =>
    run.lifecycle.reloaded(
      { state_dir: directory, file: "/config.yaml", lifecycle: { enabled, heartbeat: false } },
      "d2",
    );
  await reload(false);
  run.output = { state: "paused", reason: "token", since: new Date().toISOString() };
  // Longer than from one look at the outputs to the next.
  await clock.sleep(2500);
  await reload(true);
  await eventually(() => run.kinds.includes("pause"));
  await reload(false);
  run.output = { state: "sending", reason: undefined, since: undefined };
  await clock.sleep(2500);
  await reload(true);
  await eventually(() => run.kinds.includes("resume"));
  expect(run.told.at(-1)).toMatchObject({ event: "resume", reason: "token", unreported: 0 });
});

test("lifecycle - switched off it records nothing, and ships what was left before", async () => {
  const directory = temporaryDirectory();
  const first = await Run.start({ directory, delivers: false });
  const state = await first.end();
  const second = await Run.start({
    directory,
    state,
    lifecycle: { enabled: false, heartbeat: false },
  });
  await eventually(() => second.told.length >= 2);
  await second.end();
  expect(second.kinds).toEqual(["start", "stop"]);
  const third = await Run.start({ directory, lifecycle: { enabled: false, heartbeat: false } });
  await third.end();
  expect(third.told).toEqual([]);
  expect(third.ledger.books().inputs).toEqual({});
});

test("lifecycle - what the journal does not take is kept in memory, and comes when it does", async () => {
  const directory = temporaryDirectory();
  const run = new Run({ directory });
  await run.lifecycle.started();
  await run.lifecycle.start();
  await eventually(() => run.told.length >= 1);
  expect(run.kinds).toEqual(["start"]);
});

test("lifecycle - what can never be kept is counted and logged", async () => {
  const directory = temporaryDirectory();
  const run = await Run.start({ directory });
  await eventually(() => run.told.length >= 1);
  // As a disk that fails: its folder is gone, and a file is in its place.
  rmSync(join(directory, "journal"), { recursive: true });
  writeFileSync(join(directory, "journal"), "");
  const file = "/config.yaml";
  const lifecycle = { enabled: true, heartbeat: false as const };
  const settings = { state_dir: directory, file, lifecycle };
  for (let reload = 0; reload < 30; reload += 1) {
    await run.lifecycle.reloaded(settings, "x".repeat(100_000));
  }
  await run.end();
  const { received, dropped, in_flight } = run.ledger.books().inputs["tallyman"]!;
  const kept = run.told.length;
  expect(dropped["journal_full"]).toBeGreaterThan(0);
  expect(received).toBe(kept + dropped["journal_full"]! + in_flight);
  expect(run.log.at("error").length).toBeGreaterThan(0);
});

test("lifecycle - an input that falls silent, and is heard again, is reported", async () => {
  const run = await Run.start({ directory: temporaryDirectory() });
  const since = new Date().toISOString();
  const silent = { event: "silent", input: "audit", since, expect_every_s: 600 } as const;
  run.silences.push(silent, { ...silent, event: "heard", duration_s: 700 });
  await eventually(() => run.kinds.includes("heard"));
  expect(run.told.slice(1)).toMatchObject([silent, { ...silent, event: "heard", duration_s: 700 }]);
});

test("lifecycle - a heartbeat comes each interval, with books and lag in brief, and is booked; other intervals and none from a reload on", async () => {
  const clock = new ManualClock();
  const run = await Run.start({
    directory: temporaryDirectory(),
    lifecycle: { enabled: true, heartbeat: 60_000, index: "agents" },
    clock,
  });
  const beats = (): Told[] => run.told.filter(({ event }) => event === "heartbeat");
  /** Second by second, each time until all is done that the second has begun. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.pass(1000);
      await setImmediate();
    }
  };
  await eventually(() => run.told.length === 1);
  await pass(59);
  expect(beats()).toEqual([]);
  run.output = { state: "blocked", reason: "incorrect_index", since: "2026-01-01T00:00:00.000Z" };
  await eventually(async () => (await pass(1), beats().length === 1));
  expect(beats()[0]).toMatchObject({
    version,
    pid: process.pid,
    config: "/etc/tallyman/config.yaml",
    digest: "d1",
    // The start, and the pause of the output.
    every_s: 60,
    received: 2,
    balanced: true,
    lag_bytes: 70,
    lag_s: 1.5,
    outputs_down: 1,
    silent_inputs: 1,
  });
  expect(beats()[0]!["uptime_s"]).toBeGreaterThanOrEqual(60);
  expect(run.metadata.at(run.told.indexOf(beats()[0]!))).toEqual({
    host: hostname(),
    source: "tallyman",
    index: "agents",
    sourcetype: "tallyman:heartbeat",
  });
  const file = "/etc/tallyman/config.yaml";
  const settings = { state_dir: "", file, lifecycle: { enabled: true, heartbeat: false as const } };
  await run.lifecycle.reloaded(settings, "d2");
  const had = beats().length;
  await pass(200);
  expect(beats()).toHaveLength(had);
  const books = () => run.ledger.books().inputs["tallyman"]!;
  // What the reload has recorded may still be on its way out of the journal.
  await eventually(() => books().in_flight === 0);
  expect(books().received).toBe(run.told.length);
});
