/**
 * What a receiver has to say about its senders: counted every time, logged at most once a minute for each kind.
 *
 * No notice holds anything that a sender sent, tokens least of all; only its address.
 */
import type { Clock } from "../../platform/clock.ts";
import { type LogFacts, type Logger, type LogLine, logLine } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";

const lines = {
  refused: {
    level: "warn",
    code: "hec_token_refused",
    message: "A request without a valid token was refused.",
  },
  quoted: {
    level: "warn",
    code: "hec_token_quoted",
    message: "A sender puts its Authorization value in quotation marks. They are ignored.",
  },
  bad_content: {
    level: "warn",
    code: "hec_content_invalid",
    message: "A request held content that Splunk would refuse.",
  },
  payload_count: {
    level: "warn",
    code: "hec_count_mismatch",
    message: "A request does not hold as many events as its X-Minio-Webhook-Payload-Count says.",
  },
  too_large: {
    level: "warn",
    code: "hec_body_too_large",
    message: "A request was refused: its body is larger than max_body, or holds too many events.",
  },
  not_kept: {
    level: "warn",
    code: "hec_events_not_kept",
    message: "A request was answered 503: its events cannot be stored at the moment.",
  },
  probe: {
    level: "info",
    code: "hec_connection_test",
    message: "Answered a connection test (empty JSON object).",
  },
} as const satisfies Record<string, LogLine>;

export type NoticeKind = keyof typeof lines;

export class Notices {
  readonly #log: Logger;
  readonly #input: string;
  readonly #reminder: Reminder<NoticeKind>;
  /** Since the start. */
  readonly #counts = new Map<NoticeKind, number>();

  constructor(input: string, clock: Clock, log: Logger) {
    this.#input = input;
    this.#reminder = new Reminder(clock);
    this.#log = log;
  }

  /** How often this was noticed. */
  count(kind: NoticeKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  note(kind: NoticeKind, facts: LogFacts): void {
    this.#counts.set(kind, this.count(kind) + 1);
    const times = this.#reminder.due(kind);
    if (times === 0) return;
    const logged = { input: this.#input, ...facts, times };
    logLine(this.#log, lines[kind], logged);
  }
}
