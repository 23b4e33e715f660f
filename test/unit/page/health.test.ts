/** The health in one sentence: the worst thing first, in words that say what it means for events. */
import { expect, test } from "vitest";
import { healthOf } from "../../../src/page/model/health.ts";
import { closeBooks, emptyBooks } from "../../../src/ledger/books.ts";
import type { Status } from "../../../src/admin/status/status.ts";
import { Rates } from "../../../src/page/model/rates.ts";
import { inputStatus, outputReport } from "../../support/status.ts";
import { summaryOf } from "../../support/summary.ts";

function health(changes: Partial<Status>) {
  const summary = summaryOf(changes);
  return healthOf({ summary, rates: Rates.after(summary, undefined), lost_since_ms: undefined });
}

const unknown = { summary: undefined, rates: undefined, lost_since_ms: undefined };

test("health - all is well", () => {
  expect(health({})).toEqual({
    level: "good",
    sentence: "All is well, and every event is accounted for.",
    said: "All is well, and every event is accounted for.",
    is_loss: false,
  });
});

test("health - an agent that does not answer is said at once", () => {
  expect(healthOf({ ...unknown, lost_since_ms: 0 })).toMatchObject({ level: "bad", is_loss: true });
  expect(healthOf(unknown)).toMatchObject({ level: "notice", is_loss: false });
});

test("health - an outage says that events are kept, and is no loss", () => {
  const outputs = [outputReport("splunk", { state: "retrying", reason: "timeout" })];
  const { sentence, is_loss } = health({ outputs });
  expect(sentence).toBe(
    "Output splunk is retrying (timeout): 1 event in flight, and nothing is lost.",
  );
  expect(is_loss).toBe(false);
});

test.each([
  ["books that do not balance", { received: 5 }, "The books do not balance"],
  ["bytes that could not be read", { lost_bytes: { truncated: 2000 } }, "2 kB could not be read"],
  ["a full quarantine", { quarantine_removed: { full: 1 } }, "1 event had to leave"],
  [
    "a full journal",
    { received: 4, dropped: { journal_full: 4 } },
    "4 events dropped (journal_full)",
  ],
])("health - %s come before all else", (_, changes, said) => {
  const books = closeBooks({ audit: { ...emptyBooks(), in_flight: 0, ...changes } });
  const outputs = [outputReport("splunk", { state: "blocked" })];
  const { sentence, is_loss, level } = health({ books, outputs });
  expect(sentence).toContain(said);
  expect({ is_loss, level }).toEqual({ is_loss: true, level: "bad" });
});

test("health - what steps drop as they are told to is no loss", () => {
  const books = closeBooks({
    audit: { ...emptyBooks(), received: 4, dropped: { my_step: 4 }, in_flight: 0 },
  });
  expect(health({ books }).level).toBe("good");
});

test("health - a backlog says how long it takes", () => {
  const at = (seconds: number, lag_bytes: number) =>
    summaryOf({
      at: new Date(1_742_539_047_000 + seconds * 1000).toISOString(),
      inputs: [inputStatus("audit", { lag_bytes, lag_seconds: 90 })],
    });
  let rates = Rates.after(at(0, 200e6), undefined);
  const summary = at(1, 190e6);
  rates = Rates.after(summary, rates);
  expect(healthOf({ summary, rates, lost_since_ms: undefined }).sentence).toBe(
    "Catching up: 190 MB behind, done in about 19 s.",
  );
});

test("health - problems are counted, hints are not", () => {
  const gone = inputStatus("gone", { socket_missing: true });
  expect(health({ inputs: [gone] }).sentence).toBe("Events flow, with 1 problem to look at.");
});
