/**
 * Redact steps that do not find what their paths name: a mistyped path ships every secret, with everything else well.
 *
 * A step that has found nothing is a problem, and so is a single path beside others where the events have a key that it
 * is likely meant to name. A path that merely has nothing to find yet is not: many are there in case, above all those
 * that begin with `**`. Each input counts for itself, as each has its own events; where another input finds something
 * by the same step of the common chain, the step is right, and that this one's events have no such value is a hint.
 */
import type { InputStatus, StepStatus } from "./status.ts";
import { commonSteps, hasMatched, hint, problem, type Warning } from "./warning.ts";

/** Events that a step has to have seen before it is warned of. */
const events_min = 100;
/** The same for a path beside others that find something, which may be there for rare events. */
const rare_events_min = 10_000;

export function redactionWarnings(inputs: readonly InputStatus[]): Warning[] {
  const common = commonSteps(inputs);
  return inputs.flatMap((input) =>
    input.steps.flatMap((step) => {
      if (step.plugin !== "redact" || step.events < events_min) return [];
      const same = input.chain === "common" ? common.get(step.name)! : [];
      const subject = `${input.name} ${step.name}`;
      if (hasMatched(step)) return pathWarnings(step, same, subject);
      // Detectors alone may well find nothing.
      return step.unmatched.length === 0 ? [] : [stepWarning(step, same, subject)];
    }),
  );
}

function stepWarning(step: StepStatus, same: readonly StepStatus[], subject: string): Warning {
  const meant = step.unmatched.find(({ did_you_mean }) => did_you_mean !== undefined);
  const code = "redaction_never_matched";
  const message = `has found nothing by its rules in ${step.events} events: they are shipped as they are`;
  if (meant !== undefined) return problem(code, subject, `${message}; ${question(meant)}`);
  return same.some(hasMatched) ? hint(code, subject, message) : problem(code, subject, message);
}

function pathWarnings(
  { events, unmatched }: StepStatus,
  same: readonly StepStatus[],
  subject: string,
): Warning[] {
  const code = "redacted_path_never_matched";
  return unmatched.flatMap((missing) => {
    const { path, did_you_mean } = missing;
    const what = path.startsWith("pattern ") ? `the ${path}` : `the path ${path}`;
    const message = `${what} has found nothing in ${events} events`;
    if (did_you_mean !== undefined) {
      return [problem(code, subject, `${message}; ${question(missing)}`)];
    }
    const is_found = same.some((step) => step.unmatched.every((each) => each.path !== path));
    const is_anywhere = path.startsWith("**");
    if (is_anywhere || is_found || events < rare_events_min) return [];
    return [hint(code, subject, message)];
  });
}

function question({ path, did_you_mean }: StepStatus["unmatched"][number]): string {
  return `did you mean ${did_you_mean} for ${path}?`;
}
