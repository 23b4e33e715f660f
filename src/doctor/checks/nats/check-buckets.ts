/**
 * What an agent takes its configuration from: whether the bucket can be read with the agent's own user, whether both buckets are
 * there, and what in their settings could lose what is in them.
 */
import { readReport } from "../../../agent/fleet/report.ts";
import type { FleetOptions } from "../../../config/fleet/options.ts";
import { agentOf } from "../../../output/nats/agent-name.ts";
import type { Clock } from "../../../platform/clock.ts";
import { messageOf } from "../../../platform/errors.ts";
import {
  bucketFaults,
  bucketStream,
  configurationBucket,
  readKey,
  reportBucket,
} from "../../../platform/nats/buckets.ts";
import { withJetStream } from "../../../platform/nats/elections.ts";
import { withNats } from "../../../platform/nats/once.ts";
import { findStream, managerOf } from "../../../platform/nats/stream.ts";
import { Findings, type Finding } from "../../findings/finding.ts";

/** A report that is older says nothing of now. */
const reported_ms_max = 600_000;

/** Servers are reached, as far as it is known. */
export async function checkBuckets(fleet: FleetOptions, clock: Clock): Promise<Finding[]> {
  const findings = new Findings("nats", "fleet");
  const settings = await lookAtSettings(fleet, findings, clock);
  if (settings.some(({ cause }) => cause === "nats_no_bucket")) return settings;
  const shared = await lookAtName(fleet, findings, clock);
  return [...settings, ...shared, await lookAtConfiguration(fleet, findings, clock)];
}

/** What the agent of this name has reported last: it notices another one. Where the user may not read it, nothing is said. */
async function lookAtName(
  fleet: FleetOptions,
  findings: Findings,
  clock: Clock,
): Promise<Finding[]> {
  const agent = agentOf(fleet);
  const bucket = reportBucket(fleet.bucket);
  const as = { role: "agent", name: agent } as const;
  const entry = await withNats(
    fleet,
    clock,
    (connection) => readKey(connection, bucket, agent),
    as,
  ).catch(() => undefined);
  const report = entry && readReport(entry.value);
  if (report?.shared === undefined || clock.now() - entry!.stored_ms > reported_ms_max) return [];
  const hosts = [report.host, report.shared.host].map((host) => host ?? "a host that is not known");
  const message = `two agents have the name ${agent}, on ${hosts.join(" and ")}`;
  return [findings.fault("nats_name_shared", message)];
}

async function lookAtSettings(
  fleet: FleetOptions,
  findings: Findings,
  clock: Clock,
): Promise<Finding[]> {
  const buckets = [configurationBucket(fleet.bucket), reportBucket(fleet.bucket)];
  try {
    return await withJetStream(fleet, clock, async (connection) => {
      const manager = await managerOf(connection);
      const found: Finding[] = [];
      for (const bucket of buckets) {
        const stream = await findStream(manager, bucketStream(bucket));
        if (stream === undefined)
          found.push(findings.fault("nats_no_bucket", `there is no bucket ${bucket.name}`));
        else
          for (const fault of bucketFaults(stream, bucket))
            found.push(findings.fault("nats_bucket_loses", fault));
      }
      return found;
    });
  } catch (cause) {
    return [findings.fault("nats_buckets_unseen", messageOf(cause))];
  }
}

/** As the agent reads it. */
async function lookAtConfiguration(
  fleet: FleetOptions,
  findings: Findings,
  clock: Clock,
): Promise<Finding> {
  const { group } = fleet;
  const bucket = configurationBucket(fleet.bucket);
  try {
    const as = { role: "agent", name: agentOf(fleet) } as const;
    const entry = await withNats(
      fleet,
      clock,
      (connection) => readKey(connection, bucket, group),
      as,
    );
    return findings.ok(
      entry === undefined
        ? `the bucket ${bucket.name} can be read; nothing is pushed to group ${group} yet`
        : `the configuration of group ${group} can be read`,
    );
  } catch (cause) {
    const message = `the configuration of group ${group}: ${messageOf(cause)}`;
    return findings.fault("nats_bucket_unread", message);
  }
}
