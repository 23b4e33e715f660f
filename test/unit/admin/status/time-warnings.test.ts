/** Hints about times that cannot be read, or can hardly be right. */
import { expect, test } from "vitest";
import type { TimeFaultStatus } from "../../../../src/admin/status/status.ts";
import { timeWarnings } from "../../../../src/admin/status/time-warnings.ts";
import { inputStatus } from "../../../support/reports/status.ts";

const zoneless: TimeFaultStatus = {
  fault: "no_zone",
  events: 9,
  recent_events: 7,
  path: "timestamp",
  shape: "9999-99-99 99:99:99",
};

function saidOf(...time_faults: TimeFaultStatus[]): string[] {
  const warnings = timeWarnings([inputStatus("audit", { time_faults }), inputStatus("apps")]);
  return warnings.map(
    ({ severity, code, subject, message }) => `${severity} ${code} ${subject}: ${message}`,
  );
}

test("time warnings - say how many, what is wrong, what to do, and where the first is", () => {
  const unread = "hint time_unreadable audit:";
  const odd = "hint time_implausible audit:";
  expect(saidOf()).toEqual([]);
  expect(saidOf(zoneless, { ...zoneless, fault: "unknown_form", recent_events: 1 })).toEqual([
    `${unread} 7 events got the time of reading: theirs names no zone; set time.zone (first at timestamp, written as 9999-99-99 99:99:99)`,
    `${unread} one event got the time of reading: theirs cannot be read; set time.format (first at timestamp, written as 9999-99-99 99:99:99)`,
  ]);
  expect(saidOf({ ...zoneless, fault: "ahead", path: undefined, shape: "9" })).toEqual([
    `${odd} 7 events with a time more than a day ahead (first at the head of a line, written as 9)`,
  ]);
});

test("time warnings - what was before times were read as they are now is no longer said", () => {
  expect(saidOf({ ...zoneless, recent_events: 0 })).toEqual([]);
});
