/**
 * All checks of `tallyman doctor`, in order: first what is on this machine, then every endpoint of every output.
 */
import { own_input, type Config } from "../config/config.ts";
import { fleetPlacesOf } from "../config/fleet.ts";
import { outputsOf, splunkOutputs, type NamedOutput } from "../config/outputs.ts";
import { endpointsOf } from "../output/splunk-hec/options.ts";
import type { Clock } from "../platform/clock.ts";
import type { CompiledInput } from "../agent/setup/compile.ts";
import { Bounds } from "./findings/bounds.ts";
import { checkArchives } from "./checks/check-archives.ts";
import { checkConfig, checkPlugins } from "./checks/check-config.ts";
import { endpointCheck } from "./checks/check-endpoint.ts";
import { testEventsFor, type Addressed, type TestEvent } from "./checks/check-events.ts";
import { checkFiles } from "./checks/check-files.ts";
import { checkListening } from "./checks/check-listening.ts";
import { checkNats } from "./checks/nats/check-nats.ts";
import { checkState, runningOn } from "./checks/check-state.ts";
import { Findings, type Finding } from "./findings/finding.ts";
import { runSteps, type Step } from "./findings/step.ts";

/** For all of it, so that it ends within a minute. */
const total_ms = 45_000;
const file_system_ms = 8000;
/** Of each server the connection may take five seconds. */
const nats_ms = 20_000;

export interface ExamineOptions {
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

export function examine(options: ExamineOptions): Examination {
  const bounds = new Bounds(options.clock, total_ms);
  return { findings: findingsOf(options, bounds), hanging: () => bounds.hanging };
}

async function* findingsOf(examination: ExamineOptions, bounds: Bounds): AsyncGenerator<Finding> {
  const { file, clock, send } = examination;
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
  const local = localSteps(config, clock);
  yield* runSteps(local.steps, bounds);
  if (!can_connect) {
    yield new Findings("tcp").skipped(
      "the configuration has errors, so nothing beyond was checked",
    );
    return;
  }
  for (const output of splunkOutputs(config)) {
    const events = eventsFor(output, config, local.compiled());
    for (const url of endpointsOf(output.options)) {
      const { options } = output;
      const endpoint = endpointCheck({ url, options, events, send, clock });
      try {
        for await (const finding of runSteps(endpoint.steps, bounds))
          yield ofOutput(finding, output);
      } finally {
        await endpoint.close();
      }
    }
  }
}

/** What can be looked at without a network. */
function localSteps(
  config: Config,
  clock: Clock,
): { steps: Step[]; compiled(): readonly CompiledInput[] } {
  const look = { limit_ms: file_system_ms, late: "check_hangs" } as const;
  let running: string | undefined;
  let compiled: readonly CompiledInput[] = [];
  const user: Step = { ...look, check: "user", run: async () => checkUser() };
  const plugins: Step = {
    ...look,
    check: "plugins",
    async run() {
      const checked = await checkPlugins(config);
      compiled = checked.inputs;
      return checked.findings;
    },
  };
  const state: Step = {
    ...look,
    check: "state",
    async run() {
      running = await runningOn(config.state_dir);
      return checkState({ config, compiled, running });
    },
  };
  const nats: Step = {
    check: "nats",
    limit_ms: nats_ms,
    late: "check_hangs",
    run: () => checkNats(config, clock),
  };
  const listen = (): Promise<Finding[]> => checkListening(config, { running, now_ms: clock.now() });
  const steps: Step[] = [
    ...(process.getuid?.() === 0 ? [user] : []),
    plugins,
    { ...look, check: "files", run: () => checkFiles(config, clock) },
    state,
    { ...look, check: "archive", run: () => checkArchives(config) },
    { ...look, check: "listen", run: listen },
    ...(fleetPlacesOf(config).length === 0 && config.fleet === undefined ? [] : [nats]),
  ];
  return { steps, compiled: () => compiled };
}

function checkUser(): Finding[] {
  const message = "running as root: permission problems of tallyman's user will not show";
  return [new Findings("user").fault("runs_as_root", message)];
}

/**
 * For the indexes of the inputs whose events may go to the output; of all, where the chains say nothing. What tallyman
 * itself has to say goes to the default one.
 */
function eventsFor(
  { name }: NamedOutput,
  { inputs, lifecycle, ...settings }: Config,
  compiled: readonly CompiledInput[],
): TestEvent[] {
  const is_default = outputsOf(settings)[0]!.name === name;
  const others = compiled.filter(({ chain }) => !is_default && !chain.outputs.has(name));
  const elsewhere = new Set(others.map((input) => input.name));
  const own: [string, Addressed] = [own_input, { metadata: { index: lifecycle.index } }];
  return testEventsFor([
    ...Object.entries(inputs).filter(([input]) => !elsewhere.has(input)),
    ...(is_default && lifecycle.enabled ? [own] : []),
  ]);
}

/** Names the output, and its options as they are called in the configuration, where there are several. */
function ofOutput(finding: Finding, { name, at }: NamedOutput): Finding {
  if (at.length === 1) return finding;
  const { subject = "", remedy } = finding;
  const named = { ...finding, subject: `${name}, ${subject}` };
  if (remedy === undefined) return named;
  return { ...named, remedy: remedy.replaceAll("`output.", `\`${at.join(".")}.`) };
}
