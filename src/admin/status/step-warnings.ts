/**
 * Steps that fail on events, get none, or never do what they are there for.
 */
import type { InputStatus, StepStatus } from "./status.ts";
import { hasMatched, hint, problem, type Warning } from "./warning.ts";

/** A step that has seen fewer events may not have seen yet what it is for. */
const unmatched_events_min = 10_000;
/** Built-in steps that are there to match something. */
const rule_plugins = new Set(["filter", "route"]);
/** A step that fails on a larger part of its events than this is broken; a single one may be an odd event. */
const failed_part_max = 0.01;

/** A step as all inputs that share it have it. */
interface SharedStep {
  readonly plugin: string;
  readonly subject: string;
  readonly uses: readonly StepStatus[];
  readonly events: number;
  /** Events that its chain was given. */
  readonly seen: number;
}

/** Steps of the common chain are the same for all inputs that have it: it is enough that one has what they match. */
export function stepWarnings(inputs: readonly InputStatus[]): Warning[] {
  const common = inputs.filter(({ chain }) => chain === "common");
  const own = inputs.filter(({ chain }) => chain === "own");
  return [common, ...own.map((input) => [input])]
    .flatMap(sharedSteps)
    .flatMap((step) => [...failureWarnings(step), ...matchWarnings(step)]);
}

function sharedSteps(group: readonly InputStatus[]): SharedStep[] {
  const seen = group.reduce((sum, { chain_events }) => sum + chain_events, 0);
  const [first] = group;
  return (first?.steps ?? []).map(({ name, plugin }) => {
    const uses = group.flatMap((input) => input.steps.filter((step) => step.name === name));
    const events = uses.reduce((sum, step) => sum + step.events, 0);
    const subject = first!.chain === "own" ? `${first!.name} ${name}` : name;
    return { plugin, subject, uses, events, seen };
  });
}

function failureWarnings({ subject, uses, events }: SharedStep): Warning[] {
  const failed = uses.reduce((sum, step) => sum + step.failed, 0);
  if (failed === 0) return [];
  const warn = failed > events * failed_part_max ? problem : hint;
  const message = `the step has failed on ${failed} of ${events} events; the log says why (step_failed)`;
  return [warn("step_failed", subject, message)];
}

function matchWarnings({ plugin, subject, uses, events, seen }: SharedStep): Warning[] {
  if (events === 0 && seen >= unmatched_events_min) {
    // Steps before it can have ended them all, or its own condition has.
    const message = `the step was given none of ${seen} events`;
    return [hint("step_without_events", subject, message)];
  }
  if (events < unmatched_events_min || !rule_plugins.has(plugin)) return [];
  // A `keep` has a warning of its own.
  if (plugin === "filter" && uses.every(hasEndedAll)) {
    const message = `the step has kept none of ${events} events`;
    return uses[0]!.is_keep ? [] : [hint("filter_ended_all", subject, message)];
  }
  if (uses.some(hasMatched)) return [];
  return [hint("rule_never_matched", subject, `the step has matched none of ${events} events`)];
}

function hasEndedAll({ events, filtered }: StepStatus): boolean {
  return events === filtered;
}
