/**
 * What agents and aggregators have between them: whether NATS is reached, whether the stream and its consumer are there, and what in
 * their settings, or in the servers' versions, could lose events.
 */
import { fleetPlacesOf, type FleetPlace } from "../../../config/fleet.ts";
import type { Config } from "../../../config/config.ts";
import type { Clock } from "../../../platform/clock.ts";
import { messageOf } from "../../../platform/errors.ts";
import { lookAtFleet, lookAtServers, type SeenFleet } from "../../../platform/nats/inspect.ts";
import { Findings, type Finding } from "../../findings/finding.ts";

export async function checkNats(config: Config, clock: Clock): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const place of fleetPlacesOf(config)) found.push(...(await checkPlace(place, clock)));
  return found;
}

async function checkPlace(place: FleetPlace, clock: Clock): Promise<Finding[]> {
  const findings = new Findings("nats", place.what);
  const { options, consumer } = place;
  const servers = await lookAtServers(options, clock);
  const down = servers.filter(({ version }) => version === undefined);
  const unreached = down.map(({ url, error }) => `${url}: ${error}`);
  if (down.length === servers.length)
    return [findings.fault("nats_unreachable", unreached.join("; "))];
  const found = unreached.map((message) => findings.fault("nats_server_unreachable", message));
  for (const { url, version, faults } of servers)
    for (const fault of faults)
      found.push(findings.fault("nats_server_loses", `${url} is nats-server ${version}: ${fault}`));
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
