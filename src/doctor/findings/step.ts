/**
 * Checks as steps: each runs within its time where those that it needs have passed, and is skipped where not.
 */
import type { Bounds } from "./bounds.ts";
import type { Cause } from "./causes.ts";
import { Findings, failureIn, type CheckName, type Finding } from "./finding.ts";

export interface Step {
  readonly check: CheckName;
  readonly subject?: string;
  /** Checks of the same list; where one of them failed or was skipped, this one is skipped. */
  readonly needs?: readonly CheckName[];
  /** Why it cannot be looked at, where that shows only now. */
  unless?(): string | undefined;
  readonly limit_ms: number;
  /** What it means that the time is over. */
  readonly late: Cause;
  run(): Promise<readonly Finding[]>;
}

const no_time = "no time left: other checks took too long";

/** Runs the steps one after the other. */
export async function* runSteps(steps: readonly Step[], bounds: Bounds): AsyncGenerator<Finding> {
  /** Why nothing can be built on a check. */
  const unmet = new Map<CheckName, string>();
  for (const step of steps) {
    const { check, subject, needs = [], limit_ms, late } = step;
    const findings = new Findings(check, subject);
    const needed = needs.find((name) => unmet.has(name));
    const over = bounds.over ? no_time : undefined;
    const why = (needed === undefined ? undefined : unmet.get(needed)) ?? over ?? step.unless?.();
    if (why !== undefined) {
      unmet.set(check, why);
      yield findings.skipped(why);
      continue;
    }
    const left_ms = bounds.within(limit_ms);
    const found = await bounds.bound(limit_ms, step.run());
    if (found === "late" && left_ms < limit_ms) {
      // That says nothing of what was looked at.
      unmet.set(check, no_time);
      yield findings.skipped(no_time);
      continue;
    }
    const seconds = `${Math.round(limit_ms / 1000)} s`;
    const all = found === "late" ? [findings.fault(late, `not finished within ${seconds}`)] : found;
    if (failureIn(all) !== undefined) unmet.set(check, `the ${check} check failed`);
    yield* all;
  }
}
