/** What the log says of events that come into quarantine. */
import { expect, test } from "vitest";
import { EntriesLog } from "../../../../src/output/quarantine/entries-log.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const log = new CollectedLog();
  const entries = new EntriesLog(clock, log);
  const said = () => log.lines.map(({ facts }) => [facts["reason"], facts["events"]]);
  return { clock, log, entries, said };
}

test("entries log - one line a reason and minute, that counts what came since the last", () => {
  const { clock, log, entries, said } = setUp();
  entries.note(["unreadable:redact", "unreadable:redact", "step_failed:mine"]);
  for (let at = 0; at < 50; at += 1) entries.note(["unreadable:redact"]);
  expect(said()).toEqual([
    ["unreadable:redact", 2],
    ["step_failed:mine", 1],
  ]);
  expect(log.at("warn")[0]!.code).toBe("events_quarantined");
  clock.pass(60_000);
  entries.note(["unreadable:redact"]);
  expect(said().slice(2)).toEqual([["unreadable:redact", 51]]);
});

test("entries log - reasons without end are one at last", () => {
  const { entries, said } = setUp();
  for (let at = 0; at < 1000; at += 1) entries.note([`made-up-${at}`]);
  expect(said().length).toBe(201);
  expect(said().at(-1)).toEqual(["other", 1]);
});
