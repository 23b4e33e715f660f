/**
 * From an answer, or the failure to get one, to the cause that `doctor` names. What it means is for response.ts.
 */
import type { TransportFailure } from "../../output/network/failure.ts";
import {
  decideAnswer,
  decideFailure,
  type Answer,
  type AnswerContext,
} from "../../output/splunk-hec/answers/response.ts";
import type { Secret } from "../../platform/secret.ts";
import { isCause, type Cause } from "./causes.ts";

/** What an answer says, in the words of response.ts; `cause` is undefined where events were taken. */
export interface Meaning {
  readonly cause: Cause | undefined;
  /** Whether only what the request held was refused, and so neither token nor path. */
  readonly about_content: boolean;
  readonly slow: boolean;
  /** Splunk's code, where there is one. */
  readonly code: number | undefined;
  /** For people, without the token. */
  readonly detail: string;
}

const causes_by_reason: Readonly<Record<string, Cause>> = {
  request_timeout: "timeout",
  no_data: "event_refused",
  invalid_data_format: "event_refused",
  event_required: "event_refused",
  event_blank: "event_refused",
  indexed_fields: "event_refused",
  ack_channel_at_capacity: "queue_at_capacity",
};

/** What Splunk's code says of content, and of nothing else. */
const content_reasons = new Set([
  "no_data",
  "invalid_data_format",
  "event_required",
  "event_blank",
]);

export function meaningOfAnswer(
  answer: Answer,
  { bytes, ...context }: Omit<AnswerContext, "sent"> & { bytes: number },
): Meaning {
  const sent = { events: 1, bytes };
  const decision = decideAnswer(answer, { ...context, sent });
  if (decision.kind === "delivered") {
    const { slow } = decision;
    const detail = `HTTP ${answer.status}`;
    return { cause: undefined, about_content: false, slow, code: undefined, detail };
  }
  const { reason, detail, code } = decision;
  return {
    code,
    cause: answer.status === 415 ? "compression_refused" : causeOf(reason, "refused"),
    about_content: content_reasons.has(reason),
    slow: false,
    detail,
  };
}

export function meaningOfFailure(failure: TransportFailure, token: Secret): Meaning {
  const { reason, detail } = decideFailure(failure, token);
  const cause = causeOf(reason, "network");
  return { cause, about_content: false, slow: false, code: undefined, detail };
}

function causeOf(reason: string, other: Cause): Cause {
  return isCause(reason) ? reason : (causes_by_reason[reason] ?? other);
}
