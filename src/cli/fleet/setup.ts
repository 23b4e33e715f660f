/**
 * `tallyman fleet setup`: makes the stream and its consumer as they have to be, and says what is left that could lose events.
 */
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { loadConfig } from "../../config/load.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import { fleetPlacesOf, type FleetPlace } from "../../config/fleet.ts";
import { systemClock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { withJetStream } from "../../platform/nats/elections.ts";
import { lookAtServers } from "../../platform/nats/inspect.ts";
import { permissionsOf, permissionsText } from "../../platform/nats/permissions.ts";
import {
  consumerConfigOf,
  consumerFaults,
  default_plan,
  findConsumer,
  findStream,
  managerOf,
  streamConfigOf,
  streamFaults,
  type StreamPlan,
} from "../../platform/nats/stream.ts";
import { formatSize } from "../../platform/text/units.ts";
import { ending } from "../process/ending.ts";
import { Printing } from "../terminal/printing.ts";
import { withFleet } from "./bucket-access.ts";
import { bucketPermissionLines, setUpBuckets } from "./buckets.ts";

interface SetupFlags {
  readonly config: string;
  readonly replicas?: string;
  readonly maxBytes?: number;
  readonly dryRun?: boolean;
  readonly permissions?: boolean;
}

/** What was done, or would be, and what is left. */
interface Outcome {
  readonly done: string[];
  readonly faults: string[];
}

/** What the command does. */
export async function fleetSetup(flags: SetupFlags): Promise<void> {
  const config = await loadConfig(flags.config);
  const [place] = fleetPlacesOf(config);
  const { fleet } = config;
  if (place === undefined && fleet === undefined) {
    const message = `${flags.config} has no input and no output of type nats, and no section fleet`;
    throw new TallymanError("fleet_unusable", message, { file: flags.config });
  }
  const printing = new Printing();
  if (flags.permissions === true) {
    const lines = [
      ...(place === undefined ? [] : permissionLines(place)),
      ...(fleet === undefined ? [] : bucketPermissionLines(fleet)),
    ];
    for (const line of lines) await printing.line(line);
    await printing.flush();
    return;
  }
  const parts = [
    ...(place === undefined ? [] : [await setUp(place, flags)]),
    ...(fleet === undefined ? [] : [await setUpFleet(fleet, flags)]),
  ];
  const done = parts.flatMap((part) => part.done);
  const faults = parts.flatMap((part) => part.faults);
  for (const line of done) await printing.line(line);
  for (const fault of faults) await printing.line(`Could lose events: ${fault}.`);
  const servers = await lookAtServers(place?.options ?? fleet!, systemClock);
  for (const { url, version, error, faults: known } of servers) {
    await printing.line(
      version === undefined
        ? `${url}: cannot be reached: ${error}`
        : `${url}: nats-server ${version}`,
    );
    for (const fault of known) await printing.line(`  known issue of this version: ${fault}`);
  }
  if (faults.length === 0)
    await printing.line(
      place === undefined
        ? "The buckets are as they should be."
        : "The stream and its consumer are as they should be.",
    );
  await printing.flush();
  if (faults.length > 0) ending.status = 1;
}

async function setUp({ options, consumer }: FleetPlace, flags: SetupFlags): Promise<Outcome> {
  const { stream, prefix } = options;
  try {
    return await withJetStream(options, systemClock, async (connection) => {
      const manager = await managerOf(connection);
      const found = await findStream(manager, stream);
      const plan = planOf({ stream, prefix, consumer }, flags, found);
      const made = await setUpStream(manager, plan, { found, dry_run: flags.dryRun === true });
      const read = await setUpConsumer(manager, plan, { dry_run: flags.dryRun === true });
      return { done: [...made.done, ...read.done], faults: [...made.faults, ...read.faults] };
    });
  } catch (cause) {
    throw new TallymanError(
      "fleet_unusable",
      `the stream ${stream} cannot be set up: ${messageOf(cause)}`,
      { servers: options.servers },
      { cause },
    );
  }
}

/** The buckets of configurations and reports. */
async function setUpFleet(fleet: FleetOptions, flags: SetupFlags): Promise<Outcome> {
  const { replicas, dryRun } = flags;
  const given = replicas === undefined ? undefined : Number(replicas);
  return withFleet(fleet, (connection) =>
    setUpBuckets(connection, fleet, { replicas: given, dry_run: dryRun === true }),
  );
}

/** What is not given stays as it is, where that loses nothing. */
function planOf(
  names: Pick<StreamPlan, "stream" | "prefix" | "consumer">,
  { replicas, maxBytes }: SetupFlags,
  found: StreamInfo | undefined,
): StreamPlan {
  const kept = found?.config;
  return {
    ...default_plan,
    ...names,
    replicas: replicas === undefined ? Math.max(kept?.num_replicas ?? 0, 3) : Number(replicas),
    bytes_max: maxBytes ?? kept?.max_bytes ?? default_plan.bytes_max,
  };
}

async function setUpStream(
  manager: JetStreamManager,
  plan: StreamPlan,
  { found, dry_run }: { found: StreamInfo | undefined; dry_run: boolean },
): Promise<Outcome> {
  const { stream, prefix, replicas, bytes_max } = plan;
  const would = dry_run ? "would be" : "was";
  const config = streamConfigOf(plan);
  const form = `stored in files by ${replicas} ${replicas === 1 ? "server" : "servers"}, up to ${formatSize(bytes_max)}`;
  if (found === undefined) {
    if (!dry_run) await manager.streams.add(config);
    const faults =
      replicas < 3 ? streamFaults({ config: { ...config } as StreamInfo["config"] }, prefix) : [];
    return { done: [`The stream ${stream} ${would} created: ${form}.`], faults };
  }
  const before = streamFaults(found, prefix);
  const { num_replicas, max_bytes } = found.config;
  const is_other = num_replicas !== replicas || max_bytes !== bytes_max;
  if (before.length === 0 && !is_other)
    return { done: [`The stream ${stream} is there: ${form}.`], faults: [] };
  // Storage and retention cannot be changed in a stream that is there.
  const { storage: _, retention: _retention, ...changes } = config;
  if (!dry_run) await manager.streams.update(stream, changes);
  const { storage, retention } = found.config;
  const after = { config: { ...found.config, ...changes, storage, retention } };
  const remedied = before.filter((fault) => !streamFaults(after, prefix).includes(fault));
  const done = [`The stream ${stream} ${would} changed: ${form}.`];
  return {
    done: [...done, ...remedied.map((fault) => `  ${would} corrected: ${fault}`)],
    faults: streamFaults(after, prefix),
  };
}

async function setUpConsumer(
  manager: JetStreamManager,
  plan: StreamPlan,
  { dry_run }: { dry_run: boolean },
): Promise<Outcome> {
  const { stream, consumer } = plan;
  const found = await findConsumer(manager, stream, consumer);
  if (found !== undefined)
    return { done: [`The consumer ${consumer} is there.`], faults: consumerFaults(found) };
  if (!dry_run) await manager.consumers.add(stream, consumerConfigOf(plan));
  return {
    done: [`The consumer ${consumer} ${dry_run ? "would be" : "was"} created.`],
    faults: [],
  };
}

function permissionLines({ options, consumer }: FleetPlace): string[] {
  const names = { prefix: options.prefix, stream: options.stream, consumer };
  return [
    "# For the configuration of nats-server. Each agent has a user of its own: put its name for AGENT.",
    "# Nobody else may publish receipts: who can, could have agents believe that events are delivered.",
    "",
    ...(["agent", "aggregator", "setup"] as const).flatMap((role) => [
      `# ${titles[role]}`,
      permissionsText(permissionsOf(role, names), ""),
      "",
    ]),
  ];
}

const titles = {
  agent: "An agent: its own batches, its own receipts.",
  aggregator: "The aggregators: batches of all agents, and receipts for them.",
  setup: "Whoever runs `tallyman fleet setup`, `tallyman fleet books`, and `tallyman doctor`.",
};
