/**
 * Conditions that can hardly be meant so: they name values that the events do not have, or compare them with what they never
 * are; a `keep` keeps nothing; or a list cannot be read again. Each input counts for itself, as each has its own events.
 */
import type { InputStatus, NameDoubtStatus, StepStatus } from "./status.ts";
import { commonSteps, hasMatched, hint, problem, type Warning } from "./warning.ts";

/** Events that a `keep` has to have seen before it is warned of. */
const events_min = 100;

export function conditionWarnings(inputs: readonly InputStatus[]): Warning[] {
  const common = commonSteps(inputs);
  return inputs.flatMap((input) => [
    ...input.steps.flatMap((step) => {
      const same = input.chain === "common" ? common.get(step.name)! : [];
      return stepWarnings(step, same, `${input.name} ${step.name}`);
    }),
    ...listWarnings(input),
  ]);
}

function stepWarnings(step: StepStatus, same: readonly StepStatus[], subject: string): Warning[] {
  const doubts = step.doubts.map((doubt) => {
    const is_right_elsewhere = same.some(
      (other) => other.events >= events_min && !hasDoubt(other, doubt),
    );
    const is_rare = doubt.kind === "near_key" && isOfUse(step);
    const code = doubt.kind === "other_kind" ? "comparison_never_fits" : "path_likely_mistaken";
    return (is_right_elsewhere || is_rare ? hint : problem)(code, subject, doubt.message);
  });
  return [...doubts, ...keepWarnings(step, same, subject)];
}

/** Where another input of the same chain has events that are kept, this one's may rightly be others. */
function keepWarnings(step: StepStatus, same: readonly StepStatus[], subject: string): Warning[] {
  const { is_keep, events, filtered } = step;
  if (!is_keep || events < events_min || filtered === 0 || isOfUse(step)) return [];
  const message =
    `the filter has kept none of ${events} events, so none of them is shipped: ` +
    "its `keep` is true for no event; compare it with one";
  return [(same.some(isOfUse) ? hint : problem)("filter_kept_none", subject, message)];
}

/** Whether the step has done what it is there for to an event. */
function isOfUse(step: StepStatus): boolean {
  const { is_keep, events, filtered, dropped, quarantined } = step;
  return is_keep ? events > filtered + dropped + quarantined : hasMatched(step);
}

function hasDoubt({ doubts }: StepStatus, { path, kind }: NameDoubtStatus): boolean {
  return doubts.some((each) => each.path === path && each.kind === kind);
}

function listWarnings({ name, lists }: InputStatus): Warning[] {
  return lists.flatMap(({ path, values, trouble }) => {
    if (trouble === undefined) return [];
    const count = values === 1 ? "the value" : `the ${values} values`;
    const message = `the list ${path} ${trouble}; ${count} that it had before stay in use`;
    return [problem("list_unreadable", name, message)];
  });
}
