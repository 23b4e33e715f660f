/**
 * What a message says of the batch in it, in its headers; and the receipt that answers it.
 *
 * The batch is events of one lane with consecutive numbers: `first` to `first + count - 1`. Its body is as Splunk would get
 * it, packed or not. A receipt names the batch and repeats its checksum, which only who has seen the batch can know.
 */
import { createHash } from "node:crypto";
import { isAgentName, isLaneName } from "./subjects.ts";

/** Of the format: what an aggregator does not know, it leaves alone. */
const version = "1";

const names = {
  version: "Tally-Batch",
  agent: "Tally-Agent",
  lane: "Tally-Lane",
  epoch: "Tally-Epoch",
  first: "Tally-First",
  count: "Tally-Count",
  bytes: "Tally-Bytes",
  sum: "Tally-Sum",
  packing: "Tally-Packing",
  index: "Tally-Index",
  placed: "Tally-Placed",
  instance: "Tally-Instance",
  host: "Tally-Host",
} as const;

/** A message holds no more of a batch than this, unpacked. */
export const unpacked_bytes_max = 64 * 1024 * 1024;
/** As it is written: a character of a host's name may take nine. */
const run_length_max = 1024;
const count_max = 1024 * 1024;

/** Who has published it: the run of an agent, and where it runs. */
export interface BatchRun {
  readonly instance: string;
  readonly host: string;
}

export interface BatchHead {
  readonly agent: string;
  /** The id, without the epoch. */
  readonly lane: string;
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
  /** Of the body, unpacked. */
  readonly bytes: number;
  /** SHA-256 of the body as it is in the message, in base64. */
  readonly sum: string;
  readonly packing: "gzip" | "none";
  /** Of all its events; undefined is the token's default. */
  readonly index: string | undefined;
  /** Whether Splunk is to have the lane and number of each event. */
  readonly placed: boolean;
  /** Undefined where the agent is older than this. */
  readonly run?: BatchRun | undefined;
}

/** Headers as a client of NATS has them. */
export interface Headers {
  get(name: string): string;
  has(name: string): boolean;
}

export function sumOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64");
}

/** The same for the same events, whatever became of them: `lane.epoch.first.count`. */
export function batchId({
  lane,
  epoch,
  first,
  count,
}: Pick<BatchHead, "lane" | "epoch" | "first" | "count">): string {
  return `${lane}.${epoch}.${first}.${count}`;
}

export function writeHead(head: BatchHead, set: (name: string, value: string) => void): void {
  set(names.version, version);
  set(names.agent, head.agent);
  set(names.lane, head.lane);
  for (const key of ["epoch", "first", "count", "bytes"] as const) set(names[key], `${head[key]}`);
  set(names.sum, head.sum);
  set(names.packing, head.packing);
  // A header cannot carry every character, and what is no Unicode text is replaced as in the events.
  if (head.index !== undefined) set(names.index, encodeURIComponent(head.index.toWellFormed()));
  if (head.placed) set(names.placed, "1");
  if (head.run === undefined) return;
  set(names.instance, head.run.instance);
  set(names.host, encodeURIComponent(head.run.host.toWellFormed()));
}

/** The head, or what is wrong with it. */
export function readHead(headers: Headers | undefined): BatchHead | string {
  if (headers === undefined || headers.get(names.version) === "")
    return "it has no headers of a batch";
  if (headers.get(names.version) !== version)
    return "its format is unknown: the agent may be newer";
  const text = (key: keyof typeof names): string => headers.get(names[key]);
  const agent = text("agent");
  const lane = text("lane");
  const [epoch, first, count, bytes] = (["epoch", "first", "count", "bytes"] as const).map((key) =>
    numberOf(text(key)),
  );
  const packing = text("packing");
  if (!isAgentName(agent)) return "its agent's name is not one";
  if (!isLaneName(lane)) return "its lane is not one";
  if (epoch === undefined || first === undefined || count === undefined || bytes === undefined)
    return "a number in its headers is not one";
  if (count === 0 || count > count_max) return "its count is not possible";
  if (bytes > unpacked_bytes_max) return "it is larger than any batch";
  if (packing !== "gzip" && packing !== "none") return "its packing is unknown";
  const index = decoded(text("index"));
  if (index === null) return "its index cannot be read";
  const placed = headers.has(names.placed);
  const run = runOf(text("instance"), text("host"));
  const sum = text("sum");
  return { agent, lane, epoch, first, count, bytes, sum, packing, index, placed, ...run };
}

export interface ReceiptText {
  readonly id: string;
  readonly sum: string;
}

export function writeReceipt({ id, sum }: ReceiptText): string {
  return JSON.stringify({ v: 1, id, sum });
}

/** Undefined where it is none. One that names no batch is a refusal, or nothing. */
export function readReceipt(text: string): ReceiptText | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<"v" | "id" | "sum", unknown>> | null;
    if (value?.v !== 1 || typeof value.id !== "string" || typeof value.sum !== "string")
      return undefined;
    if (value.id === "") return undefined;
    return { id: value.id, sum: value.sum };
  } catch {
    return undefined;
  }
}

/** The header with the id of a message, by which the stream recognises it. */
export const message_id_header = "Nats-Msg-Id";

/** What a batch is published under, for the time `number`: from 0 on. */
export function messageIdOf(agent: string, id: string, number: number): string {
  return number === 0 ? `${agent}.${id}` : `${agent}.${id}.${number}`;
}

/** The batch's id in that of its message; undefined where it has none. */
export function batchIdIn(message_id: string): string | undefined {
  const id = message_id.split(".").slice(1, 5).join(".");
  return readBatchId(id) && id;
}

/** What a batch's id says; undefined where it is none. */
export function readBatchId(
  id: string,
): { lane: string; epoch: number; first: number; count: number } | undefined {
  const [lane = "", ...numbers] = id.split(".");
  const [epoch, first, count] = numbers.map(numberOf);
  if (!isLaneName(lane) || numbers.length !== 3) return undefined;
  if (epoch === undefined || first === undefined || count === undefined) return undefined;
  return { lane, epoch, first, count };
}

function numberOf(text: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** What it says is for people, and nothing goes by it. */
function runOf(instance: string, host: string): Pick<BatchHead, "run"> {
  if (instance === "" || instance.length > run_length_max || host.length > run_length_max)
    return {};
  return { run: { instance, host: decoded(host) ?? "" } };
}

/** Null where it cannot be read. */
function decoded(text: string): string | undefined | null {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
