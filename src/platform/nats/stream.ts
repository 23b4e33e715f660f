/**
 * The stream of a fleet and its consumer: how they have to be, and what in those that are there could lose events.
 */
import type {
  ConsumerConfig,
  ConsumerInfo,
  JetStreamManager,
  StreamConfig,
  StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "./connection.ts";
import { allBatches } from "./subjects.ts";

const nanoseconds_per_ms = 1_000_000;

export interface StreamPlan {
  readonly stream: string;
  readonly prefix: string;
  readonly consumer: string;
  readonly replicas: number;
  readonly bytes_max: number;
  /** How long the stream recognises what is published twice. */
  readonly window_ms: number;
  /** How long an aggregator may say nothing of a batch before another one gets it. */
  readonly wait_ms: number;
}

export const default_plan = {
  replicas: 3,
  bytes_max: 10 * 1024 ** 3,
  window_ms: 120_000,
  wait_ms: 60_000,
  consumer: "tallyman",
} as const;

/** Batches that may be with aggregators at once. */
export const ack_pending_max = 10_000;

/** What has to be so, word for word as the server has it. */
export function streamConfigOf(plan: StreamPlan): Partial<StreamConfig> & { name: string } {
  return {
    name: plan.stream,
    subjects: [allBatches(plan.prefix)],
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: plan.replicas,
    max_bytes: plan.bytes_max,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    duplicate_window: plan.window_ms * nanoseconds_per_ms,
    description: "Batches of audit events, between agents and aggregators of tallyman",
  };
}

export function consumerConfigOf(
  plan: StreamPlan,
): Partial<ConsumerConfig> & { durable_name: string } {
  return {
    durable_name: plan.consumer,
    ack_policy: "explicit",
    deliver_policy: "all",
    ack_wait: plan.wait_ms * nanoseconds_per_ms,
    max_ack_pending: ack_pending_max,
    max_deliver: -1,
    description: "Shared by the aggregators of tallyman",
  };
}

export async function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  const { jetstreamManager } = await import("@nats-io/jetstream");
  return jetstreamManager(connection, { checkAPI: false });
}

/** Undefined where there is none. Rejects where nobody answers. */
export async function findStream(
  manager: JetStreamManager,
  stream: string,
): Promise<StreamInfo | undefined> {
  return orNone(manager.streams.info(stream));
}

/** The same for its consumer. */
export async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  consumer: string,
): Promise<ConsumerInfo | undefined> {
  return orNone(manager.consumers.info(stream, consumer));
}

const codes_of_none: readonly unknown[] = [10059, 10014];

async function orNone<Info>(asked: Promise<Info>): Promise<Info | undefined> {
  try {
    return await asked;
  } catch (cause) {
    if (codes_of_none.includes((cause as { code?: unknown }).code)) return undefined;
    throw cause;
  }
}

/** A setting of a stream, a consumer or a server that may lose events, in a sentence each. */
export function streamFaults({ config }: Pick<StreamInfo, "config">, prefix: string): string[] {
  const faults: string[] = [];
  const check = (is_fault: boolean, fault: string): void => {
    if (is_fault) faults.push(fault);
  };
  const { storage, retention, discard, num_replicas, max_age, subjects } = config;
  check(
    storage !== "file",
    `storage is ${storage}: a restart of the servers loses everything; it has to be file`,
  );
  check(
    num_replicas < 3,
    `replicas is ${num_replicas}: the loss of one server's disk loses what is in it; 3 survive that`,
  );
  check(
    discard !== "new",
    "discard is old: a full stream deletes what nobody has read; it has to be new",
  );
  check(
    retention !== "limits",
    `retention is ${retention}: work queues and interest have lost messages in several versions of the server; it has to be limits`,
  );
  check(max_age !== 0, "max_age is set: what waits longer is deleted; it has to be 0");
  check(config.max_msgs > 0 && discard !== "new", "max_msgs is set, and discard is old");
  check(
    config.max_msgs_per_subject > 0,
    "max_msgs_per_subject is set: only so many batches of a lane are kept; it has to be -1",
  );
  check(
    config.max_msg_size > 0 && config.max_msg_size < 1024 * 1024,
    `max_msg_size is ${config.max_msg_size}: larger batches are halved again and again; it has to be -1`,
  );
  check(
    !(subjects ?? []).includes(allBatches(prefix)),
    `its subjects are ${(subjects ?? []).join(", ")}: batches go to ${allBatches(prefix)}`,
  );
  return faults;
}

export function consumerFaults({ config }: Pick<ConsumerInfo, "config">): string[] {
  const faults: string[] = [];
  const { ack_policy, max_deliver = -1, deliver_policy, filter_subject } = config;
  if (ack_policy !== "explicit")
    faults.push(
      `its ack_policy is ${ack_policy}: what an aggregator has not delivered counts as read; it has to be explicit`,
    );
  if (max_deliver > 0)
    faults.push(
      `its max_deliver is ${max_deliver}: after so many attempts a batch is passed over; it has to be -1`,
    );
  if (deliver_policy !== "all")
    faults.push(
      `its deliver_policy is ${deliver_policy}: older batches are passed over; it has to be all`,
    );
  if (filter_subject !== undefined && filter_subject !== "")
    faults.push(`it reads only ${filter_subject}: other batches are never delivered`);
  return faults;
}

/**
 * Whether a server forgets, where a part of a stream is purged, which messages are with aggregators, and gives them to nobody again
 * (nats-server#3892, fixed in 2.9.15).
 */
export function purgeForgets(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = numbersOf(version);
  return major < 2 || (major === 2 && (minor < 9 || (minor === 9 && patch < 15)));
}

function numbersOf(version: string): number[] {
  return version.split(/[.-]/).map((text) => Number.parseInt(text, 10) || 0);
}

/** Versions of nats-server that are known to lose what they have acknowledged, with the number of the report. */
export function serverFaults(version: string): string[] {
  const [major = 0, minor = 0, patch = 0] = numbersOf(version);
  const faults: string[] = [];
  const is = (wanted: number, from: number, to: number): boolean =>
    major === 2 && minor === wanted && patch >= from && patch <= to;
  if (is(10, 0, 22))
    faults.push(
      "a stream can be gone after a server was killed (nats-server#6888, fixed in 2.10.23)",
    );
  if (is(9, 0, 21) || is(10, 0, 1))
    faults.push(
      "with discard new, batches can be refused and kept all the same, or the reverse (nats-server#4771, #4247)",
    );
  if (is(12, 0, 1))
    faults.push(
      "acknowledged batches can be lost with power, pauses or bit errors of one server (nats-server#7564, #7567, #7549, #7556)",
    );
  if (major === 2 && minor < 10)
    faults.push(
      "it has no sync_interval: it writes to its disks up to two minutes after it has acknowledged, so a loss of power on all servers loses that",
    );
  return faults;
}
