/**
 * Waiting for something, but not forever, and for whatever comes next.
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

/** What the promise gives, or undefined after `wait_ms`. Rejects as the promise does. */
export async function atMost<T>(
  promise: Promise<T>,
  wait_ms: number,
  clock: Clock,
): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([promise, clock.sleep(wait_ms, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}

/**
 * Does something with a signal that is aborted after `time_ms`. Meanwhile the process stays alive, although nothing else may
 * be in progress. Rejects as `work` does.
 */
export async function within(
  time_ms: number,
  clock: Clock,
  work: (timeout: AbortSignal) => Promise<void>,
): Promise<void> {
  const [timeout, done] = [new AbortController(), new AbortController()];
  const timed = clock.sleep(time_ms, done.signal).then(() => timeout.abort());
  try {
    await work(timeout.signal);
  } finally {
    done.abort();
    await timed;
  }
}

/** What the promise gives. Rejects as the promise does, or with the signal's reason as soon as that is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Wakes whoever waits for a change. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** Wakes all that wait now. Who begins to wait later, even at once, waits for the next ring. */
  ring(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }

  /** Resolves at the next ring. Any number may wait. */
  rung(): Promise<void> {
    return this.#next.promise;
  }
}
