/** Every answer that Splunk, a proxy or the network may give to a request, after which all of its events are delivered all the same. */
import type { Behaviour } from "./behaviour.ts";
import { hecReply, notFound, page, type HecReply } from "./replies.ts";

export interface Expected {
  /** What the log gives as the reason. */
  reason: string;
  /** A warning where it passes by itself, else an error. */
  level: "warn" | "error";
  /** How often the events were indexed in the end. */
  indexed: 1 | 2;
}

function said(reply: HecReply, taken = false): Behaviour {
  const { status, headers, body } = reply;
  return { kind: "answer", status, headers: { ...headers }, body, taken };
}

const passes = (reason: string): Expected => ({ reason, level: "warn", indexed: 1 });
const fix = (reason: string): Expected => ({ reason, level: "error", indexed: 1 });
/** Nobody could know that the events were taken. */
const twice = (reason: string): Expected => ({ reason, level: "warn", indexed: 2 });

export type Row = [name: string, behaviour: Behaviour, expected: Expected];

const splunks_own: Row[] = [
  ["code 1", said(hecReply(1)), fix("token_disabled")],
  ["code 2", said(hecReply(2)), fix("token_required")],
  ["code 3", said(hecReply(3)), fix("invalid_authorization")],
  ["code 4", said(hecReply(4)), fix("invalid_token")],
  ["code 8", said(hecReply(8)), passes("internal_server_error")],
  ["code 8, having taken all", said(hecReply(8), true), twice("internal_server_error")],
  ["code 9", said(hecReply(9)), passes("server_busy")],
  ["code 9, having taken all", said(hecReply(9), true), twice("server_busy")],
  [
    "code 9 for the first event",
    { kind: "busy", code: 9, taken: 0, named: true },
    passes("server_busy"),
  ],
  [
    "code 9 from the fifth event on",
    { kind: "busy", code: 9, taken: 4, named: true },
    passes("server_busy"),
  ],
  ["code 10", said(hecReply(10)), fix("channel_missing")],
  ["code 11", said(hecReply(11)), fix("invalid_channel")],
  ["code 14", said(hecReply(14)), fix("ack_disabled")],
  ["code 16", said(hecReply(16)), fix("query_authorization")],
  ["code 17, which is of the health", said(hecReply(17)), passes("unexpected_answer")],
  ["code 18", said(hecReply(18)), passes("queues_full")],
  ["code 19", said(hecReply(19)), passes("ack_unavailable")],
  ["code 20", said(hecReply(20)), passes("queues_full")],
  ["code 21", said(hecReply(21)), fix("invalid_token")],
  ["code 22", said(hecReply(22)), fix("token_disabled")],
  ["code 23", said(hecReply(23)), passes("shutting_down")],
  ["code 26", said(hecReply(26)), passes("queue_at_capacity")],
  [
    "code 26 from the third event on",
    { kind: "busy", code: 26, taken: 2, named: true },
    passes("queue_at_capacity"),
  ],
  ["code 27", said(hecReply(27)), passes("ack_channel_at_capacity")],
  ["code 28", said(hecReply(28)), fix("channel_missing")],
  ["404 of a restart", said(notFound(404)), fix("not_found")],
  ["405", said(notFound(405)), fix("refused")],
];

const of_others: Row[] = [
  ...[301, 302, 303, 307, 308].map((status): Row => {
    return [`${status}`, said(page(status)), fix("redirect")];
  }),
  ["a page with 200", said(page(200)), passes("unexpected_answer")],
  ["a page with 200, having taken all", said(page(200), true), twice("unexpected_answer")],
  ["201", said({ ...hecReply(0), status: 201 }), passes("unexpected_answer")],
  ["204", said({ status: 204, headers: {}, body: "" }), passes("unexpected_answer")],
  ["400 that is not Splunk's", said(page(400)), fix("bad_request")],
  ["401", said(page(401)), fix("unauthorized")],
  ["403", said(page(403)), fix("forbidden")],
  ["404", said(page(404)), fix("not_found")],
  ["407", said(page(407)), fix("refused")],
  ["408", said(page(408)), passes("request_timeout")],
  ["415", said(page(415)), fix("refused")],
  ["429", said(page(429)), passes("too_many_requests")],
  ["429 with a time", said(page(429, { "retry-after": "2" })), passes("too_many_requests")],
  ["500", said(page(500)), passes("server_error")],
  ["502", said(page(502)), passes("server_error")],
  ["503", said(page(503)), passes("server_error")],
  ["504, having taken all", said(page(504), true), twice("server_error")],
  ["an empty answer", said({ status: 200, headers: {}, body: "" }), passes("unexpected_answer")],
  [
    "half of Splunk's JSON",
    { ...said(hecReply(0)), body: '{"text":"Succ' },
    passes("unexpected_answer"),
  ],
  ...["-1", "9007199254740992", "0.5", "{}", '"id"'].map((id): Row => {
    const body = `{"text":"Success","code":0,"ackId":${id}}`;
    return [
      `an ackId of ${id}, having taken all`,
      said({ ...hecReply(0), body }, true),
      twice("unexpected_answer"),
    ];
  }),
  [
    "an answer that goes on for ever, having taken all",
    said({ ...hecReply(0), body: hecReply(0).body.padEnd(70_000) }, true),
    twice("unexpected_answer"),
  ],
  ["another's JSON", { ...said(hecReply(0)), body: '{"ok":true}' }, passes("unexpected_answer")],
] as Row[];

const of_the_network: Row[] = [
  ["a reset before the body", { kind: "reset", when: "before_body" }, passes("connection_reset")],
  ["a reset during the body", { kind: "reset", when: "during_body" }, passes("connection_reset")],
  ["a reset after the body", { kind: "reset", when: "after_body" }, passes("connection_reset")],
  [
    "a reset after the body, having taken all",
    { kind: "reset", when: "after_body", taken: true },
    twice("connection_reset"),
  ],
  [
    "a reset during the answer",
    { kind: "reset", when: "during_answer" },
    twice("connection_reset"),
  ],
  ["an end without an answer", { kind: "close" }, passes("connection_reset")],
  ["silence after the body", { kind: "hang" }, passes("timeout")],
  ["silence after the body, having taken all", { kind: "hang", taken: true }, twice("timeout")],
  ["half an answer", { kind: "half_answer" }, twice("timeout")],
  ["an endless answer", { kind: "drip", status: 200, taken: true }, twice("timeout")],
  ["an answer that is too late", { kind: "normal", delay_ms: 600_000 }, twice("timeout")],
  [
    "an answer shorter than it says",
    { kind: "wrong_length", bytes: 10 },
    twice("connection_reset"),
  ],
  [
    "an answer longer than it says",
    { kind: "wrong_length", bytes: -10 },
    twice("unexpected_answer"),
  ],
  [
    "another protocol",
    { kind: "garbage", bytes: "SSH-2.0-OpenSSH_9.6\r\n" },
    passes("broken_answer"),
  ],
  [
    "binary garbage",
    { kind: "garbage", bytes: "\u0000\u0001\u0002\r\n\r\n", taken: true },
    twice("broken_answer"),
  ],
];

export const answers: readonly Row[] = [...splunks_own, ...of_others, ...of_the_network];
