/**
 * Answers one request after another: who asks, for what, and with what content; then delivers, then answers.
 *
 * The content of a request is one delivery, kept as a whole or not at all, and 200 is said only once it is kept. So
 * no sender is told to repeat what was kept, and none believes to be kept what was not.
 *
 * Whatever keeps events from being accepted is answered 503 with code 9, "Server is busy": every known HEC client and
 * today's MinIO send again after it, while after 4xx most throw the events away. Those that never send again (WEKA,
 * MinIO before 2021) lose the event whatever the answer is.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Origin, Records } from "../../event/block.ts";
import { MetadataVariants } from "../../event/metadata.ts";
import { TimestampReader } from "../../event/time/timestamp-reader.ts";
import type { Clock } from "../../platform/clock.ts";
import { framerOf } from "../framing-option.ts";
import type { Acceptance, JournaledIntake } from "../input.ts";
import { Acknowledgements } from "./http/acknowledgements.ts";
import type { Authorizer } from "./http/authorization.ts";
import { rawBody } from "./body/raw-body.ts";
import { BodyContentReader, type BodyContent } from "./body/body-content.ts";
import { BodyMemory } from "./body/body-memory.ts";
import { packingOf, readBody, type Packing } from "./body/body.ts";
import type { Connections } from "./http/connections.ts";
import { contentFaults, type ContentFault } from "./body/content-fault.ts";
import type { Notices } from "./notices.ts";
import type { HecInputOptions } from "./options.ts";
import { jsonReply, replies, type Reply } from "./http/replies.ts";
import { QueryReader, type RequestQuery } from "./http/request-query.ts";
import { routeOf, type Endpoint } from "./http/routes.ts";

const MiB = 1024 * 1024;
/** What all bodies that are being read may take together, beside that of one. */
const bodies_bytes_max = 64 * MiB;
/** A query for some 100,000 acknowledgements. */
const ack_bytes_max = MiB;

export interface ReceiverDeps {
  readonly options: HecInputOptions;
  readonly authorizer: Authorizer;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly intake: JournaledIntake;
  readonly connections: Connections;
  readonly notices: Notices;
}

/** What is known of a request before its body is read. */
interface Admission {
  readonly endpoint: Exclude<Endpoint, "health">;
  /** Read again with the body, as the metadata that it adds to may change before that. */
  readonly query_text: string;
  readonly channel: string | undefined;
  readonly packing: Packing;
  readonly bytes_max: number;
}

export class Receiver {
  readonly #deps: ReceiverDeps;
  readonly #variants = new MetadataVariants();
  readonly #timestamps = new TimestampReader();
  readonly #content: BodyContentReader;
  #queries: QueryReader;
  readonly #acknowledgements = new Acknowledgements();
  readonly #memory = new BodyMemory(bodies_bytes_max);
  #state: "open" | "leaving" | "stopping" = "open";

  constructor(deps: ReceiverDeps) {
    this.#deps = deps;
    const { options, origin } = deps;
    const variants = this.#variants;
    const timestamps = this.#timestamps;
    this.#queries = new QueryReader(origin.metadata, variants, timestamps);
    const event_bytes_max = options.max_event_bytes;
    this.#content = new BodyContentReader({
      origin,
      raw_framer: options.framing === undefined ? rawBody : framerOf(options.framing, "stream"),
      event_bytes_max,
      variants,
      timestamps,
    });
  }

  /** Has all bodies that are read from now on carry this. */
  describe(origin: Origin): void {
    this.#queries = new QueryReader(origin.metadata, this.#variants, this.#timestamps);
    this.#content.origin = origin;
  }

  /** Has each connection be closed with its next answer. */
  leave(): void {
    this.#state = "leaving";
  }

  /** From now on nothing is delivered: whoever still sends is told to send elsewhere. */
  refuse(): void {
    this.#state = "stopping";
  }

  /** Answers a request. With `continuing`, its client waits for a word before it sends the body. */
  handle(request: IncomingMessage, response: ServerResponse, continuing: boolean): void {
    const admission = this.#admit(request);
    if ("status" in admission) {
      // Whether the body follows all the same is not known, so nothing can be read after it.
      if (continuing) response.shouldKeepAlive = false;
      this.#answer(response, admission);
      return;
    }
    if (continuing) response.writeContinue();
    void this.#respond(request, response, admission);
  }

  async #respond(
    request: IncomingMessage,
    response: ServerResponse,
    admission: Admission,
  ): Promise<void> {
    const reply = await this.#receive(request, admission);
    if (reply !== undefined) this.#answer(response, reply);
  }

  /** Judges a request by its head: the answer, where no body is needed for it. */
  #admit(request: IncomingMessage): Admission | Reply {
    const url = request.url ?? "";
    const mark = url.indexOf("?");
    const endpoint = routeOf(request.method ?? "", mark === -1 ? url : url.slice(0, mark));
    if (typeof endpoint !== "string") return endpoint;
    if (endpoint === "health") return this.#health();
    const { headers } = request;
    const query_text = mark === -1 ? "" : url.slice(mark + 1);
    const query = this.#queries.read(query_text);
    const refusal = this.#authorize(request, query);
    if (refusal !== undefined) return refusal;
    if (this.#state === "stopping") return replies.shutting_down;
    const header = headers["x-splunk-request-channel"];
    const channel = typeof header === "string" ? header : query.channel;
    const channel_fault = this.#channelFault(endpoint, channel);
    if (channel_fault !== undefined) return channel_fault;
    const packing = packingOf(headers["content-encoding"]);
    if (packing === "unknown") return replies.encoding_unknown;
    const { max_body } = this.#deps.options;
    const bytes_max = endpoint === "ack" ? Math.min(ack_bytes_max, max_body) : max_body;
    if (Number(headers["content-length"] ?? 0) > bytes_max) return this.#tooLarge(request);
    return { endpoint, query_text, channel, packing, bytes_max };
  }

  #authorize(request: IncomingMessage, query: RequestQuery): Reply | undefined {
    const { notices, connections } = this.#deps;
    const authorization = query.has_token
      ? replies.query_token
      : this.#deps.authorizer.authorize(request.headers.authorization);
    if (typeof authorization !== "string") {
      notices.note("refused", { ...clientOf(request), status: authorization.status });
      return authorization;
    }
    if (authorization === "granted_quoted") notices.note("quoted", clientOf(request));
    connections.trust(request.socket);
    return undefined;
  }

  #channelFault(endpoint: Admission["endpoint"], channel: string | undefined): Reply | undefined {
    if (!this.#deps.options.ack) return endpoint === "ack" ? replies.ack_disabled : undefined;
    if (channel === undefined) return endpoint === "ack" ? replies.channel_missing : undefined;
    return this.#acknowledgements.isChannel(channel) ? undefined : replies.channel_invalid;
  }

  /** Undefined where nobody is there any more to be answered. Never rejects. */
  async #receive(request: IncomingMessage, admission: Admission): Promise<Reply | undefined> {
    const { endpoint, packing, bytes_max, channel } = admission;
    const limits = { memory: this.#memory, bytes_max };
    const { body, release } = await readBody(request, packing, limits);
    if (body.kind === "gone") return undefined;
    if (body.kind === "too_large") return this.#tooLarge(request);
    if (endpoint === "ack") {
      release();
      return this.#acknowledgements.answer(channel ?? "", body.bytes);
    }
    const now_ms = this.#deps.clock.now();
    let outcome: Reply | Promise<Acceptance>;
    if (this.#state === "stopping") outcome = replies.shutting_down;
    else if (body.kind === "unpackable") {
      outcome = this.#quarantine(request, this.#content.whole(body.bytes, now_ms));
    } else {
      const query = this.#queries.read(admission.query_text);
      const content = this.#content.read(body.bytes, endpoint, query, now_ms);
      outcome = this.#deliver(request, content);
    }
    release();
    if (!(outcome instanceof Promise)) return outcome;
    return this.#replyTo(request, await outcome, channel);
  }

  #deliver(request: IncomingMessage, content: BodyContent): Reply | Promise<Acceptance> {
    const { kind, records, fault } = content;
    if (kind === "blank") return replies.no_data;
    if (kind === "no_records") return replies.success;
    if (kind === "too_many") return this.#tooLarge(request);
    if (kind === "probe") {
      this.#deps.notices.note("probe", clientOf(request));
      return replies.success;
    }
    const announced = request.headers["x-minio-webhook-payload-count"];
    if (announced !== undefined && Number(announced) !== records.count) {
      const facts = { ...clientOf(request), announced: Number(announced), found: records.count };
      this.#deps.notices.note("payload_count", facts);
    }
    const refusal = fault === undefined ? undefined : this.#judge(request, fault);
    return refusal ?? this.#deps.intake.accept(records);
  }

  /** For a body that cannot even be unpacked. */
  #quarantine(request: IncomingMessage, records: Records): Reply | Promise<Acceptance> {
    const fault = contentFaults.unpackable;
    const { reason, detail } = fault.verdict;
    return this.#judge(request, fault) ?? this.#deps.intake.quarantine(records, reason, detail);
  }

  /** Notes bad content; the answer, where it is to be refused. */
  #judge(request: IncomingMessage, fault: ContentFault): Reply | undefined {
    const { notices, options } = this.#deps;
    const { bad_content } = options;
    notices.note("bad_content", {
      ...clientOf(request),
      reason: fault.verdict.reason,
      bad_content,
    });
    return bad_content === "refuse" ? fault.reply : undefined;
  }

  #replyTo(request: IncomingMessage, acceptance: Acceptance, channel: string | undefined): Reply {
    if (acceptance !== "accepted") {
      this.#deps.notices.note("not_kept", { ...clientOf(request), acceptance });
      return replies.server_busy;
    }
    if (channel === undefined || !this.#deps.options.ack) return replies.success;
    const ackId = this.#acknowledgements.give(channel);
    return jsonReply(200, { text: "Success", code: 0, ackId });
  }

  #tooLarge(request: IncomingMessage): Reply {
    this.#deps.notices.note("too_large", clientOf(request));
    return replies.body_too_large;
  }

  #health(): Reply {
    if (this.#state === "stopping") return replies.shutting_down;
    return this.#deps.intake.room() === undefined ? replies.healthy : replies.unhealthy;
  }

  #answer(response: ServerResponse, reply: Reply): void {
    if (response.destroyed) return;
    if (this.#state !== "open") response.shouldKeepAlive = false;
    response.writeHead(reply.status, reply.headers as string[]);
    response.end(reply.body);
  }
}

function clientOf(request: IncomingMessage): { client: string } {
  return { client: request.socket.remoteAddress ?? "a UNIX socket" };
}
