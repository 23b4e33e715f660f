/**
 * What an answer of Splunk means: from an answer, or the failure to get one, to one decision as data.
 *
 * Delivered is only what Splunk itself says it has taken: status 200 and its JSON body with code 0, 24 or 25.
 * Everything else keeps the events. Facts: "Troubleshoot HTTP Event Collector", table of status codes.
 */
import type { Secret } from "../../../platform/secret.ts";
import { retryAfterMs } from "./backoff.ts";
import { batch_bytes_max } from "../options.ts";
import type { TransportFailure } from "../../network/failure.ts";
import { parseReply, type Reply } from "./reply.ts";

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly content_type: string | undefined;
  readonly retry_after: string | undefined;
  readonly date?: string | undefined;
  /** The `Set-Cookie` headers. */
  readonly cookies?: readonly string[];
  /** Empty where `is_cut`. */
  readonly body: string;
  /** Whether it went on beyond what Splunk ever says, so that it was not read to its end, and means nothing. */
  readonly is_cut?: boolean;
}

/** What the request held that was answered. */
export interface Sent {
  readonly events: number;
  /** Of the body, before compression. */
  readonly bytes: number;
}

interface Refused {
  /** Whether the cause lies in the server or the configuration, or in what this one batch holds. */
  readonly scope: "endpoint" | "batch";
  /** One of a bounded set of words. */
  readonly reason: string;
  /** For the log: what came, without anything from an event, and without the token. */
  readonly detail: string;
  /** What the server asks to wait at least. */
  readonly wait_ms: number;
  /** Events at the head of the request that Splunk has taken all the same; they must not be sent again. */
  readonly taken: number;
  readonly status?: number;
  /** Splunk's code. */
  readonly code?: number;
  /** Under which Splunk will acknowledge what it has taken. */
  readonly ack_id?: number;
}

/** What was not taken is to be sent again as it is, after a wait. */
export interface Wait extends Refused {
  /**
   * - retry: passes by itself;
   * - pause: the credentials are refused, until that is fixed;
   * - blocked: the same request would be refused again, until that is fixed.
   */
  readonly kind: "retry" | "pause" | "blocked";
}

/** The same request would be refused again, and smaller ones would not, but for those with the cause. */
export interface Narrowing extends Refused {
  /**
   * - isolate: Splunk names the event after the taken ones as the cause;
   * - bisect: one of the events is the cause, and Splunk does not say which;
   * - halve: the request is too large;
   * - quarantine: its only event is the cause.
   */
  readonly kind: "isolate" | "bisect" | "halve" | "quarantine";
}

export type Refusal = Wait | Narrowing;

export interface Delivered {
  readonly kind: "delivered";
  /** Splunk took it, and says that its queues are filling up (codes 24 and 25). */
  readonly slow: boolean;
  /** Under which Splunk will acknowledge it; undefined where the token is without acknowledgement. */
  readonly ack_id?: number;
}

export type Decision = Delivered | Refusal;

interface Judgement {
  /** As in a decision; or that the cause is an event, or the size. */
  readonly kind: Wait["kind"] | "event" | "size";
  readonly scope: Refused["scope"];
  readonly reason: string;
  /**
   * What `invalid-event-number` tells where it comes along: the first event that was not taken, or the one
   * after it (measured for code 7). Without this the number is not believed.
   */
  readonly number_names?: "first_open" | "second_open";
}

/**
 * Splunk Cloud answers a body that is too large with code 6 and number 0 (measured above 5,242,880 bytes), and the
 * oldest Splunks take 1,000,000 bytes. Above this, such an answer is first taken to be about the size.
 */
const size_doubted_from = 1_000_000;

const text_length_max = 120;

/** What Splunk's own codes mean, whatever the status; codes that are missing here go by the status. */
const judgement_by_code: Readonly<Record<number, Judgement>> = {
  1: { kind: "pause", scope: "endpoint", reason: "token_disabled" },
  2: { kind: "pause", scope: "endpoint", reason: "token_required" },
  3: { kind: "pause", scope: "endpoint", reason: "invalid_authorization" },
  4: { kind: "pause", scope: "endpoint", reason: "invalid_token" },
  5: { kind: "event", scope: "batch", reason: "no_data" },
  6: {
    kind: "event",
    scope: "batch",
    reason: "invalid_data_format",
    number_names: "first_open",
  },
  // A batch has one index, so this is about all of its events: a wrong setting, and no fault of theirs.
  7: { kind: "blocked", scope: "batch", reason: "incorrect_index", number_names: "second_open" },
  8: { kind: "retry", scope: "endpoint", reason: "internal_server_error" },
  9: { kind: "retry", scope: "endpoint", reason: "server_busy", number_names: "first_open" },
  10: { kind: "blocked", scope: "endpoint", reason: "channel_missing" },
  11: { kind: "blocked", scope: "endpoint", reason: "invalid_channel" },
  12: { kind: "event", scope: "batch", reason: "event_required", number_names: "first_open" },
  13: { kind: "event", scope: "batch", reason: "event_blank", number_names: "first_open" },
  14: { kind: "blocked", scope: "endpoint", reason: "ack_disabled" },
  15: { kind: "event", scope: "batch", reason: "indexed_fields", number_names: "first_open" },
  16: { kind: "blocked", scope: "endpoint", reason: "query_authorization" },
  18: { kind: "retry", scope: "endpoint", reason: "queues_full" },
  19: { kind: "retry", scope: "endpoint", reason: "ack_unavailable" },
  20: { kind: "retry", scope: "endpoint", reason: "queues_full" },
  21: { kind: "pause", scope: "endpoint", reason: "invalid_token" },
  22: { kind: "pause", scope: "endpoint", reason: "token_disabled" },
  23: { kind: "retry", scope: "endpoint", reason: "shutting_down" },
  26: { kind: "retry", scope: "endpoint", reason: "queue_at_capacity", number_names: "first_open" },
  27: {
    kind: "retry",
    scope: "endpoint",
    reason: "ack_channel_at_capacity",
    number_names: "first_open",
  },
  28: { kind: "blocked", scope: "endpoint", reason: "channel_missing" },
};

/** What a status means where Splunk's code does not say more. */
const judgement_by_status: Readonly<Record<number, Judgement>> = {
  400: { kind: "blocked", scope: "batch", reason: "bad_request" },
  401: { kind: "pause", scope: "endpoint", reason: "unauthorized" },
  403: { kind: "pause", scope: "endpoint", reason: "forbidden" },
  // Also what Splunk may answer for a while during a rolling restart.
  404: { kind: "blocked", scope: "endpoint", reason: "not_found" },
  408: { kind: "retry", scope: "endpoint", reason: "request_timeout" },
  413: { kind: "size", scope: "batch", reason: "too_large" },
  429: { kind: "retry", scope: "endpoint", reason: "too_many_requests" },
};

/** What to do with what need not be sent, as no Splunk takes it: one event alone, beyond every limit. */
export function decideUnsent({ events, bytes }: Sent): Narrowing | undefined {
  if (events > 1 || bytes <= batch_bytes_max) return undefined;
  const detail = `${bytes} bytes; Splunk takes up to ${batch_bytes_max}`;
  return { kind: "quarantine", scope: "batch", reason: "too_large", detail, wait_ms: 0, taken: 0 };
}

export interface AnswerContext {
  /** What the request held. */
  sent: Sent;
  token: Secret;
  /** Wall clock, for a Retry-After that is a date. */
  now_ms: number;
  /** Whether nothing is asked after later, so that it does not matter under which number. */
  ignores_acks?: boolean;
}

/** What to do after an answer. */
export function decideAnswer(answer: Answer, context: AnswerContext): Decision {
  const { status } = answer;
  const { sent, token, now_ms, ignores_acks = false } = context;
  const reply = parseReply(answer.body);
  const { code, ack_id } = reply;
  const promise = ack_id === undefined ? {} : { ack_id };
  // What can never be asked after is not taken: the answer is not Splunk's, whatever else it says.
  const is_odd = reply.ack_id_unreadable && !ignores_acks;
  if (status === 200 && (code === 0 || code === 24 || code === 25) && !is_odd) {
    return { kind: "delivered", slow: code !== 0, ...promise };
  }
  const judgement = judge(status, code);
  const named = is_odd ? undefined : namedEvent(judgement, reply, sent);
  return {
    kind: kindOf(judgement, named, sent),
    scope: judgement.scope,
    reason: judgement.reason,
    detail: `HTTP ${status}, ${wordsOf(answer, reply, is_odd, token)}`,
    wait_ms: retryAfterMs(answer.retry_after, now_ms),
    taken: named ?? 0,
    status,
    ...(code === undefined ? {} : { code }),
    ...promise,
  };
}

/** What was said, for the log. */
function wordsOf(answer: Answer, reply: Reply, is_odd: boolean, token: Secret): string {
  const { code, text } = reply;
  if (answer.is_cut === true) return "an answer that does not end, which is not Splunk's";
  if (code === undefined)
    return `an answer of type ${printable(answer.content_type ?? "unknown", token)} that is not Splunk's`;
  const id = is_odd ? ", and an ackId that is not a number of Splunk's (ack: off ignores it)" : "";
  return `Splunk's code ${code}, "${printable(text, token)}"${id}`;
}

/** The number of the first event that Splunk says it has not taken; undefined for none or nonsense. */
function namedEvent(judgement: Judgement, reply: Reply, sent: Sent): number | undefined {
  const { number_names } = judgement;
  const { invalid_event_number: number } = reply;
  if (number_names === undefined || number === undefined) return undefined;
  const named = number_names === "first_open" ? number : number - 1;
  return named >= 0 && named < sent.events ? named : undefined;
}

function kindOf(judgement: Judgement, named: number | undefined, sent: Sent): Refusal["kind"] {
  const { kind, reason } = judgement;
  if (kind !== "event" && kind !== "size") return kind;
  if (sent.events === 1) return "quarantine";
  const size_doubted = reason === "invalid_data_format" && named === 0;
  if (kind === "size" || (size_doubted && sent.bytes > size_doubted_from)) return "halve";
  return named === undefined ? "bisect" : "isolate";
}

/** What to do when no whole answer came. Whether Splunk took the events is then unknown, so they are sent again. */
export function decideFailure(failure: TransportFailure, token: Secret): Wait {
  const reason = transportReason(failure.code);
  const kind = lasting_reasons.has(reason) ? "blocked" : "retry";
  const detail = `${printable(failure.code, token)}: ${printable(failure.message, token, 300)}`;
  return { kind, scope: "endpoint", reason, detail, wait_ms: 0, taken: 0 };
}

function judge(status: number, code: number | undefined): Judgement {
  if (status >= 200 && status < 300) {
    return { kind: "retry", scope: "endpoint", reason: "unexpected_answer" };
  }
  const by_status = judgeStatus(status);
  const by_code = code === undefined ? undefined : judgement_by_code[code];
  if (by_code === undefined) return by_status;
  // Only 400 leaves the meaning to the code. Elsewhere a code that does not fit is not Splunk's doing.
  return status === 400 || by_code.kind === by_status.kind ? by_code : by_status;
}

function judgeStatus(status: number): Judgement {
  const known = judgement_by_status[status];
  if (known !== undefined) return known;
  if (status >= 500) return { kind: "retry", scope: "endpoint", reason: "server_error" };
  if (status >= 400) return { kind: "blocked", scope: "endpoint", reason: "refused" };
  return { kind: "blocked", scope: "endpoint", reason: "redirect" };
}

const reason_by_transport_code: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  ENOTFOUND: "name_resolution",
  EAI_AGAIN: "name_resolution",
  ETIMEDOUT: "timeout",
  HEADERS_TIMEOUT: "timeout",
  BODY_TIMEOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
};

/** What does not pass by itself. */
const lasting_reasons = new Set(["tls", "proxy_tls", "proxy_authentication", "proxy_refused"]);

function transportReason(code: string): string {
  const known = Object.hasOwn(reason_by_transport_code, code)
    ? reason_by_transport_code[code]
    : undefined;
  if (known !== undefined) return known;
  if (code.startsWith("PROXY_")) return code.toLowerCase();
  if (/CERT|^ERR_TLS|^ERR_SSL|^EPROTO|SIGNATURE|ISSUER/.test(code)) return "tls";
  // What else OpenSSL finds wrong with a chain.
  if (/^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/.test(code))
    return "tls";
  // A broken answer: cut short, or no HTTP at all.
  if (code.startsWith("HPE_")) return "broken_answer";
  return "network";
}

/** Text from outside, fit for one line of a log. The token goes first: cut, it would not be recognised. */
function printable(text: string, token: Secret, length_max = text_length_max): string {
  return token
    .hideIn(text)
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, length_max);
}
