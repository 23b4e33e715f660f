/** What `tallyman fleet push`, `diff` and `status` share: the fleet that a configuration names, and what its buckets have. */
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/config.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import {
  openConfiguration,
  type FleetRefusal,
  type SignedConfiguration,
} from "../../config/fleet/signed.ts";
import { systemClock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { configurationBucket, readKey } from "../../platform/nats/buckets.ts";
import type { NatsConnection } from "../../platform/nats/connection.ts";
import { withJetStream } from "../../platform/nats/elections.ts";
import { isAgentName } from "../../platform/nats/subjects.ts";

export interface FleetConfig {
  readonly config: Config;
  readonly fleet: FleetOptions;
}

/** Throws TallymanError config_unreadable, config_invalid, or fleet_unusable where the file is of no fleet. */
export async function loadFleet(file: string): Promise<FleetConfig> {
  const config = await loadConfig(file, process.env, "held");
  const { fleet } = config;
  if (fleet !== undefined) return { config, fleet };
  throw new TallymanError(
    "fleet_unusable",
    `${file} has no section fleet; name a configuration such as the agents have`,
    { file },
  );
}

/** Throws TallymanError usage. */
export function groupOf(given: string | undefined, { group }: FleetOptions): string {
  if (given === undefined) return group;
  if (isAgentName(given)) return given;
  throw new TallymanError("usage", "a group is a name of letters, digits, - and _, of at most 64");
}

/** Rejects with TallymanError fleet_unusable. */
export async function withFleet<Made>(
  fleet: FleetOptions,
  work: (connection: NatsConnection) => Promise<Made>,
): Promise<Made> {
  try {
    return await withJetStream(fleet, systemClock, work);
  } catch (cause) {
    if (cause instanceof TallymanError) throw cause;
    throw new TallymanError(
      "fleet_unusable",
      messageOf(cause),
      { servers: fleet.servers },
      { cause },
    );
  }
}

/** What a group has in the bucket. */
export interface InBucket {
  readonly revision: number;
  /** Undefined where there is nothing. */
  readonly found: SignedConfiguration | FleetRefusal | undefined;
}

export async function readGroup(
  connection: NatsConnection,
  { bucket, signed_by }: FleetOptions,
  group: string,
): Promise<InBucket> {
  const entry = await readKey(connection, configurationBucket(bucket), group);
  if (entry === undefined) return { revision: 0, found: undefined };
  return { revision: entry.revision, found: openConfiguration(entry.value, signed_by, group) };
}
