/**
 * What a step may return in place of its event: several events, the event itself among them or not, each of which it made of
 * that one.
 */
import type { Records } from "../../event/block.ts";
import { LogEvent } from "../../event/log-event.ts";
import { made_events_max } from "../../event/made-events.ts";
import { StepFailure } from "../../platform/step-failure.ts";

/** Events that a step gave for one. */
export type Parts = readonly LogEvent<Records>[];

/** Those that were looked at. No plugin has one of these lists. */
const checked = new WeakSet<Parts>();

/**
 * The events that a step gave for `event`, where its answer is a list, or an event that it made. Whatever is wrong with them
 * throws, and then none of them counts.
 */
export function partsOf(event: LogEvent<Records>, answer: unknown): Parts | undefined {
  if (answer instanceof LogEvent) {
    const part = [partOf(event, answer, "what")];
    checked.add(part);
    return part;
  }
  if (!Array.isArray(answer)) return undefined;
  if (checked.has(answer)) return answer as Parts;
  const { length } = answer;
  if (length > made_events_max + 1) {
    throw new StepFailure(`a step may return at most ${made_events_max} events that it made`);
  }
  // Whatever a proxy or a list with holes gives, is looked at once.
  const parts = Array.from({ length }, (_, number) =>
    partOf(event, answer[number], `item ${number} of what`),
  );
  if (parts.filter((each) => each === event).length > 1) {
    throw new StepFailure("the step returned the same event twice");
  }
  checked.add(parts);
  return parts;
}

function partOf(event: LogEvent<Records>, part: unknown, what: string): LogEvent<Records> {
  if (part === event) return event;
  const is_made = part instanceof LogEvent && (part as LogEvent<Records>).takeMade(event);
  if (!is_made) {
    const wanted = "neither the event, nor one that it made of it, once";
    throw new StepFailure(`${what} the step returned is ${wanted}`);
  }
  // What was done to its record is written back in the name of this step.
  part.commit();
  const { invalid } = part;
  if (invalid === undefined) return part;
  const where = `${invalid.reason} at byte ${invalid.byte}`;
  throw new StepFailure(`${what} the step returned is not JSON: ${where}`);
}
