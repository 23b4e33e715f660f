/**
 * What a receiver has to say about its senders: counted every time, logged at most once a minute for each kind.
 *
 * No notice holds anything that a sender sent, tokens least of all; only its address.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";

const log_interval_ms = 60_000;

const sentences = {
  refused: "A request without a valid token was refused.",
  quoted: "A sender puts its Authorization value into quotation marks; they are passed over.",
  bad_content: "A request held content that Splunk would refuse.",
  payload_count: "A request did not hold as many events as its X-Minio-Webhook-Payload-Count says.",
  too_large: "A request was refused: its body is larger than max_body, or holds too many events.",
  not_kept: "A request was answered 503: its events could not be kept just now.",
  probe: "A sender asked with an empty object whether it would be heard, and was told so.",
} as const;

export type NoticeKind = keyof typeof sentences;

/** What is nothing to worry about. */
const harmless: ReadonlySet<NoticeKind> = new Set(["probe"]);

interface Notice {
  /** Since the start. */
  count: number;
  unlogged: number;
  /** Monotonic. */
  logged_at_ms: number;
}

export class Notices {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #input: string;
  readonly #notices = new Map<NoticeKind, Notice>();

  constructor(input: string, clock: Clock, log: Logger) {
    this.#input = input;
    this.#clock = clock;
    this.#log = log;
  }

  /** How often this was noticed. */
  count(kind: NoticeKind): number {
    return this.#notices.get(kind)?.count ?? 0;
  }

  note(kind: NoticeKind, facts: object): void {
    let notice = this.#notices.get(kind);
    if (notice === undefined) {
      notice = { count: 0, unlogged: 0, logged_at_ms: -Infinity };
      this.#notices.set(kind, notice);
    }
    notice.count += 1;
    notice.unlogged += 1;
    const now = this.#clock.monotonic();
    if (now - notice.logged_at_ms < log_interval_ms) return;
    const logged = { input: this.#input, ...facts, times: notice.unlogged };
    if (harmless.has(kind)) this.#log.info(logged, sentences[kind]);
    else this.#log.warn(logged, sentences[kind]);
    notice.unlogged = 0;
    notice.logged_at_ms = now;
  }
}
