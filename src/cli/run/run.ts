/**
 * `tallyman run`: the agent itself, until a signal ends it.
 */
import { Agent, type AgentDeps } from "../../agent/agent.ts";
import type { FleetFollower } from "../../agent/fleet/follower.ts";
import { summaryOf } from "../../agent/setup/reloads.ts";
import { ServiceReports } from "../../agent/status/service-reports.ts";
import { disposeSetup, prepareSetup, type Setup } from "../../agent/setup/setup.ts";
import { pluginExceptions } from "../../chain/plugins/plugin-exceptions.ts";
import type { Config } from "../../config/config.ts";
import { watchSteps } from "../../agent/setup/watch-plugins.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { endProcess } from "../../platform/process/process-guard.ts";
import { openLog, type ProcessLog } from "../../platform/process/process-log.ts";
import { ServiceNotifier } from "../../platform/process/service-notifier.ts";
import { version } from "../../platform/version.ts";
import { endOnBug } from "../process/ending.ts";
import { boundHeapGrowth, releaseStartMemoryAtRest } from "../process/start-memory.ts";
import { loadToStart, startOrHold } from "./hold.ts";
import type { LiveRun } from "./live/live-run.ts";
import { hasLiveTerminal, printsEvents } from "./live/wanted.ts";

/** The first delivery is made by then, unless there is much to deliver; a run that ends sooner has no need of it. */
const started_after_ms = 1000;

interface RunOptions {
  readonly config: string;
  /** Whether what plugins throw is logged whole. */
  readonly dev?: boolean;
  /** Whether a terminal shows it live. */
  readonly live: boolean;
}

/** What the command does. */
export async function run({ config: file, dev, live }: RunOptions): Promise<void> {
  // Before all else: until then a SIGHUP would end the process.
  const reloads = collectReloads();
  const to_start = await loadToStart(file);
  const { config } = to_start;
  const view = live && dev !== true ? await openLiveView(config) : undefined;
  const processLog = view?.log(config.log.level) ?? (await openLog(config.log.level));
  const log = processLog.logger;
  endOnBug(({ code, message }, facts) => {
    log.error(
      code,
      facts,
      `${message} After a restart tallyman continues from its last state; only what clients of sockets or standard input ` +
        "had sent, and was not stored yet, is lost.",
    );
    processLog.flush();
  });
  if (dev === true) {
    const sentence = "A plugin has thrown this. It may hold content of events.";
    pluginExceptions.show = (at, error) =>
      log.error("plugin_exception", { ...at, error }, sentence);
  }
  const stopped = waitForSignal(processLog);
  const prepare = async (next: Config): Promise<Setup> => {
    await watchSteps(next, process.stderr.isTTY ? "text" : "json");
    return prepareSetup(next, log);
  };
  let follower: FleetFollower | undefined;
  const load = async (): Promise<Setup> =>
    prepare(await loadConfig(config.file, process.env, follower?.pushed));
  const begin = async (wanted: Config): Promise<{ agent: Agent }> => {
    const setup = await prepare(wanted);
    const { digest } = setup;
    log.info(
      "starting",
      { version, config: file, digest, pid: process.pid, node: process.version },
      "Starting.",
    );
    return { agent: await start({ setup, load, clock: systemClock, log }) };
  };
  const { agent, is_held } = await startOrHold(to_start, begin, log);
  systemClock.after(started_after_ms, () => {
    boundHeapGrowth();
    releaseStartMemoryAtRest(systemClock);
  });
  const { inputs } = agent.setup;
  log.info("running", { inputs: inputs.map(({ name }) => name), books: agent.books() }, "Running.");
  const reports = reportToService(agent, log);
  agent.onReload = (outcome) => {
    if (outcome === undefined) return reports?.reloading();
    processLog.setLevel(agent.setup.config.log.level);
    if (outcome.refusal === undefined) follower?.reloaded();
    reports?.reloaded();
  };
  agent.reloads.open();
  follower = await follow(agent, log, is_held);
  // A bug that it rejects with ends the process, as any other does.
  reloads.handle(() => void agent.reloads.request());
  const watched = view?.watch(agent);
  const signal = await Promise.race([stopped, agent.ended().then(() => undefined)]);
  const why = signal === undefined ? "the input has ended" : `received ${signal}`;
  log.info("stopping", { signal }, `Stopping: ${why}. Events in flight are delivered first.`);
  reports?.stopping(agent.setup.config.shutdown_timeout);
  await follower?.close();
  await agent.stop(signal);
  await reports?.end();
  view?.end();
  await watched;
  await processLog.end();
}

/** Undefined where there is no terminal for one. What draws it is loaded only where there is. */
async function openLiveView(config: Config): Promise<LiveRun | undefined> {
  const { pid, env: environment, stderr, stdout } = process;
  if (!hasLiveTerminal({ pid, environment, is_terminal: stderr.isTTY })) return undefined;
  if (printsEvents(config, stdout.isTTY)) return undefined;
  return (await import("./live/live-run.ts")).LiveRun.open(systemClock);
}

/** Has an agent of a fleet take its configuration from there. What does so is loaded only then. */
async function follow(
  agent: Agent,
  log: Logger,
  is_held: boolean,
): Promise<FleetFollower | undefined> {
  const { fleet } = agent.setup.config;
  if (fleet === undefined) return undefined;
  const { FleetFollower: Follower } = await import("../../agent/fleet/follower.ts");
  const follower = new Follower(fleet, {
    config: () => agent.setup.config,
    reload: async () => {
      const outcome = await agent.reloads.request();
      if (outcome === undefined) return undefined;
      const { digest, refusal } = outcome;
      return { digest, refused: refusal && summaryOf(refusal).summary };
    },
    status: () => agent.administration.status(),
    clock: systemClock,
    log,
    is_held,
  });
  agent.administration.fleet = () => follower.status();
  follower.start();
  return follower;
}

/** Starts it, or has the plugins end their steps. */
async function start(deps: AgentDeps): Promise<Agent> {
  try {
    return await Agent.start(deps);
  } catch (cause) {
    await disposeSetup(deps.setup);
    throw cause;
  }
}

/** Undefined where nobody asks for reports. */
function reportToService(agent: Agent, log: Logger): ServiceReports | undefined {
  const notifier = ServiceNotifier.find(log);
  if (notifier === undefined) return undefined;
  const { state_dir } = agent.setup.config;
  return new ServiceReports({ notifier, agent, state_dir, clock: systemClock });
}

/** SIGHUP at any time: those that come while tallyman starts are handled as one, once it can. */
function collectReloads(): { handle(reload: () => void): void } {
  let waiting = false;
  let reload = (): void => {
    waiting = true;
  };
  process.on("SIGHUP", () => reload());
  return {
    handle(handler) {
      reload = handler;
      if (waiting) handler();
    },
  };
}

/**
 * Resolves with the first signal's name; a second signal ends the process at once. Waiting does not keep the
 * process alive: the agent's inputs do, and an agent that cannot start ends by itself.
 */
function waitForSignal(log: ProcessLog): Promise<string> {
  return new Promise((resolve) => {
    let signals = 0;
    const receive = (signal: NodeJS.Signals): void => {
      signals += 1;
      if (signals === 1) return resolve(signal);
      log.logger.warn("second_signal", { signal }, "Second signal: exiting at once.");
      log.flush();
      // The state file is always whole, so this is as safe as a crash.
      endProcess(1);
    };
    process.on("SIGTERM", receive);
    process.on("SIGINT", receive);
  });
}
