/** The response table: one row for every answer that Splunk, a proxy or the network may give. */
import { describe, expect, test } from "vitest";
import {
  decideAnswer,
  decideFailure,
  decideUnsent,
  type Refusal,
  type Sent,
} from "../../../../../src/output/splunk-hec/answers/response.ts";
import { Secret } from "../../../../../src/platform/secret.ts";

const json = "application/json; charset=UTF-8";
const token = new Secret("6d15a8e4/secret");
const now_ms = Date.parse("2026-09-21T10:00:00Z");

const ten: Sent = { events: 10, bytes: 10_000 };
const one: Sent = { events: 1, bytes: 1000 };

interface More {
  type?: string;
  retry_after?: string;
  sent?: Sent;
}

function answer(status: number, body: string, more: More = {}) {
  const { type = json, retry_after, sent = ten } = more;
  const reply = { status, content_type: type, retry_after, body };
  return decideAnswer(reply, { sent, token, now_ms });
}

/** Splunk's answer to a request, by default to one with ten events. */
function numbered(status: number, code: number, number: unknown, sent = ten) {
  const body = JSON.stringify({ text: "as Splunk says", code, "invalid-event-number": number });
  return answer(status, body, { sent });
}

function coded(status: number, code: number, text = "as Splunk says") {
  return answer(status, JSON.stringify({ text, code }));
}

describe("delivered", () => {
  test.each([
    [0, false],
    [24, true],
    [25, true],
  ])("response - 200 with code %d is delivered", (code, slow) => {
    expect(coded(200, code)).toEqual({ kind: "delivered", slow });
  });

  test("response - an acknowledgement id and odd spacing do not matter", () => {
    const body = ' { "text" : "Success" , "code" : 0 , "ackId" : 7 } ';
    expect(answer(200, body).kind).toBe("delivered");
  });

  test.each([
    ["an HTML page", 200, "<html><body>Log in</body></html>"],
    ["nothing", 200, ""],
    ["JSON that is not Splunk's", 200, "{}"],
    ["a JSON string", 200, '"Success"'],
    ["null", 200, "null"],
    ["a code as text", 200, '{"text":"Success","code":"0"}'],
    ["a code with a fraction", 200, '{"text":"Success","code":0.5}'],
    ["a cut answer", 200, '{"text":"Success","code":0'],
    ["another code", 200, '{"text":"HEC is healthy","code":17}'],
    ["a refusal's code", 200, '{"text":"Invalid data format","code":6}'],
    ["another success", 201, '{"text":"Success","code":0}'],
    ["no content", 204, ""],
  ])("response - a 2xx with %s is not delivered", (_, status, body) => {
    expect(answer(status, body)).toMatchObject({
      kind: "retry",
      scope: "endpoint",
      reason: "unexpected_answer",
      status,
    });
  });
});

describe("an ackId that cannot be read", () => {
  const body = '{"text":"Success","code":0,"ackId":-1}';

  test.each(["-1", "1.5", "9007199254740992", "{}", '"x"', "[1]", "true"])(
    "response - %s: nothing is taken",
    (id) => {
      const decision = answer(200, `{"text":"Success","code":0,"ackId":${id}}`) as Refusal;
      expect(decision).toMatchObject({ kind: "retry", reason: "unexpected_answer", taken: 0 });
      expect(decision.detail).toMatch(/an ackId that is not a number of Splunk's/);
    },
  );

  test("response - nor are the events before the first that Splunk names", () => {
    const named = '{"text":"busy","code":9,"invalid-event-number":4,"ackId":-1}';
    expect(answer(503, named)).toMatchObject({ kind: "retry", taken: 0 });
  });

  test("response - it does not matter where nothing is asked after", () => {
    const reply = { status: 200, content_type: json, retry_after: undefined, body };
    const facts = { sent: ten, token, now_ms, ignores_acks: true };
    expect(decideAnswer(reply, facts)).toEqual({ kind: "delivered", slow: false });
  });
});

describe("codes", () => {
  type Row = [number, number, Refusal["kind"], Refusal["scope"], string];
  const rows: Row[] = [
    [403, 1, "pause", "endpoint", "token_disabled"],
    [401, 2, "pause", "endpoint", "token_required"],
    [401, 3, "pause", "endpoint", "invalid_authorization"],
    [403, 4, "pause", "endpoint", "invalid_token"],
    [400, 5, "bisect", "batch", "no_data"],
    [400, 6, "bisect", "batch", "invalid_data_format"],
    [400, 7, "blocked", "batch", "incorrect_index"],
    [500, 8, "retry", "endpoint", "internal_server_error"],
    [503, 9, "retry", "endpoint", "server_busy"],
    [400, 10, "blocked", "endpoint", "channel_missing"],
    [400, 11, "blocked", "endpoint", "invalid_channel"],
    [400, 12, "bisect", "batch", "event_required"],
    [400, 13, "bisect", "batch", "event_blank"],
    [400, 14, "blocked", "endpoint", "ack_disabled"],
    [400, 15, "bisect", "batch", "indexed_fields"],
    [400, 16, "blocked", "endpoint", "query_authorization"],
    [503, 18, "retry", "endpoint", "queues_full"],
    [503, 19, "retry", "endpoint", "ack_unavailable"],
    [503, 20, "retry", "endpoint", "queues_full"],
    [400, 21, "pause", "endpoint", "invalid_token"],
    [400, 22, "pause", "endpoint", "token_disabled"],
    [503, 23, "retry", "endpoint", "shutting_down"],
    [429, 26, "retry", "endpoint", "queue_at_capacity"],
    [429, 27, "retry", "endpoint", "ack_channel_at_capacity"],
    [400, 28, "blocked", "endpoint", "channel_missing"],
    [400, 99, "blocked", "batch", "bad_request"],
    // A code that does not fit the status is not Splunk's doing: the status decides.
    [403, 6, "pause", "endpoint", "forbidden"],
    [503, 6, "retry", "endpoint", "server_error"],
    [404, 404, "blocked", "endpoint", "not_found"],
    [405, 404, "blocked", "endpoint", "refused"],
  ];
  test.each(rows)("response - %d with code %d is %s (%s): %s", (...row) => {
    const [status, code, kind, scope, reason] = row;
    expect(coded(status, code)).toEqual({
      kind,
      scope,
      reason,
      detail: `HTTP ${status}, Splunk's code ${code}, "as Splunk says"`,
      wait_ms: 0,
      taken: 0,
      status,
      code,
    });
  });
});

describe("statuses", () => {
  test.each([
    [301, "blocked", "endpoint", "redirect"],
    [303, "blocked", "endpoint", "redirect"],
    [304, "blocked", "endpoint", "redirect"],
    [400, "blocked", "batch", "bad_request"],
    [401, "pause", "endpoint", "unauthorized"],
    [403, "pause", "endpoint", "forbidden"],
    [404, "blocked", "endpoint", "not_found"],
    [405, "blocked", "endpoint", "refused"],
    [407, "blocked", "endpoint", "refused"],
    [408, "retry", "endpoint", "request_timeout"],
    [413, "halve", "batch", "too_large"],
    [415, "blocked", "endpoint", "refused"],
    [429, "retry", "endpoint", "too_many_requests"],
    [500, "retry", "endpoint", "server_error"],
    [501, "retry", "endpoint", "server_error"],
    [502, "retry", "endpoint", "server_error"],
    [503, "retry", "endpoint", "server_error"],
    [504, "retry", "endpoint", "server_error"],
    [599, "retry", "endpoint", "server_error"],
  ])("response - %d from a proxy is %s (%s): %s", (status, kind, scope, reason) => {
    const secret_page = "<html>you sent: Splunk my-token, card 4111</html>";
    expect(answer(status, secret_page, { type: "text/html" })).toEqual({
      kind,
      scope,
      reason,
      detail: `HTTP ${status}, an answer of type text/html that is not Splunk's`,
      wait_ms: 0,
      taken: 0,
      status,
    });
  });
});

describe("parts of a request", () => {
  type Row = [string, number, number, unknown, Sent, Refusal["kind"], number];
  const rows: Row[] = [
    ["the event after those that were taken", 400, 6, 3, ten, "isolate", 3],
    ["the first event", 400, 12, 0, ten, "isolate", 0],
    ["the last event", 400, 13, 9, ten, "isolate", 9],
    ["an event with bad fields", 400, 15, 4, ten, "isolate", 4],
    ["an event beyond the last", 400, 6, 10, ten, "bisect", 0],
    ["an event before the first", 400, 6, -1, ten, "bisect", 0],
    ["an event as text", 400, 6, "3", ten, "bisect", 0],
    ["half an event", 400, 6, 2.5, ten, "bisect", 0],
    ["an event of no data", 400, 5, 3, ten, "bisect", 0],
    ["the only event", 400, 6, 0, one, "quarantine", 0],
    ["nonsense where there is one event", 400, 13, 7, one, "quarantine", 0],
    ["the first of a large body", 400, 6, 0, { events: 10, bytes: 1_000_001 }, "halve", 0],
    ["the second of a large body", 400, 6, 1, { events: 10, bytes: 1_000_001 }, "isolate", 1],
    ["the only one of a large body", 400, 6, 0, { events: 1, bytes: 1_000_001 }, "quarantine", 0],
    ["the event after the one with a wrong index", 400, 7, 1, ten, "blocked", 0],
    ["a wrong index behind others", 400, 7, 4, ten, "blocked", 3],
    ["a wrong index in the last", 400, 7, 10, ten, "blocked", 9],
    ["a wrong index before the first", 400, 7, 0, ten, "blocked", 0],
    ["a wrong index of the only event", 400, 7, 1, one, "blocked", 0],
    ["where a busy time began", 503, 9, 4, ten, "retry", 4],
    ["a busy time from the first on", 503, 9, 0, ten, "retry", 0],
    ["a busy time beyond the last", 503, 9, 10, ten, "retry", 0],
    ["where a queue was full", 429, 26, 2, ten, "retry", 2],
    ["where a channel was full", 429, 27, 2, ten, "retry", 2],
    ["an event in an error of Splunk's own", 500, 8, 2, ten, "retry", 0],
    ["an event of another code's status", 503, 6, 2, ten, "retry", 0],
    ["an event beside a bad token", 403, 4, 2, ten, "pause", 0],
  ];
  test.each(rows)("response - naming %s: %d, code %d, number %s", (...row) => {
    const [, status, code, number, sent, kind, taken] = row;
    expect(numbered(status, code, number, sent)).toMatchObject({ kind, taken });
  });

  test("response - one event that is too large goes to quarantine", () => {
    const page = "<html>too large</html>";
    const decision = answer(413, page, { type: "text/html", sent: one });
    expect(decision).toMatchObject({ kind: "quarantine", reason: "too_large" });
  });

  test("response - one event beyond what any Splunk takes is not sent", () => {
    const max = 5 * 1024 * 1024;
    expect(decideUnsent({ events: 1, bytes: max })).toBeUndefined();
    expect(decideUnsent({ events: 2, bytes: max + 1 })).toBeUndefined();
    expect(decideUnsent({ events: 1, bytes: max + 1 })).toMatchObject({
      kind: "quarantine",
      reason: "too_large",
    });
  });
});

describe("facts", () => {
  test("response - Retry-After is passed on, seconds or date", () => {
    expect(answer(429, "", { retry_after: "7" })).toMatchObject({ wait_ms: 7000 });
    const retry_after = "Mon, 21 Sep 2026 10:00:30 GMT";
    expect(answer(503, "", { retry_after })).toMatchObject({ wait_ms: 30_000 });
  });

  test("response - what goes to the log is short and printable", () => {
    const text = `\u001b[31m\r\n${"x".repeat(100_000)}`;
    const { detail } = coded(400, 6, text) as Refusal;
    expect(detail).toMatch(/^[\x20-\x7e]{1,300}$/);
  });
});

describe("transport", () => {
  test.each([
    ["ECONNREFUSED", "retry", "connection_refused"],
    ["ECONNRESET", "retry", "connection_reset"],
    ["EPIPE", "retry", "connection_reset"],
    ["ENOTFOUND", "retry", "name_resolution"],
    ["EAI_AGAIN", "retry", "name_resolution"],
    ["ETIMEDOUT", "retry", "timeout"],
    ["HEADERS_TIMEOUT", "retry", "timeout"],
    ["BODY_TIMEOUT", "retry", "timeout"],
    ["EHOSTUNREACH", "retry", "unreachable"],
    ["ENETUNREACH", "retry", "unreachable"],
    ["CERT_HAS_EXPIRED", "blocked", "tls"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "blocked", "tls"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "blocked", "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "blocked", "tls"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "blocked", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "blocked", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "blocked", "tls"],
    ["EPROTO", "blocked", "tls"],
    ["CERT_NOT_YET_VALID", "blocked", "tls"],
    ["CERT_REVOKED", "blocked", "tls"],
    ["INVALID_CA", "blocked", "tls"],
    ["INVALID_PURPOSE", "blocked", "tls"],
    ["PATH_LENGTH_EXCEEDED", "blocked", "tls"],
    ["HOSTNAME_MISMATCH", "blocked", "tls"],
    ["HPE_INVALID_CONSTANT", "retry", "broken_answer"],
    ["EMFILE", "retry", "network"],
    ["constructor", "retry", "network"],
    ["TypeError", "retry", "network"],
  ])("response - %s is %s: %s", (code, kind, reason) => {
    const message = "said the system";
    expect(decideFailure({ code, message }, token)).toEqual({
      kind,
      scope: "endpoint",
      reason,
      detail: `${code}: said the system`,
      wait_ms: 0,
      taken: 0,
    });
  });
});

describe("the token", () => {
  test.each([
    ["as it is", token.reveal()],
    ["in another case", token.reveal().toUpperCase()],
    ["behind escapes", token.reveal().replace("/", "\\/").replace("s", "\\u0073")],
    ["where the text is cut", "x".repeat(110) + token.reveal()],
  ])("response - given back %s, it is not repeated", (_how, text) => {
    const { detail } = answer(403, `{"text":"no such token: ${text}","code":4}`) as Refusal;
    expect(detail).toContain(`Splunk's code 4, "no such token: `);
    expect(detail).not.toMatch(/6d15a8e4/i);
  });

  test("response - one that stands in Splunk's own words does not change what they mean", () => {
    const body = '{"text":"Success","code":0}';
    for (const word of ["0", "code", "Success", ":", "{"]) {
      const reply = { status: 200, content_type: json, retry_after: undefined, body };
      const facts = { sent: ten, token: new Secret(word), now_ms };
      expect(decideAnswer(reply, facts).kind).toBe("delivered");
    }
  });
});
