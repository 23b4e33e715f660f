/** The outputs on the screen of `tallyman status`. */
import { expect, test } from "vitest";
import { outputLines } from "../../../../src/cli/status/output-lines.ts";
import { outputReport } from "../../../support/reports/status.ts";

const at = "2026-03-21T14:02:03.000Z";

function requestsLine(requests_in_flight: number, requests_in_flight_max: number): string {
  const hec = {
    endpoints: [],
    requests: 5,
    requests_failed: 2,
    requests_in_flight,
    requests_in_flight_max,
    batches_waiting: 0,
    bytes: 0,
    events_unacknowledged: 0,
    events_repeated: 0,
    refused_indexes: [],
  };
  return outputLines(outputReport("splunk", { hec }), at).at(-1)!;
}

test("output lines - requests are shown beside how many there may be", () => {
  expect(requestsLine(3, 4)).toBe("    5 requests, 2 failed, 3 of 4 in flight");
});

test("output lines - while an output waits, its one attempt is not one of none", () => {
  expect(requestsLine(1, 0)).toBe("    5 requests, 2 failed, 1 in flight");
});
