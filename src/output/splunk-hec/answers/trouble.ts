/**
 * A time in which Splunk does not take events, or not this batch: how long to wait, and what is said of it.
 *
 * The log has a line when it begins, when its reason changes, once a minute while it lasts, and when it ends. Where
 * short troubles come again and again, each reason is said once a minute, too.
 */
import type { Clock } from "../../../platform/clock.ts";
import { type LogFacts, type Logger, type LogLine, logLine } from "../../../platform/log.ts";
import { Reminder } from "../../../platform/reminder.ts";
import { backoffDelay } from "./backoff.ts";
import type { Wait } from "./response.ts";

/** An outage that lasts this long is always said. */
const long_outage_ms = 5000;

const line_by_kind: Readonly<Record<Wait["kind"], LogLine>> = {
  retry: {
    level: "warn",
    code: "splunk_unavailable",
    message: "Splunk does not accept events at the moment. They are kept and retried.",
  },
  pause: {
    level: "error",
    code: "splunk_token_refused",
    message: "Splunk refuses the token. Sending is paused until it is accepted; events are kept.",
  },
  blocked: {
    level: "error",
    code: "splunk_requests_refused",
    message: "Splunk refuses these requests until the cause is fixed. Events are kept and retried.",
  },
};

/** Where the way to Splunk fails, and Splunk itself is not to blame. */
const line_by_reason: Readonly<Record<string, LogLine>> = {
  tls: {
    level: "error",
    code: "tls_failed",
    message: "TLS connection to Splunk failed, and will until the cause is fixed. Events are kept.",
  },
  proxy_unreachable: {
    level: "warn",
    code: "proxy_unreachable",
    message: "The proxy cannot be reached. Events are kept and retried.",
  },
  proxy_error: {
    level: "warn",
    code: "proxy_failed",
    message: "The proxy cannot connect to Splunk. Events are kept and retried.",
  },
  proxy_authentication: {
    level: "error",
    code: "proxy_authentication_failed",
    message: "The proxy refuses the credentials. Events are kept until they are corrected.",
  },
  proxy_refused: {
    level: "error",
    code: "proxy_connection_refused",
    message: "The proxy does not allow connections to Splunk. Events are kept until it does.",
  },
  proxy_tls: {
    level: "error",
    code: "proxy_tls_failed",
    message:
      "TLS connection to the proxy failed, and will until the cause is fixed. Events are kept.",
  },
};

export interface TroubleDeps {
  clock: Clock;
  log: Logger;
  random: () => number;
  /** What every line of it in the log carries. */
  logged: () => LogFacts;
  /** By reason; for troubles that are many, which say a reason once for all of them. */
  reminder?: Reminder<string>;
}

export class Trouble {
  readonly #deps: TroubleDeps;
  #refusal: Wait | undefined;
  #failures = 0;
  #began_ms = 0;
  /** Whether the log knows of it. */
  #announced = false;
  /** By reason. */
  readonly #reminder: Reminder<string>;
  /** Troubles that were not logged since. */
  #unannounced = 0;
  /** Wall-clock time of its beginning, milliseconds since the epoch. */
  #since_ms = 0;

  constructor(deps: TroubleDeps) {
    this.#deps = deps;
    this.#reminder = deps.reminder ?? new Reminder(deps.clock);
  }

  /** The last refusal; undefined while there is no trouble. */
  get refusal(): Wait | undefined {
    return this.#refusal;
  }

  get since_ms(): number {
    return this.#since_ms;
  }

  /** Notes a failed attempt, and gives the milliseconds to wait before the next. */
  failed(refusal: Wait): number {
    const { clock, random } = this.#deps;
    const now = clock.monotonic();
    if (this.#refusal === undefined) {
      this.#failures = 0;
      this.#began_ms = now;
      this.#since_ms = clock.now();
    }
    this.#refusal = refusal;
    this.#failures += 1;
    const outage_ms = now - this.#began_ms;
    const deps = { failures: this.#failures, outage_ms, retry_after_ms: refusal.wait_ms };
    const delay_ms = backoffDelay(deps, random);
    if (this.#isNews(refusal.reason, outage_ms)) {
      this.#report(refusal, { outage_ms: Math.round(outage_ms), next_attempt_ms: delay_ms });
      this.#announced = true;
    }
    return delay_ms;
  }

  /** Notes that it is over, where there was any. */
  ended(): void {
    if (this.#refusal === undefined) return;
    const { clock, log, logged } = this.#deps;
    const { reason } = this.#refusal;
    this.#refusal = undefined;
    if (!this.#announced) {
      this.#unannounced += 1;
      return;
    }
    this.#announced = false;
    const outage_ms = Math.round(clock.monotonic() - this.#began_ms);
    log.info(
      "splunk_available",
      { ...logged(), reason, outage_ms },
      "Splunk accepts events again.",
    );
  }

  /** What is news counts as said. */
  #isNews(reason: string, outage_ms: number): boolean {
    if (this.#reminder.due(reason) > 0) return true;
    const is_alone = this.#deps.reminder === undefined;
    const is_news = is_alone && !this.#announced && outage_ms >= long_outage_ms;
    if (is_news) this.#reminder.said(reason);
    return is_news;
  }

  #report(refusal: Wait, times: LogFacts): void {
    const { log, logged } = this.#deps;
    const { kind, reason, detail, status, code } = refusal;
    const also_before = this.#unannounced === 0 ? undefined : this.#unannounced;
    this.#unannounced = 0;
    const facts = { ...logged(), reason, detail, status, splunk_code: code, ...times, also_before };
    logLine(log, line_by_reason[reason] ?? line_by_kind[kind], facts);
  }
}
