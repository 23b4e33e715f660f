/**
 * All checks of `tallyman doctor`, in order: first what is on this machine, then every endpoint of every output.
 */
import type { Config } from "../../config/config.ts";
import { splunkOutputs } from "../../config/outputs.ts";
import { endpointsOf } from "../../output/options.ts";
import type { Clock } from "../../platform/clock.ts";
import { Bounds } from "./bounds.ts";
import { checkConfig, checkPlugins } from "./check-config.ts";
import { endpointCheck } from "./check-endpoint.ts";
import { testEventsFor } from "./check-events.ts";
import { checkFiles } from "./check-files.ts";
import { checkListening } from "./check-listening.ts";
import { checkState, runningOn } from "./check-state.ts";
import { Findings, type Finding } from "./finding.ts";
import { runSteps, type Step } from "./step.ts";

/** For all of it, so that it ends within a minute. */
const total_ms = 45_000;
const file_system_ms = 8000;

export interface ExamineFacts {
  /** The configuration. */
  readonly file: string;
  /** Whether test events are sent. */
  readonly send: boolean;
  readonly clock: Clock;
}

export interface Examination {
  /** As they are found. */
  readonly findings: AsyncIterable<Finding>;
  /** Whether a call to the system does not come back, once the findings are there. */
  hanging(): boolean;
}

export function examine(facts: ExamineFacts): Examination {
  const bounds = new Bounds(facts.clock, total_ms);
  return { findings: findingsOf(facts, bounds), hanging: () => bounds.hanging };
}

async function* findingsOf(facts: ExamineFacts, bounds: Bounds): AsyncGenerator<Finding> {
  const { file, clock, send } = facts;
  let config: Config | undefined;
  let can_connect = false;
  const first: Step = {
    check: "config",
    limit_ms: file_system_ms,
    late: "check_hangs",
    async run() {
      const checked = await checkConfig(file);
      ({ config, can_connect } = checked);
      return checked.findings;
    },
  };
  yield* runSteps([first], bounds);
  if (config === undefined) return;
  yield* runSteps(localSteps(config, clock), bounds);
  if (!can_connect) {
    yield new Findings("tcp").skipped("because the check of config failed, and so is all beyond");
    return;
  }
  const events = testEventsFor(config);
  for (const { options } of splunkOutputs(config)) {
    for (const url of endpointsOf(options)) {
      const endpoint = endpointCheck({ url, options, events, send, clock });
      try {
        yield* runSteps(endpoint.steps, bounds);
      } finally {
        await endpoint.close();
      }
    }
  }
}

/** What can be looked at without a network. */
function localSteps(config: Config, clock: Clock): Step[] {
  const look = { limit_ms: file_system_ms, late: "check_hangs" } as const;
  let running: string | undefined;
  const user: Step = { ...look, check: "user", run: async () => checkUser() };
  return [
    ...(process.getuid?.() === 0 ? [user] : []),
    { ...look, check: "plugins", run: () => checkPlugins(config) },
    { ...look, check: "files", run: () => checkFiles(config, clock) },
    {
      ...look,
      check: "state",
      async run() {
        running = await runningOn(config.state_dir);
        return checkState(config, running);
      },
    },
    {
      ...look,
      check: "listen",
      run: () => checkListening(config, { running, now_ms: clock.now() }),
    },
  ];
}

function checkUser(): Finding[] {
  const message = "this looks with the rights of root, who may read everything";
  return [new Findings("user").fault("runs_as_root", message)];
}
