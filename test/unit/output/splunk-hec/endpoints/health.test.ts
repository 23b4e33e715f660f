/** What the answers of the health and the acknowledgement endpoint mean. */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../../../src/output/splunk-hec/endpoints/hec-client.ts";
import {
  decideAckCheck,
  decideHealth,
} from "../../../../../src/output/splunk-hec/endpoints/health.ts";
import { Secret } from "../../../../../src/platform/secret.ts";

const facts = { token: new Secret("a-token"), now_ms: 0 };

function answer(status: number, body = ""): Outcome {
  return { answer: { status, content_type: undefined, retry_after: undefined, body } };
}

const said = (code: number): string => JSON.stringify({ text: "as Splunk says", code });

describe("health", () => {
  test.each([
    ["200 code 17", answer(200, said(17))],
    ["200 of another receiver", answer(200, '{"text":"Success","code":200}')],
    ["400, a bad token", answer(400, said(21))],
    ["401", answer(401)],
    ["404, no such endpoint", answer(404, said(404))],
    ["503, only acknowledgements do not work", answer(503, said(19))],
  ])("health - %s is worth a try", (_, outcome) => {
    expect(decideHealth(outcome, facts)).toBeUndefined();
  });

  test.each([
    ["503 code 18", answer(503, said(18)), "retry", "queues_full"],
    ["503 code 20", answer(503, said(20)), "retry", "queues_full"],
    ["503 code 23", answer(503, said(23)), "retry", "shutting_down"],
    ["502 with a page", answer(502, "<html>"), "retry", "server_error"],
    ["200 with a page", answer(200, "<html>"), "retry", "unexpected_answer"],
    ["429", answer(429), "retry", "too_many_requests"],
    ["307", answer(307), "blocked", "redirect"],
    ["silence", { failure: { code: "ETIMEDOUT", message: "late" } }, "retry", "timeout"],
  ] satisfies [string, Outcome, string, string][])(
    "health - %s is not",
    (_, outcome, kind, reason) => {
      expect(decideHealth(outcome, facts)).toMatchObject({ kind, reason, scope: "endpoint" });
    },
  );
});

describe("acknowledgement", () => {
  test("ack check - an answer with acks says that the token has them", () => {
    expect(decideAckCheck(answer(200, '{"acks":{"0":false}}'), facts)).toBeUndefined();
  });

  test.each([
    ["400 code 14", answer(400, said(14)), "blocked", "ack_disabled"],
    ["403", answer(403, said(4)), "pause", "invalid_token"],
    ["400 without a body", answer(400), "blocked", "bad_request"],
    ["200 for something else", answer(200, said(0)), "retry", "unexpected_answer"],
    ["503", answer(503), "retry", "server_error"],
    [
      "a refusal",
      { failure: { code: "ECONNREFUSED", message: "" } },
      "retry",
      "connection_refused",
    ],
  ] satisfies [string, Outcome, string, string][])(
    "ack check - %s says that it has not, or not now",
    (_, outcome, kind, reason) => {
      expect(decideAckCheck(outcome, facts)).toMatchObject({ kind, reason, scope: "endpoint" });
    },
  );
});
