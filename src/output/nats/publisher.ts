/**
 * Publishes one batch and says what the stream said: it has it, or why it has not. Nearly all reasons pass, and what asks goes
 * on asking: a cluster without a leader answers as one does that never had a stream.
 */
import {
  message_id_header,
  messageIdOf,
  sumOf,
  unpacked_bytes_max,
  writeHead,
} from "../../platform/nats/batch-head.ts";
import { newHeaders, type NatsConnection, type NatsLink } from "../../platform/nats/connection.ts";
import { messageOf } from "../../platform/errors.ts";
import { batchSubject } from "../../platform/nats/subjects.ts";
import { machineName, runId } from "../../platform/process/machine-name.ts";
import type { Packing, Shipment } from "./shipment.ts";

const KiB = 1024;
/** Of a body: a server takes 1 MiB with the headers, if nobody has set another limit. */
export const message_bytes_max = 900 * KiB;
const headers_bytes_max = 8 * KiB;
/** Of what it says of its host. */
const host_length_max = 64;
const answer_ms_max = 5000;
/** Under one id; during an election nobody answers once. */
const unanswered_max = 2;

/** What keeps batches from the stream: each word is one that the status and the metrics know. */
export type Trouble =
  "unreachable" | "no_answer" | "no_stream" | "stream_full" | "forbidden" | "refused";

export type Published =
  | { readonly kind: "stored"; readonly sequence: number; readonly duplicate: boolean }
  /** It has got its receipt before it was published again. */
  | { readonly kind: "ended" }
  | { readonly kind: "too_large"; readonly bytes: number; readonly bytes_max: number }
  | { readonly kind: "trouble"; readonly trouble: Trouble; readonly detail: string };

export interface PublisherOptions {
  agent: string;
  prefix: string;
  packing: Packing;
}

interface Message {
  readonly body: Buffer;
  readonly head: Awaited<ReturnType<typeof newHeaders>>;
  /** Of the body before it was packed. */
  readonly unpacked_bytes: number;
}

/** What a stream answers. */
interface PubAck {
  seq?: number;
  duplicate?: boolean;
  error?: { err_code?: number; description?: string };
}

const code_too_large = 10054;
const code_duplicate = 10158;
const codes_full: readonly (number | undefined)[] = [10077, 10047, 10023, 10120];

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #link: NatsLink;
  /** Resolves when all that came before is on its way: batches of a lane go in their order, whichever is packed first. */
  #sent: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions, link: NatsLink) {
    this.#options = options;
    this.#link = link;
  }

  /** Never rejects. */
  async publish(shipment: Shipment): Promise<Published> {
    const before = this.#sent;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sent = promise;
    try {
      const { batch } = shipment;
      const [body, head] = await Promise.all([
        batch.compressed ?? batch.body,
        newHeaders(),
        before,
      ]);
      const published = this.#publish(shipment, { body, head });
      resolve();
      return await published;
    } finally {
      resolve();
    }
  }

  /** What is sent is sent when it returns. */
  async #publish(
    shipment: Shipment,
    { body, head }: Omit<Message, "unpacked_bytes">,
  ): Promise<Published> {
    // Its buffer may be another batch's then.
    if (shipment.ended) return { kind: "ended" };
    const connection = this.#link.connection;
    if (connection === undefined) return troubleOf("unreachable", "no server is connected");
    const { batch } = shipment;
    // However small it is when it is packed, no aggregator takes more.
    const unpacked_bytes = batch.bytesOf(batch.open);
    if (unpacked_bytes > unpacked_bytes_max)
      return { kind: "too_large", bytes: unpacked_bytes, bytes_max: unpacked_bytes_max };
    const bytes_max = bodyBytesMax(connection);
    if (body.length > bytes_max) return { kind: "too_large", bytes: body.length, bytes_max };
    const published = await this.#ask(connection, shipment, { body, head, unpacked_bytes });
    if (published.kind === "trouble" && published.trouble === "no_answer") shipment.unanswered += 1;
    return published;
  }

  async #ask(connection: NatsConnection, shipment: Shipment, message: Message): Promise<Published> {
    try {
      const answer = await this.#request(connection, shipment, message);
      this.#link.answered();
      return readAnswer(JSON.parse(answer) as PubAck, message.body.length);
    } catch (cause) {
      return this.#failed(cause, connection);
    }
  }

  async #request(
    connection: NatsConnection,
    shipment: Shipment,
    { body, head, unpacked_bytes: bytes }: Message,
  ): Promise<string> {
    const { agent, prefix, packing } = this.#options;
    const { batch, lane, first } = shipment;
    shipment.sum ??= sumOf(body);
    const { index } = batch;
    const counts = { epoch: lane.epoch, first, count: batch.open, bytes };
    // Whoever proves lanes wants them in Splunk.
    const placed = lane.recorder !== undefined;
    const run = { instance: runId(), host: machineName().slice(0, host_length_max) };
    const told = { agent, lane: lane.id, sum: shipment.sum, packing, index, placed, run };
    writeHead({ ...told, ...counts }, (name, value) => head.set(name, value));
    head.set(message_id_header, messageIdOf(agent, shipment.id, idNumber(shipment)));
    const subject = batchSubject(prefix, agent, lane.id);
    const reply = await connection.request(subject, body, {
      timeout: answer_ms_max,
      headers: head,
    });
    return reply.string();
  }

  #failed(cause: unknown, connection: NatsConnection): Published {
    const detail = messageOf(cause);
    const names = namesOf(cause);
    if (names.has("PermissionViolationError") || this.#link.forbidden !== undefined)
      return troubleOf("forbidden", this.#link.forbidden ?? detail);
    this.#link.unanswered(connection);
    if (this.#link.connection === undefined) return troubleOf("unreachable", detail);
    if (names.has("NoResponders") || names.has("NoRespondersError"))
      return troubleOf("no_stream", "no stream takes the subject, or it has no leader");
    if (names.has("TimeoutError")) return troubleOf("no_answer", detail);
    return troubleOf("refused", detail);
  }
}

/**
 * Another one when it was published again, and where nobody has answered for some time: a server can note an id before it has the
 * message, lose that as the leader changes, and then answer nothing, or with no place, for as long as it remembers ids. Aggregators
 * recognise batches by their numbers.
 */
function idNumber({ repeats, unanswered }: Shipment): number {
  return repeats + Math.floor(unanswered / unanswered_max);
}

function readAnswer({ seq, duplicate = false, error }: PubAck, bytes: number): Published {
  if (error === undefined && typeof seq === "number" && seq > 0)
    return { kind: "stored", sequence: seq, duplicate };
  if (error === undefined ? seq === 0 : error.err_code === code_duplicate)
    return troubleOf("no_answer", "the stream knows its id, and does not say where it has it");
  const code = error?.err_code;
  const detail = `${error?.description ?? "an answer that is not known"} (${code ?? "no code"})`;
  if (code === code_too_large) return { kind: "too_large", bytes, bytes_max: bytes - 1 };
  return troubleOf(codes_full.includes(code) ? "stream_full" : "refused", detail);
}

function bodyBytesMax({ info }: NatsConnection): number {
  return Math.min(message_bytes_max, (info?.max_payload ?? Infinity) - headers_bytes_max);
}

function troubleOf(trouble: Trouble, detail: string): Published {
  return { kind: "trouble", trouble, detail };
}

/** Of an error, and what caused it. */
function namesOf(cause: unknown): Set<string> {
  const names = new Set<string>();
  for (let error = cause; error instanceof Error; error = error.cause) names.add(error.name);
  return names;
}
