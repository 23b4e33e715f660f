/**
 * What the health endpoint and the acknowledgement endpoint say of an endpoint, before events are risked with it.
 *
 * They do not check the token, so a good answer means no more than that it is worth a try.
 */
import type { Secret } from "../../../platform/secret.ts";
import type { HecRequest, Outcome } from "./hec-client.ts";
import { isAcknowledgement } from "../answers/reply.ts";
import { decideAnswer, decideFailure, type AnswerContext, type Wait } from "../answers/response.ts";

export const health_request: HecRequest = { method: "GET", path: "/services/collector/health" };

/** Splunk's code for queues that work and acknowledgements that do not. */
const code_ack_unavailable = 19;

interface HealthContext {
  token: Secret;
  now_ms: number;
}

/** Why nothing is to be sent there now; undefined where it is worth a try. */
export function decideHealth(outcome: Outcome, context: HealthContext): Wait | undefined {
  if ("failure" in outcome) return decideFailure(outcome.failure, context.token);
  const { answer } = outcome;
  // Receivers that are not Splunk may not have it, and a token that is refused is for an event's answer to show.
  const may_work = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  if (may_work || isHealthy(answer.status, answer.body)) return undefined;
  const wait = waitOf(decideAnswer(answer, answerContext(context)));
  return wait.code === code_ack_unavailable ? undefined : wait;
}

/** Why a token cannot acknowledge, from the answer to a query in a new channel; undefined where it can. */
export function decideAckCheck(outcome: Outcome, context: HealthContext): Wait | undefined {
  if ("failure" in outcome) return decideFailure(outcome.failure, context.token);
  const { answer } = outcome;
  if (answer.status === 200 && isAcknowledgement(answer.body)) return undefined;
  return waitOf(decideAnswer(answer, answerContext(context)));
}

function isHealthy(status: number, body: string): boolean {
  return status === 200 && body.trimStart().startsWith("{");
}

/** As of a request with one event that must not end anywhere. */
function answerContext(context: HealthContext): AnswerContext {
  return { ...context, sent: { events: 1, bytes: 0 } };
}

function waitOf(decision: ReturnType<typeof decideAnswer>): Wait {
  if (decision.kind === "delivered") {
    const detail = "an answer to another question";
    return {
      kind: "retry",
      scope: "endpoint",
      reason: "unexpected_answer",
      detail,
      wait_ms: 0,
      taken: 0,
    };
  }
  const { kind } = decision;
  const waits = kind === "retry" || kind === "pause" || kind === "blocked";
  return { ...decision, kind: waits ? kind : "blocked", scope: "endpoint", taken: 0 };
}
