/**
 * How long to wait before the next attempt while Splunk does not take events. Pure: the random source comes in.
 *
 * The wait doubles, but stays within an eighth of the outage so far. So the end of a one-minute outage is noticed
 * within seconds, and an hour-long one is probed once a minute.
 */

const delay_ms_first = 250;
/** What the wait may always grow to, however short the outage. */
const delay_ms_short = 1000;
const delay_ms_max = 60_000;
const outage_share = 1 / 8;
/** Up or down: many agents that lost the same Splunk must not come back in step. */
const jitter_share = 0.2;
/** A server that asks for longer is not believed. */
export const retry_after_ms_max = 300_000;

export interface BackoffState {
  /** Failed attempts since the outage began, this one included. */
  failures: number;
  /** Time since the outage began. */
  outage_ms: number;
  /** What the server asked for: a minimum. */
  retry_after_ms: number;
}

/** Milliseconds until the next attempt; `random` gives a number from 0 up to 1. */
export function backoffDelay(state: BackoffState, random: () => number): number {
  const doubled = delay_ms_first * 2 ** Math.min(state.failures - 1, 30);
  const bound = Math.max(delay_ms_short, state.outage_ms * outage_share);
  const jitter = 1 - jitter_share + 2 * jitter_share * random();
  const delay = Math.min(Math.min(doubled, bound) * jitter, delay_ms_max);
  return Math.round(Math.max(delay, Math.min(state.retry_after_ms, retry_after_ms_max)));
}

/**
 * The wait in a `Retry-After` header (RFC 9110, 10.2.3): seconds, or an HTTP date. 0 for none or nonsense.
 */
export function retryAfterMs(header: string | undefined, now_ms: number): number {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, retry_after_ms_max);
  // Date.parse takes much that is no HTTP date, a bare year or "-5" included.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return 0;
  const date_ms = Date.parse(text);
  if (Number.isNaN(date_ms)) return 0;
  return Math.min(Math.max(date_ms - now_ms, 0), retry_after_ms_max);
}
