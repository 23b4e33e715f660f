/** What a tap reads of events that were sent, in both modes, and the conditions that choose among them. */
import { expect, test } from "vitest";
import { EventLines } from "../../../../src/cli/tap/event-line.ts";
import { chooseBy, readPassed } from "../../../../src/cli/tap/passed-event.ts";
import { Tally } from "../../../../src/cli/tap/tally.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Encoder } from "../../../../src/output/batch/encoder.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { RawEncoder } from "../../../../src/output/batch/raw.ts";
import { TallymanError } from "../../../../src/platform/errors.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const clock = new ManualClock();
const metadata = { host: "web-1", sourcetype: "s", index: "main", fields: { site: "a" } };

function sent(record: string, encoder: Encoder = new EventEncoder()) {
  const [event] = makeEvents(new Ledger(), [record], { metadata });
  const buffer = Buffer.alloc(encoder.sizeMax(event!));
  const end = encoder.encode(event!, buffer, 0);
  const path = encoder.pathOf(event!);
  return { input: "audit", output: "splunk", path, sent: buffer.toString("utf8", 0, end) };
}

test("passed event - the envelope is the one that was sent; raw mode has one of the same form", () => {
  const record = '{"id":12345678901234567890,"u":"\\u00e9"}';
  const event = sent(record);
  expect(readPassed(event)).toMatchObject({ text: record, envelope: event.sent.trimEnd() });
  const raw = readPassed(sent(record, new RawEncoder()));
  expect(raw.text).toBe(record);
  expect(raw.envelope).toBe(`{"host":"web-1","sourcetype":"s","index":"main","event":${record}}`);
  const line = readPassed(sent('a "line"', new RawEncoder()));
  expect(JSON.parse(line.envelope)).toMatchObject({ host: "web-1", event: 'a "line"' });
  expect(readPassed(sent("a line")).text).toBe("a line");
});

test("passed event - a condition sees fields, metadata and the text, in both modes", () => {
  const record = '{"api":{"statusCode":403},"user":"eve"}';
  for (const encoder of [new EventEncoder(), new RawEncoder()]) {
    const holds = (expression: string, event = record): boolean =>
      chooseBy(expression, clock, () => undefined)(sent(event, encoder));
    expect(holds("api.statusCode >= 400")).toBe(true);
    expect(holds("api.statusCode < 400")).toBe(false);
    expect(holds('user == "eve" && event.user.startsWith("e")')).toBe(true);
    expect(holds('nothing.there == "x"')).toBe(false);
    // What is likely not meant so is said, and no error.
    const notes: string[] = [];
    chooseBy('event.user == "eve"', clock, (message) => notes.push(message));
    expect(notes).toEqual([expect.stringMatching(/^in --where, at character 1, event\.user is /)]);
    // A value of another type is no match, and ends nothing.
    expect(holds("user > 5")).toBe(false);
    expect(holds("user > 5", "no JSON")).toBe(false);
  }
});

test("passed event - a mistake in a condition is shown with its place", () => {
  const message = (expression: string): string => {
    try {
      chooseBy(expression, clock, () => undefined);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TallymanError);
      return (thrown as TallymanError).message;
    }
    return "";
  };
  expect(message("api.status = 200")).toMatch(
    /^--where is wrong at character \d+: .*==.*\n {2}api\.status = 200\n {13}\^$/s,
  );
  expect(message("(a")).toContain("--where is wrong");
});

test("event line - time, input, output, and what fits of the event", () => {
  const event = sent('{"user":"eve","path":"/a/very/long/path/of/a/request/that/goes/on"}');
  const at_ms = clock.now();
  const lines = (columns: number | undefined, mark = "…") => new EventLines(() => columns, mark);
  const passed = { ...readPassed(event), time_s: at_ms / 1000 };
  const time = new Date(at_ms).toISOString().slice(11, 19);
  const line = lines(60).lineOf(event, passed, at_ms);
  expect(line).toHaveLength(60);
  expect(line).toMatch(new RegExp(`^${time} {4}audit  splunk  \\{"user":"eve".*…$`));
  expect(lines(60, "...").lineOf(event, passed, at_ms)).toMatch(/[ -~]+\.\.\.$/);
  expect(lines(undefined).lineOf(event, passed, at_ms)).toContain('/goes/on"}');
  // Another day has its date.
  const old = lines(60).lineOf(event, { ...passed, time_s: 0 }, at_ms);
  expect(old).toMatch(/^1970-01-01 {2}audit/);
  // Names are a column; text cannot move the cursor.
  const both = lines(80);
  both.lineOf({ ...event, input: "a-longer-name" }, passed, at_ms);
  expect(both.lineOf(event, { ...passed, text: "a\u001b[2Jb" }, at_ms)).toContain(
    "audit          splunk  a\\x1b[2Jb",
  );
});

test("event line - wide characters do not break the line", () => {
  const event = sent(JSON.stringify({ text: "日本語".repeat(40) }));
  const line = new EventLines(() => 60, "…").lineOf(event, readPassed(event), clock.now());
  const wide = Array.from(line).filter((character) => character > "\u2e80").length;
  expect(line.length + wide).toBeLessThanOrEqual(60);
  expect(line.length + wide).toBeGreaterThan(57);
});

test("tally - says how much of what passed is shown, and what was missed", () => {
  const tally = new Tally(false, false);
  for (let at = 0; at < 10; at += 1) tally.note();
  expect(tally.sum()).toBe("Shown 10 events.");
  tally.count({ ms: 1000, passed: 84_213, given: 10, missed: 0 });
  expect(tally.line).toBe("showing 10 of 84,213/s");
  tally.count({ ms: 500, passed: 100, given: 0, missed: 5 });
  expect(tally.line).toBe("showing 0 of 200/s; 10/s missed: too long, or read too slowly");
  expect(tally.sum()).toBe(
    "Shown 10 of 84,313 events that passed; 5 were missed: too long, or read too slowly.",
  );
  const choosing = new Tally(false, true);
  choosing.note();
  choosing.count({ ms: 1000, passed: 5000, given: 1000, missed: 0 });
  expect(choosing.line).toBe("showing 1 of 5,000/s, looked at 1,000/s");
  expect(choosing.sum()).toBe("Shown 1 of 5,000 events (looked at 1,000) that passed.");
});
