/** The health in one sentence: the worst thing first, in words that say what it means for events. */
import { expect, test } from "vitest";
import { healthOf } from "../../../../src/admin/status/health.ts";
import type { Status } from "../../../../src/admin/status/status.ts";
import { warningsIn } from "../../../../src/admin/status/warnings.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import { inputStatus, outputReport, statusOf } from "../../../support/reports/status.ts";

function health(changes: Partial<Status>) {
  const status = statusOf(changes);
  return healthOf(status, warningsIn(status));
}

test("health - all is well", () => {
  expect(health({})).toEqual({
    level: "good",
    sentence: "All is well, and every event is accounted for.",
    said: "All is well, and every event is accounted for.",
    is_loss: false,
  });
});

test("health - an outage says that events wait, and is no loss", () => {
  const outputs = [outputReport("splunk", { state: "retrying", reason: "timeout" })];
  const { sentence, said, is_loss } = health({ outputs });
  expect(sentence).toBe("Events wait: splunk is retrying (timeout); 1 in flight.");
  expect(said).toBe("Events wait: splunk is retrying (timeout).");
  expect(is_loss).toBe(false);
  const several = [...outputs, outputReport("archive")];
  expect(health({ outputs: [...several, outputReport("x", { state: "blocked" })] }).said).toBe(
    "Events wait: 2 of 3 outputs are not sending.",
  );
});

test.each([
  ["books that do not balance", { received: 5 }, "The books do not balance"],
  [
    "bytes that could not be read",
    { lost_bytes: { truncated: 2048 } },
    "2.0 KiB could not be read",
  ],
  ["a full quarantine", { quarantine_removed: { full: 1 } }, "1 event had to leave"],
  [
    "a full journal",
    { received: 4, dropped: { journal_full: 4 } },
    "4 events dropped (journal_full)",
  ],
])("health - %s are a loss, and said", (_, changes, said) => {
  const books = closeBooks({ audit: { ...emptyBooks(), in_flight: 0, ...changes } });
  const { sentence, is_loss, level } = health({ books });
  expect(sentence).toContain(said);
  expect(is_loss).toBe(true);
  expect(level).not.toBe("good");
});

test("health - a state that cannot be written comes before all else but the books", () => {
  const { disk } = statusOf();
  const outputs = [outputReport("splunk", { state: "blocked" })];
  expect(health({ outputs, disk: { ...disk, write_failing: true } })).toMatchObject({
    level: "problem",
    sentence: "The state cannot be written, so reading has stopped.",
    is_loss: true,
  });
});

test("health - what steps drop as they are told to is no loss", () => {
  const books = closeBooks({
    audit: { ...emptyBooks(), received: 4, dropped: { my_step: 4 }, in_flight: 0 },
  });
  expect(health({ books }).level).toBe("good");
});

test("health - a backlog says how long it takes", () => {
  const backlog = { bytes: 190e6, events: 0, done: 0.4, seconds_left: 19 };
  const late = inputStatus("audit", { lag_bytes: 190e6, lag_seconds: 90, backlog });
  expect(health({ inputs: [late] })).toMatchObject({
    sentence: "Events flow; 1 input is behind, for about 19 s more.",
    said: "Events flow; 1 input is behind.",
  });
  const unknown = { ...late, name: "b", backlog: { ...backlog, seconds_left: undefined } };
  expect(health({ inputs: [late, unknown] }).sentence).toBe("Events flow; 2 inputs are behind.");
});

test("health - problems are counted, hints are not", () => {
  const gone = inputStatus("gone", { socket_missing: true });
  expect(health({ inputs: [gone] }).sentence).toBe("Events flow, with 1 problem to look at.");
});
