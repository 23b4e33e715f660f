/** The end of a step: its plugin lets go of the timers, sockets and processes that the step has open. */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { describeThrown } from "./failure.ts";

/** How long a plugin may take for it. Nothing else waits longer for it, and a stop neither. */
export const dispose_timeout_ms = 5000;

/** What ends a step; undefined where its plugin gave nothing for it. */
export type Dispose = (() => unknown) | undefined;

export interface DisposableStep {
  /** The step's name. */
  readonly name: string;
  readonly plugin: string;
  readonly file: string;
  readonly dispose: Dispose;
}

/** Ends all of them at the same time. Never rejects: what fails, or is late, is logged and left. */
export async function disposeSteps(
  steps: readonly DisposableStep[],
  clock: Clock,
  log: Logger,
): Promise<void> {
  await Promise.all(steps.map((step) => disposeStep(step, clock, log)));
}

async function disposeStep(step: DisposableStep, clock: Clock, log: Logger): Promise<void> {
  const { name, plugin, file, dispose } = step;
  if (dispose === undefined) return;
  try {
    // An async function makes a promise of whatever is given back or thrown.
    const disposing = (async () => dispose())().then(() => true);
    if ((await atMost(disposing, dispose_timeout_ms, clock)) === true) return;
    const facts = { step: name, plugin, waited_ms: dispose_timeout_ms };
    log.error(
      "step_dispose_late",
      facts,
      "The dispose function of a step did not finish in time. tallyman continues without it.",
    );
  } catch (thrown) {
    const facts = { step: name, plugin, detail: describeThrown(thrown, file) };
    log.error(
      "step_dispose_failed",
      facts,
      "The dispose function of a step failed. What the step has open may stay open.",
    );
  }
}
