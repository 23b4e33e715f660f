/** Lines of the log on a terminal: one line each, what matters first, and nothing hostile. */
import { expect, test } from "vitest";
import { logLines, type LogEntry } from "../../../../../src/cli/run/live/log-lines.ts";
import { rendered } from "../../../../../src/cli/terminal/drawing/spans.ts";
import { closeBooks, emptyBooks } from "../../../../../src/ledger/books.ts";

const time = "2026-01-02T06:37:27.123Z";

function shown(entry: Partial<LogEntry>, width = 80, colour = false): string[] {
  const whole: LogEntry = { level: "info", time, code: "running", msg: "Running.", ...entry };
  return logLines(whole, { colour, unicode: true }, width).map((line) =>
    rendered(line, width, { colour, unicode: true }),
  );
}

test("log lines - a letter says the level where there is no colour, and a sign where there is", () => {
  const levels = ["debug", "info", "warn", "error"] as const;
  expect(levels.map((level) => shown({ level })[0])).toEqual([
    "06:37:27 D Running.",
    "06:37:27 I Running.",
    "06:37:27 W Running.",
    "06:37:27 E Running.",
  ]);
  expect(shown({ level: "warn" }, 80, true)[0]).toContain("\u001b[33m▲\u001b[39m Running.");
});

test("log lines - subject and cause come first of the facts, and what is no word or number is left out", () => {
  const entry = {
    attempt: 3,
    nested: { a: 1 },
    error: "no such file",
    path: "/var/log/a",
    pid: 1,
    names: ["a", "b"],
    empty: [],
  };
  expect(shown({ ...entry, msg: "Failed." })).toEqual([
    '06:37:27 I Failed. path=/var/log/a error="no such file" attempt=3 names=a,b',
  ]);
});

test("log lines - a line that is too long loses further sentences before its facts, and is cut at the width", () => {
  const msg = "Splunk does not accept events. They are kept and tried again until it does.";
  const entry = { msg, output: "splunk", reason: "connection_refused" };
  expect(shown(entry, 200)[0]).toContain("until it does. output=splunk");
  expect(shown(entry, 90)).toEqual([
    "06:37:27 I Splunk does not accept events. output=splunk reason=connection_refused",
  ]);
  expect(shown(entry, 30)).toEqual(["06:37:27 I Splunk does not ac…"]);
});

test("log lines - the books are a sum, and where a mistake was made stands below", () => {
  const books = closeBooks({
    app: {
      ...emptyBooks(),
      received: 800,
      in_flight: 0,
      delivered: { splunk: 700 },
      filtered: { filter: 100 },
    },
  });
  expect(shown({ msg: "Stopped.", books })).toEqual([
    "06:37:27 I Stopped. 800 received = 700 delivered + 100 filtered",
  ]);
  expect(shown({ level: "error", msg: "A bug.", error: "x", at: ["f (a.ts:1)"] })).toEqual([
    "06:37:27 E A bug. error=x",
    "    at f (a.ts:1)",
  ]);
});

test("log lines - an escape sequence is shown as text", () => {
  const [line] = shown({ msg: "\u001b[2J\r\nx", path: "\u001b]0;t\u0007\u202e" }, 200, true);
  // oxlint-disable-next-line no-control-regex
  expect(line!.replaceAll(/\u001b\[\d+m/g, "")).not.toMatch(/[\u0000-\u001f\u202e]/);
  expect(line).toContain(String.raw`\x1b[2J\x0d\x0ax`);
});
