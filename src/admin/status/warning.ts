/**
 * One warning, and what all that make some share.
 */
import type { InputStatus, StepStatus } from "./status.ts";

export interface Warning {
  /** A stable word. */
  readonly code: string;
  readonly severity: "problem" | "hint";
  /** The input, step, output or endpoint that it is about. */
  readonly subject: string | undefined;
  readonly message: string;
}

export function problem(code: string, subject: string | undefined, message: string): Warning {
  return { code, severity: "problem", subject, message };
}

export function hint(code: string, subject: string | undefined, message: string): Warning {
  return { code, severity: "hint", subject, message };
}

/** Whether the step has done something to an event. */
export function hasMatched({ changed, filtered, dropped, quarantined }: StepStatus): boolean {
  return changed + filtered + dropped + quarantined > 0;
}

/** The steps of the common chain by name: of each, what all inputs that have it say. Put together once for all of them. */
export function commonSteps(
  inputs: readonly InputStatus[],
): ReadonlyMap<string, readonly StepStatus[]> {
  const common = inputs.filter(({ chain }) => chain === "common").flatMap(({ steps }) => steps);
  return Map.groupBy(common, ({ name }) => name);
}
