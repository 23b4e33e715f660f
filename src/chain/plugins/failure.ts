/**
 * What is reported of a step that failed on an event: enough to find the mistake, and nothing of the event.
 *
 * The message of a thrown error is not reported: it may hold what the step was looking at (JSON.parse's does). That of a
 * StepFailure is tallyman's own, and is.
 */
import { pathToFileURL } from "node:url";
import { type Invalid, UnreadableError } from "../../event/event.ts";
import { classOf } from "../../platform/errors.ts";
import { ProcessCallRefused } from "../../platform/process/process-guard.ts";
import { StepFailure } from "../../platform/step-failure.ts";

/**
 * The reasons that the chain itself gives, beside those that a plugin gives to `event.drop` and
 * `event.quarantine`. An event filtered by a step is counted under the step's name alone.
 */
export const reasons = {
  /** The step threw, or returned what is no answer. */
  failed: (step: string) => `step_failed:${step}`,
  /** The step had to read or edit an event that is not JSON. */
  unreadable: (step: string) => `unreadable:${step}`,
  /** The step did not return from this event, before a restart. */
  hung: (step: string) => `hung:${step}`,
  /** The step's last look found a secret behind the end of the chain. */
  verified: (step: string) => `verify:${step}`,
  /** The step ended the event, with a reason that is none (see `isReason`). */
  unnamed: (step: string) => `ended_by:${step}`,
};

/** Why the event could not be read: the scanner's words, which hold none of it. */
export function describeInvalid(invalid: Invalid): string {
  return `${invalid.reason} at byte ${invalid.byte}`;
}

/** What is wrong with an answer that is none. */
export function describeAnswer(answer: unknown): string {
  if (answer instanceof Promise) {
    // Nobody waits for it; its rejection must not end the process.
    void Promise.prototype.then.call(answer, undefined, () => undefined);
    return "the step returned a promise, but a step must be synchronous";
  }
  if (answer === undefined) {
    return "the step returned nothing; it must return the event, null or a verdict";
  }
  return "the step returned neither the event, nor null, nor a verdict";
}

/** The class of what was thrown, or tallyman's own text; and where in the plugin's file. Never throws itself. */
export function describeThrown(thrown: unknown, file: string): string {
  try {
    if (!(thrown instanceof Error)) return "the step threw something that is not an error";
    const place = placeIn(file, String(thrown.stack));
    const own = StepFailure.textOf(thrown);
    if (own !== undefined) return `${own}${place}`;
    if (thrown instanceof ProcessCallRefused) return `the step called ${thrown.call}${place}`;
    return `the step threw ${classOf(thrown)}${place}`;
  } catch {
    return "the step threw an error that cannot be read";
  }
}

/**
 * ` at tag.mjs:12:5`. Of the stack, which begins with the message, nothing is taken but the digits that
 * follow the file's own address.
 */
function placeIn(file: string, stack: string): string {
  const address = pathToFileURL(file).href;
  const at = stack.indexOf(address);
  if (at < 0) return "";
  const after = stack.slice(at + address.length, at + address.length + 200);
  const place = /^(?:\?sha256=[0-9a-f]{64})?:(\d{1,7}):(\d{1,7})/.exec(after);
  return place === null
    ? ""
    : ` at ${file.slice(file.lastIndexOf("/") + 1)}:${place[1]}:${place[2]}`;
}

/** What was thrown may be a proxy that throws when it is looked at. */
export function isUnreadable(thrown: unknown): boolean {
  try {
    return thrown instanceof UnreadableError;
  } catch {
    return false;
  }
}

/** What becomes of the events on which a step fails. */
export function fateOf(step: {
  readonly on_error: "quarantine" | "drop";
}): "dropped" | "quarantined" {
  return step.on_error === "drop" ? "dropped" : "quarantined";
}

/** What the log says of it, with where its author finds the message that is not reported. */
export function failureSentence(step: { readonly on_error: "quarantine" | "drop" }): string {
  return `A step failed. Its events are ${fateOf(step)}. To see what a plugin throws, with its message: tallyman try --reveal LOG`;
}
