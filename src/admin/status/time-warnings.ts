/**
 * Times of events that cannot be read, or can hardly be right: hints, as the events are sent nevertheless.
 */
import type { InputStatus, TimeFaultStatus } from "./status.ts";
import { hint, type Warning } from "./warning.ts";

export function timeWarnings(inputs: readonly InputStatus[]): Warning[] {
  return inputs.flatMap(({ name, time_faults }) =>
    time_faults
      .filter(({ recent_events }) => recent_events > 0)
      .map((fault) => warningOf(name, fault)),
  );
}

function warningOf(input: string, { fault, recent_events, path, shape }: TimeFaultStatus): Warning {
  const place = path === undefined ? "at the head of a line" : `at ${path}`;
  const events = recent_events === 1 ? "one event" : `${recent_events} events`;
  const example = `${place}, written as ${shape}`;
  if (fault === "ahead" || fault === "back") {
    return hint("time_implausible", input, `${events} ${implausible[fault]} (first ${example})`);
  }
  const message = `${events} got the time of reading: ${unreadable[fault]} (first ${example})`;
  return hint("time_unreadable", input, message);
}

const implausible = {
  ahead: "with a time more than a day ahead",
  back: "with a time more than a year before the last",
};

const unreadable = {
  unknown_form: "theirs cannot be read; set time.format",
  no_zone: "theirs names no zone; set time.zone",
  out_of_range: "theirs is before 1970 or after 2038",
};
