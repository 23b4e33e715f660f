/**
 * What an answer of Splunk means: from an answer, or the failure to get one, to one decision as data.
 *
 * Delivered is only what Splunk itself says it has taken: status 200 and its JSON body with code 0, 24 or 25.
 * Everything else keeps the events. Facts: "Troubleshoot HTTP Event Collector", table of status codes.
 */
import type { Secret } from "../platform/secret.ts";
import { retryAfterMs } from "./backoff.ts";

/** An HTTP answer. `body` is its beginning only, where it was long. */
export interface Answer {
  readonly status: number;
  readonly content_type: string | undefined;
  readonly retry_after: string | undefined;
  readonly body: string;
}

/** Why there was no answer, or not a whole one. `code` is Node's or undici's. */
export interface TransportFailure {
  readonly code: string;
  readonly message: string;
}

export interface Refusal {
  /**
   * - retry: passes by itself;
   * - pause: the credentials are refused, until somebody mends them;
   * - blocked: the same request would be refused again, until somebody mends something.
   */
  readonly kind: "retry" | "pause" | "blocked";
  /** Whether the cause lies in the server or the configuration, or in what this one batch holds. */
  readonly scope: "endpoint" | "batch";
  /** One of a bounded set of words. */
  readonly reason: string;
  /** For the log: what came, without anything from an event, and without the token. */
  readonly detail: string;
  /** What the server asks to wait at least. */
  readonly wait_ms: number;
  readonly status?: number;
  /** Splunk's code. */
  readonly code?: number;
  /** Splunk's hint at the event that it stumbled over; those before it may have been taken. */
  readonly invalid_event_number?: number;
}

export interface Delivered {
  readonly kind: "delivered";
  /** Splunk took it, and says that its queues are filling up (codes 24 and 25). */
  readonly slow: boolean;
}

export type Decision = Delivered | Refusal;
type Judgement = Pick<Refusal, "kind" | "scope" | "reason">;

const text_length_max = 120;

/** What Splunk's own codes mean, whatever the status; codes that are missing here go by the status. */
const judgement_by_code: Readonly<Record<number, Judgement>> = {
  1: { kind: "pause", scope: "endpoint", reason: "token_disabled" },
  2: { kind: "pause", scope: "endpoint", reason: "token_required" },
  3: { kind: "pause", scope: "endpoint", reason: "invalid_authorization" },
  4: { kind: "pause", scope: "endpoint", reason: "invalid_token" },
  5: { kind: "blocked", scope: "batch", reason: "no_data" },
  6: { kind: "blocked", scope: "batch", reason: "invalid_data_format" },
  7: { kind: "blocked", scope: "batch", reason: "incorrect_index" },
  8: { kind: "retry", scope: "endpoint", reason: "internal_server_error" },
  9: { kind: "retry", scope: "endpoint", reason: "server_busy" },
  10: { kind: "blocked", scope: "endpoint", reason: "channel_missing" },
  11: { kind: "blocked", scope: "endpoint", reason: "invalid_channel" },
  12: { kind: "blocked", scope: "batch", reason: "event_required" },
  13: { kind: "blocked", scope: "batch", reason: "event_blank" },
  14: { kind: "blocked", scope: "endpoint", reason: "ack_disabled" },
  15: { kind: "blocked", scope: "batch", reason: "indexed_fields" },
  16: { kind: "blocked", scope: "endpoint", reason: "query_authorization" },
  18: { kind: "retry", scope: "endpoint", reason: "queues_full" },
  19: { kind: "retry", scope: "endpoint", reason: "ack_unavailable" },
  20: { kind: "retry", scope: "endpoint", reason: "queues_full" },
  21: { kind: "pause", scope: "endpoint", reason: "invalid_token" },
  22: { kind: "pause", scope: "endpoint", reason: "token_disabled" },
  23: { kind: "retry", scope: "endpoint", reason: "shutting_down" },
  26: { kind: "retry", scope: "endpoint", reason: "queue_at_capacity" },
  27: { kind: "retry", scope: "endpoint", reason: "ack_channel_at_capacity" },
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
  413: { kind: "blocked", scope: "batch", reason: "too_large" },
  429: { kind: "retry", scope: "endpoint", reason: "too_many_requests" },
};

/** What to do after an answer to `token`, come at `now_ms` (wall clock, for a Retry-After that is a date). */
export function decideAnswer(answer: Answer, token: Secret, now_ms: number): Decision {
  const { status } = answer;
  const reply = parseReply(answer.body);
  const { code } = reply;
  if (status === 200 && (code === 0 || code === 24 || code === 25)) {
    return { kind: "delivered", slow: code !== 0 };
  }
  const said =
    code === undefined
      ? `an answer of type ${printable(answer.content_type ?? "unknown", token)} that is not Splunk's`
      : `Splunk's code ${code}, "${printable(reply.text, token)}"`;
  return {
    ...judge(status, code),
    detail: `HTTP ${status}, ${said}`,
    wait_ms: retryAfterMs(answer.retry_after, now_ms),
    status,
    ...(code === undefined ? {} : { code }),
    ...(reply.invalid_event_number === undefined
      ? {}
      : { invalid_event_number: reply.invalid_event_number }),
  };
}

/** What to do when no whole answer came. Whether Splunk took the events is then unknown, so they are sent again. */
export function decideFailure(failure: TransportFailure, token: Secret): Refusal {
  const reason = transportReason(failure.code);
  const kind = reason === "tls" ? "blocked" : "retry";
  const detail = `${printable(failure.code, token)}: ${printable(failure.message, token)}`;
  return { kind, scope: "endpoint", reason, detail, wait_ms: 0 };
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

interface Reply {
  code: number | undefined;
  text: string;
  invalid_event_number: number | undefined;
}

function parseReply(body: string): Reply {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null) parsed = {};
  const { code, text, ...rest } = parsed as Record<string, unknown>;
  const number = rest["invalid-event-number"];
  return {
    code: typeof code === "number" && Number.isSafeInteger(code) ? code : undefined,
    text: typeof text === "string" ? text : "",
    invalid_event_number: Number.isSafeInteger(number) ? (number as number) : undefined,
  };
}

const reason_by_transport_code: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  UND_ERR_SOCKET: "connection_reset",
  ENOTFOUND: "name_resolution",
  EAI_AGAIN: "name_resolution",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
};

function transportReason(code: string): string {
  const known = Object.hasOwn(reason_by_transport_code, code)
    ? reason_by_transport_code[code]
    : undefined;
  if (known !== undefined) return known;
  if (/CERT|^ERR_TLS|^ERR_SSL|^EPROTO|SIGNATURE|ISSUER/.test(code)) return "tls";
  // A broken answer: cut short, or no HTTP at all.
  if (/^HPE_|^HTTPParserError$|^UND_ERR_/.test(code)) return "broken_answer";
  return "network";
}

/** Text from outside, fit for one line of a log. The token goes first: cut, it would not be recognised. */
function printable(text: string, token: Secret): string {
  return token
    .hideIn(text)
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, text_length_max);
}
