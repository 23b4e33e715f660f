/**
 * What agents and aggregators have between them: whether NATS is reached, whether the stream, its consumer and the buckets of
 * configurations are there, and what in their settings, or in the servers' versions, could lose events.
 */
import { fleetPlacesOf, type FleetPlace } from "../../../config/fleet.ts";
import type { Config } from "../../../config/config.ts";
import type { FleetOptions } from "../../../config/fleet/options.ts";
import type { Clock } from "../../../platform/clock.ts";
import { messageOf } from "../../../platform/errors.ts";
import { lookAtFleet, lookAtServers, type SeenFleet } from "../../../platform/nats/inspect.ts";
import type { NatsAccess } from "../../../platform/nats/options.ts";
import { Findings, type Finding } from "../../findings/finding.ts";
import { checkBuckets } from "./check-buckets.ts";

export async function checkNats(config: Config, clock: Clock): Promise<Finding[]> {
  const found: Finding[] = [];
  const places = fleetPlacesOf(config);
  for (const place of places) found.push(...(await checkPlace(place, clock)));
  if (config.fleet !== undefined) found.push(...(await checkFleet(config.fleet, places, clock)));
  return found;
}

async function checkFleet(
  fleet: FleetOptions,
  places: readonly FleetPlace[],
  clock: Clock,
): Promise<Finding[]> {
  const findings = new Findings("nats", "fleet");
  // They need not be said twice.
  const servers = fleet.servers.join(" ");
  const are_known = places.some(({ options }) => options.servers.join(" ") === servers);
  const { found, is_down } = await checkServers(fleet, findings, clock);
  const said = are_known ? [] : found;
  return is_down ? said : [...said, ...(await checkBuckets(fleet, clock))];
}

/** Whether any server is reached, and what is known of their versions. */
async function checkServers(
  access: NatsAccess,
  findings: Findings,
  clock: Clock,
): Promise<{ found: Finding[]; is_down: boolean }> {
  const servers = await lookAtServers(access, clock);
  const down = servers.filter(({ version }) => version === undefined);
  const unreached = down.map(({ url, error }) => `${url}: ${error}`);
  if (down.length === servers.length)
    return { found: [findings.fault("nats_unreachable", unreached.join("; "))], is_down: true };
  const found = unreached.map((message) => findings.fault("nats_server_unreachable", message));
  for (const { url, version, faults } of servers)
    for (const fault of faults)
      found.push(findings.fault("nats_server_loses", `${url} is nats-server ${version}: ${fault}`));
  return { found, is_down: false };
}

async function checkPlace(place: FleetPlace, clock: Clock): Promise<Finding[]> {
  const findings = new Findings("nats", place.what);
  const { options, consumer } = place;
  const { found, is_down } = await checkServers(options, findings, clock);
  if (is_down) return found;
  try {
    const seen = await lookAtFleet(options, consumer, clock);
    return [...found, ...findingsOf(findings, place, seen)];
  } catch (cause) {
    return [...found, findings.fault("nats_stream_unseen", messageOf(cause))];
  }
}

function findingsOf(
  findings: Findings,
  { options, consumer: name }: FleetPlace,
  { stream, stream_faults, consumer, consumer_faults }: SeenFleet,
): Finding[] {
  if (stream === undefined)
    return [findings.fault("nats_no_stream", `there is no stream ${options.stream}`)];
  if (consumer === undefined)
    return [
      findings.fault("nats_no_stream", `the stream ${options.stream} has no consumer ${name}`),
    ];
  const faults = [
    ...stream_faults.map((fault) => `stream ${options.stream}: ${fault}`),
    ...consumer_faults.map((fault) => `consumer ${name}: ${fault}`),
  ];
  if (faults.length > 0)
    return faults.map((message) => findings.fault("nats_stream_loses", message));
  const { messages, bytes } = stream.state;
  return [
    findings.ok(
      `stream ${options.stream} and consumer ${name} are as they should be; ${messages} batches wait (${bytes} bytes)`,
    ),
  ];
}
