/** Bounds how long the start waits for a plugin: for its file to be loaded, and for its steps to be made. */
import type { Clock } from "../../platform/clock.ts";

const plugin_timeout_ms = 30_000;

/**
 * The promise, but rejecting where it has not come to an end in time; a value that is none, as it is. What comes later goes
 * to `onLate`.
 */
export async function inTime<Value>(
  promise: Value | Promise<Value>,
  clock: Clock,
  onLate: (value: Value) => void = () => undefined,
): Promise<Value> {
  if (!(promise instanceof Promise)) return promise;
  const done = new AbortController();
  const late = clock.sleep(plugin_timeout_ms, done.signal).then((): Value => {
    if (!done.signal.aborted) promise.then(onLate, () => undefined);
    throw new Error(`it has not answered within ${plugin_timeout_ms / 1000} seconds`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    done.abort();
  }
}
