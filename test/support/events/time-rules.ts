/** Rules for the times of events, as the option `time` of an input makes them. */
import type { TimeRule } from "../../../src/event/time/time-rule.ts";
import { timeOptions, timeRuleOf } from "../../../src/inputs/time-options.ts";

/** The rule of what stands in a configuration; undefined for the default. */
export function timeRule(options?: unknown): TimeRule {
  return timeRuleOf(timeOptions.parse(options));
}
