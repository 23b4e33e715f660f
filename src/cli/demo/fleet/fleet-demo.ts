/**
 * `tallyman demo --fleet`: two agents, three servers of NATS, two aggregators and a receiver on this machine. One of each is killed
 * while events come in, and the books at the end show what that has cost: nothing.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../platform/clock.ts";
import { TallymanError } from "../../../platform/errors.ts";
import { clearProgress, Progress } from "../../terminal/progress.ts";
import { DemoReceiver } from "../receiver.ts";
import { interruption, makeDirectory, token } from "../surroundings.ts";
import { DemoWriter } from "../writer.ts";
import { Arrivals } from "./arrivals.ts";
import { printEnd, printStart, said } from "./fleet-report.ts";
import { agentConfig, aggregatorConfig, Member } from "./members.ts";
import { NatsServers, requireNats } from "./nats-servers.ts";
import { DemoStream } from "./stream.ts";

const writing_ms = 7000;
const tick_ms = 50;
const events_per_tick = 100;
/** When each is killed, after the first event was written, and how long it is away. */
const kills_ms = { server: 500, aggregator: 2500, agent: 4500 };
const away_ms = 1000;
/** So long nothing may arrive until the demo is given up. */
const patience_ms = 20_000;
/** The second agent's events have other numbers than the first one's. */
const numbers_apart = 10_000_000;

interface Parts {
  readonly servers: NatsServers;
  readonly stream: DemoStream;
  readonly agents: readonly Member[];
  readonly aggregators: readonly Member[];
  readonly writers: readonly DemoWriter[];
  readonly arrivals: Arrivals;
}

/** What the command does. */
export async function fleetDemo(): Promise<void> {
  requireNats();
  const stop = interruption();
  const directory = makeDirectory();
  const arrivals = new Arrivals();
  const receiver = await DemoReceiver.start(token, "");
  receiver.onBody = (body) => arrivals.note(body);
  const servers = await NatsServers.start(directory);
  const stream = new DemoStream(servers.urls);
  const members: Member[] = [];
  try {
    printStart(receiver.url);
    const log_files = ["agent-1", "agent-2"].map((name) => join(directory, `${name}.log`));
    const writers = log_files.map((file, number) => new DemoWriter(file, number * numbers_apart));
    const agents = log_files.map((file, number) => {
      const name = `agent-${number + 1}`;
      return new Member(directory, name, agentConfig(name, file, servers.urls));
    });
    const aggregators = [1, 2].map((number) => {
      const config = aggregatorConfig(servers.urls, receiver.url);
      return new Member(directory, `aggregator-${number}`, config);
    });
    members.push(...agents, ...aggregators);
    const parts = { servers, stream, agents, aggregators, writers, arrivals };
    await ship(parts, stop);
    const books = await stream.books(stop);
    const statuses = await Promise.all(members.map((member) => member.stop()));
    const expected = expectedOf(writers);
    printEnd(books, { expected, arrivals, statuses });
  } finally {
    await Promise.all(members.map((member) => member.kill()));
    await servers.kill();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes events, kills and starts again, and waits until all have arrived. */
async function ship(parts: Parts, stop: AbortSignal): Promise<void> {
  const { stream, agents, aggregators, writers } = parts;
  const started_ms = systemClock.monotonic();
  const waiting = new Waiting(parts, stop);
  try {
    // They wait for the stream by themselves.
    for (const member of [...aggregators, ...agents]) member.start();
    await stream.setUp(stop);
    said(started_ms, "Three servers have elected a leader, and the stream is made.");
    writers[0]!.write(events_per_tick);
    writers[1]!.write(events_per_tick);
    await waiting.until(() => parts.arrivals.distinct > 0);
    said(started_ms, "Two agents and two aggregators run: the first events have arrived.");
    const failures = fail(parts, started_ms, stop);
    const end_ms = systemClock.monotonic() + writing_ms;
    while (systemClock.monotonic() < end_ms && !stop.aborted) {
      for (const writer of writers) writer.write(events_per_tick);
      await waiting.pause(tick_ms);
    }
    await failures;
    await waiting.until(() => parts.arrivals.distinct >= expectedOf(writers));
  } finally {
    clearProgress();
  }
  said(started_ms, "All events that were written have arrived.");
}

/** One of each is killed, and comes back. */
async function fail(
  { servers, stream, agents, aggregators }: Parts,
  started_ms: number,
  stop: AbortSignal,
): Promise<void> {
  const leader = servers.of(await stream.leader());
  const [aggregator, agent] = [aggregators[0]!, agents[0]!];
  const failures = [
    { at_ms: kills_ms.server, of: leader, what: `${leader.name}, which leads the stream` },
    { at_ms: kills_ms.aggregator, of: aggregator, what: aggregator.name },
    { at_ms: kills_ms.agent, of: agent, what: agent.name },
  ];
  let now_ms = 0;
  for (const { at_ms, of, what } of failures) {
    await systemClock.sleep(at_ms - now_ms, stop);
    if (stop.aborted) return;
    await of.kill();
    said(started_ms, `kill -9 of ${what}.`, "yellow");
    await systemClock.sleep(away_ms, stop);
    if (stop.aborted) return;
    of.start();
    said(started_ms, `${of.name} is started again.`);
    now_ms = at_ms + away_ms;
  }
}

function expectedOf(writers: readonly DemoWriter[]): number {
  return writers.reduce((sum, { expected }) => sum + expected, 0);
}

/** Waits for events to arrive, as long as some do, and shows how many have. */
class Waiting {
  readonly #parts: Parts;
  readonly #stop: AbortSignal;
  readonly #progress = new Progress(systemClock, { what: "arrived", unit: "events" });
  #arrived = 0;
  #since_ms = systemClock.monotonic();

  constructor(parts: Parts, stop: AbortSignal) {
    this.#parts = parts;
    this.#stop = stop;
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await this.pause(tick_ms);
  }

  /** Throws where nothing arrives any more, and when it is interrupted. */
  async pause(pause_ms: number): Promise<void> {
    await systemClock.sleep(pause_ms, this.#stop);
    const { arrivals, writers, agents, aggregators } = this.#parts;
    if (this.#stop.aborted) throw new TallymanError("demo_failed", "the demo was interrupted.");
    const now_ms = systemClock.monotonic();
    const expected = expectedOf(writers);
    this.#progress.set(arrivals.distinct, expected);
    if (arrivals.distinct > this.#arrived) {
      this.#arrived = arrivals.distinct;
      this.#since_ms = now_ms;
    }
    if (now_ms - this.#since_ms < patience_ms) return;
    const progress = `no more events arrived: ${this.#arrived} of ${expected} are there.`;
    const complaints = [...agents, ...aggregators].flatMap((each) => each.complaints);
    throw new TallymanError("demo_failed", [progress, ...complaints].join("\n"));
  }
}
