/** What the log says where the times of events cannot be right. */
import type { TimeFaultCount } from "./event-times.ts";
import type { Logger } from "../../platform/log.ts";

/** Says that times have a fault: to be called once of each. */
export function reportTime(
  { fault, path, shape }: TimeFaultCount,
  input: string | undefined,
  log: Logger,
): void {
  const facts = { input, fault, path, shape };
  if (fault === "ahead" || fault === "back") {
    const sentence = "An event's time can hardly be right. It is sent as it is.";
    log.warn("time_implausible", facts, sentence);
    return;
  }
  const sentence =
    "The time of an event cannot be read; it gets the time of reading. Set `time` of the input.";
  log.warn("time_unreadable", facts, sentence);
}
