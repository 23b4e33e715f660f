/** The record of a test's event. */
import { Records } from "../../event/block.ts";
import type { Clock } from "../../platform/clock.ts";
import type { DryRun } from "../run/dry-run.ts";

/** The event as its input's framing would give it. */
export function recordOf(event: unknown, run: DryRun, clock: Clock): Records {
  const bytes = Buffer.from(typeof event === "string" ? event : JSON.stringify(event));
  return Records.ofOne(bytes, {
    origin: run.originOf("test"),
    read_at_ms: clock.now(),
  });
}
