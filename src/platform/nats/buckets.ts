/**
 * The two key-value buckets of a fleet's configuration, as other clients of NATS read them, too (a bucket B is a stream KV_B,
 * a key in it a subject $KV.B.key). Asked by plain requests: an agent needs no more than a right for its own keys.
 */
import type { StreamConfig, StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "./connection.ts";
import { newHeaders } from "./connection.ts";
import type { Permissions } from "./permissions.ts";
import { inboxPrefix } from "./subjects.ts";

const request_ms_max = 5000;
/** How long each question waits. Of a bucket that was just made, and while servers elect a leader, one can be lost. */
const question_ms_max: readonly number[] = [1000, 2000, request_ms_max];
/** A configuration and its signatures, with room for headers. */
const configuration_bytes_max = 288 * 1024;
const report_bytes_max = 16 * 1024;
/** Configurations of a group that can be looked up again. */
const history = 20;
const bucket_bytes_max = 256 * 1024 ** 2;

export interface Bucket {
  readonly name: string;
  readonly kind: "configurations" | "reports";
}

export function configurationBucket(bucket: string): Bucket {
  return { name: `${bucket}_CONFIG`, kind: "configurations" };
}

export function reportBucket(bucket: string): Bucket {
  return { name: `${bucket}_REPORTS`, kind: "reports" };
}

export function bucketStream({ name }: Bucket): string {
  return `KV_${name}`;
}

export function keySubject({ name }: Bucket, key: string): string {
  return `$KV.${name}.${key}`;
}

function getSubject(bucket: Bucket, key: string): string {
  return `$JS.API.DIRECT.GET.${bucketStream(bucket)}.${keySubject(bucket, key)}`;
}

/** What has to be so, word for word as the server has it. */
export function bucketConfigOf(
  bucket: Bucket,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  const is_reports = bucket.kind === "reports";
  return {
    name: bucketStream(bucket),
    subjects: [keySubject(bucket, ">")],
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: replicas,
    max_bytes: bucket_bytes_max,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: is_reports ? 1 : history,
    max_msg_size: is_reports ? report_bytes_max : configuration_bytes_max,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    description: is_reports
      ? "What agents of tallyman last said of themselves, by agent"
      : "Signed configurations of tallyman, by group",
  };
}

/** What in a bucket that is there loses configurations or reports. */
export function bucketFaults({ config }: Pick<StreamInfo, "config">, bucket: Bucket): string[] {
  const wanted = bucketConfigOf(bucket, config.num_replicas);
  const keys = ["storage", "max_age", "allow_direct", "max_msg_size"] as const;
  const faults = keys
    .filter((key) => config[key] !== wanted[key])
    .map(
      (key) =>
        `the bucket ${bucket.name}: ${key} is ${String(config[key])}; it has to be ${String(wanted[key])}`,
    );
  if (config.num_replicas < 3)
    faults.push(
      `the bucket ${bucket.name}: replicas is ${config.num_replicas}: the loss of one server's disk loses what is in it`,
    );
  return faults;
}

/** What a key has. */
export interface BucketEntry {
  readonly value: string;
  /** When the server took it, in milliseconds. */
  readonly stored_ms: number;
  readonly revision: number;
}

/** Undefined where the key has nothing. Rejects where nobody answers, or there is no such bucket. */
export async function readKey(
  connection: NatsConnection,
  bucket: Bucket,
  key: string,
): Promise<BucketEntry | undefined> {
  const answer = await question(connection, getSubject(bucket, key), bucket);
  const { headers } = answer;
  const code = headers?.code ?? 0;
  if (code === 404 || (headers?.get("KV-Operation") ?? "") !== "") return undefined;
  if (code !== 0)
    throw new Error(`the bucket ${bucket.name} answers ${code} ${headers?.description}`);
  return {
    value: answer.string(),
    stored_ms: Date.parse(headers?.get("Nats-Time-Stamp") ?? ""),
    revision: Number(headers?.get("Nats-Sequence")),
  };
}

/**
 * Gives a key a value, where it still has the revision that was read (0 for none). Rejects where it has another, or the bucket
 * does not take it.
 */
export async function writeKey(
  connection: NatsConnection,
  bucket: Bucket,
  entry: { key: string; value: string; revision: number },
): Promise<void> {
  if ((await replaceKey(connection, bucket, entry)) !== undefined) return;
  throw new Error(
    "somebody else has changed it meanwhile; look at what is there now, and try again",
  );
}

/**
 * The same, but gives the new revision, or undefined where the key has another one than was read. Without `revision` it takes the place
 * of whatever is there.
 */
export async function replaceKey(
  connection: NatsConnection,
  bucket: Bucket,
  { key, value, revision }: { key: string; value: string; revision: number | undefined },
): Promise<number | undefined> {
  const headers = await newHeaders();
  if (revision !== undefined) headers.set("Nats-Expected-Last-Subject-Sequence", String(revision));
  const answer = await ask(connection, keySubject(bucket, key), bucket, { value, headers });
  const { error, seq } = answer.json<Refused & { readonly seq?: number }>();
  if (error?.err_code === 10071) return undefined;
  if (error !== undefined)
    throw new Error(`the bucket ${bucket.name} does not take it: ${error.description}`);
  return seq;
}

/** The keys that have something. Rejects where nobody answers, or there is no such bucket. */
export async function keysOf(connection: NatsConnection, bucket: Bucket): Promise<string[]> {
  const subject = `$JS.API.STREAM.INFO.${bucketStream(bucket)}`;
  const value = JSON.stringify({ subjects_filter: keySubject(bucket, ">") });
  const answer = await question(connection, subject, bucket, { value });
  const { error, state } = answer.json<Refused & { state?: { subjects?: object } }>();
  if (error !== undefined) throw unanswered(bucket, error.description);
  const prefix = keySubject(bucket, "");
  return Object.keys(state?.subjects ?? {}).map((each) => each.slice(prefix.length));
}

/** Takes a key out, and all that it had. */
export async function removeKey(
  connection: NatsConnection,
  bucket: Bucket,
  key: string,
): Promise<void> {
  const subject = `$JS.API.STREAM.PURGE.${bucketStream(bucket)}`;
  const value = JSON.stringify({ filter: keySubject(bucket, key) });
  await ask(connection, subject, bucket, { value });
}

/** In an answer, why something was not done. */
interface Refused {
  readonly error?: { readonly description?: string; readonly err_code?: number };
}

interface Said {
  readonly value: string;
  readonly headers?: Awaited<ReturnType<typeof newHeaders>>;
  readonly timeout?: number;
}

/** What changes nothing is asked again where nobody answers. Servers answer nothing to a question to a bucket that is not there. */
async function question(
  connection: NatsConnection,
  subject: string,
  bucket: Bucket,
  { value }: Pick<Said, "value"> = { value: "" },
): ReturnType<NatsConnection["request"]> {
  let lost: Error | undefined;
  for (const timeout of question_ms_max) {
    try {
      return await ask(connection, subject, bucket, { value, timeout });
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== "TimeoutError") throw cause;
      lost = cause;
    }
  }
  throw unanswered(bucket, undefined, lost);
}

async function ask(
  connection: NatsConnection,
  subject: string,
  bucket: Bucket,
  { value, headers, timeout = request_ms_max }: Said,
): ReturnType<NatsConnection["request"]> {
  try {
    const more = headers === undefined ? {} : { headers };
    return await connection.request(subject, value, { timeout, ...more });
  } catch (cause) {
    if (cause instanceof Error && cause.name === "NoRespondersError")
      throw unanswered(bucket, undefined, cause);
    throw cause;
  }
}

function unanswered(bucket: Bucket, said = "nobody answers for it", cause?: unknown): Error {
  return new Error(
    `the bucket ${bucket.name} is not there, or has no leader: ${said}; \`tallyman fleet setup\` makes it`,
    { cause },
  );
}

/** What an agent of a group has to be allowed for its configuration, and whoever pushes and asks for the status. */
export function bucketPermissions(
  role: "agent" | "operator",
  names: { readonly bucket: string; readonly prefix: string },
  { agent, group }: { readonly agent: string; readonly group: string },
): Permissions {
  const configurations = configurationBucket(names.bucket);
  const reports = reportBucket(names.bucket);
  if (role === "agent") {
    return {
      publish: [
        getSubject(configurations, group),
        getSubject(reports, agent),
        keySubject(reports, agent),
      ],
      subscribe: [
        keySubject(configurations, group),
        `${inboxPrefix(names.prefix, "agent", agent)}.>`,
      ],
    };
  }
  const streams = [configurations, reports].map(bucketStream);
  return {
    publish: [
      keySubject(configurations, "*"),
      getSubject(configurations, "*"),
      getSubject(reports, "*"),
      ...["INFO", "CREATE", "UPDATE"].flatMap((part) =>
        streams.map((stream) => `$JS.API.STREAM.${part}.${stream}`),
      ),
      `$JS.API.STREAM.PURGE.${bucketStream(reports)}`,
    ],
    subscribe: [`${inboxPrefix(names.prefix, "setup", "*")}.>`],
  };
}
