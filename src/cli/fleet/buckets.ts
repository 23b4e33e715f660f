/** The part of `tallyman fleet setup` for configurations: makes the two buckets, and says what their users have to be allowed. */
import type { FleetOptions } from "../../config/fleet/options.ts";
import {
  bucketConfigOf,
  bucketFaults,
  bucketPermissions,
  bucketStream,
  configurationBucket,
  reportBucket,
} from "../../platform/nats/buckets.ts";
import type { NatsConnection } from "../../platform/nats/connection.ts";
import { permissionsText } from "../../platform/nats/permissions.ts";
import { findStream, managerOf } from "../../platform/nats/stream.ts";

interface BucketFlags {
  /** Undefined for what is there, or three. */
  readonly replicas: number | undefined;
  readonly dry_run: boolean;
}

/** May be done twice. */
export async function setUpBuckets(
  connection: NatsConnection,
  { bucket: name }: FleetOptions,
  { replicas, dry_run }: BucketFlags,
): Promise<{ done: string[]; faults: string[] }> {
  const manager = await managerOf(connection);
  const would = dry_run ? "would be" : "was";
  const done: string[] = [];
  const faults: string[] = [];
  for (const bucket of [configurationBucket(name), reportBucket(name)]) {
    const stream = bucketStream(bucket);
    const found = await findStream(manager, stream);
    const wanted = bucketConfigOf(bucket, replicas ?? found?.config.num_replicas ?? 3);
    if (found === undefined) {
      const made = dry_run ? undefined : await manager.streams.add(wanted);
      done.push(`The bucket ${bucket.name} ${would} created: ${bucket.kind}.`);
      if (made !== undefined) faults.push(...bucketFaults(made, bucket));
      continue;
    }
    const { storage: _, retention: _retention, ...changes } = wanted;
    const is_other = found.config.num_replicas !== wanted.num_replicas;
    const before = bucketFaults(found, bucket);
    const after = { config: { ...found.config, ...changes, storage: found.config.storage } };
    const left = bucketFaults(after, bucket);
    if (is_other || left.length < before.length) {
      if (!dry_run) await manager.streams.update(stream, changes);
      done.push(`The bucket ${bucket.name} ${would} changed.`);
    } else done.push(`The bucket ${bucket.name} is there.`);
    faults.push(...left);
  }
  return { done, faults };
}

export function bucketPermissionLines({ bucket, prefix, group }: FleetOptions): string[] {
  const names = { bucket, prefix };
  const who = { agent: "AGENT", group };
  return [
    `# An agent of the group ${group}: reads its group's configuration, reports as itself. Put its name for AGENT.`,
    permissionsText(bucketPermissions("agent", names, who), ""),
    "",
    "# Whoever pushes configurations, asks for the status, and runs `tallyman fleet setup`.",
    permissionsText(bucketPermissions("operator", names, who), ""),
    "",
  ];
}
