/**
 * Waiting for something, but not for ever.
 */
import type { Clock } from "./clock.ts";

/** Resolves when the promise does, or as soon as `stop` is aborted. Rejects as the promise does. */
export async function untilAborted(promise: Promise<unknown>, stop: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = (): void => aborted.resolve();
  if (stop.aborted) abort();
  stop.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    stop.removeEventListener("abort", abort);
  }
}

/** Resolves when the promise does, or after `wait_ms`. Rejects as the promise does. */
export async function atMost(
  promise: Promise<unknown>,
  wait_ms: number,
  clock: Clock,
): Promise<void> {
  const done = new AbortController();
  try {
    await Promise.race([promise, clock.sleep(wait_ms, done.signal)]);
  } finally {
    done.abort();
  }
}
