/** Where `run` has a live view, and where not. */
import { expect, test } from "vitest";
import type { Config } from "../../../../../src/config/config.ts";
import { hasLiveTerminal, printsEvents } from "../../../../../src/cli/run/live/wanted.ts";

test.each([
  ["a terminal", {}, true],
  ["a dumb terminal", { TERM: "dumb" }, false],
  ["no TERM", { TERM: undefined }, false],
  ["a service of an old systemd", { INVOCATION_ID: "abc" }, false],
  ["a service whose output goes to the journal", { JOURNAL_STREAM: "8:1" }, false],
  ["a service", { INVOCATION_ID: "abc", SYSTEMD_EXEC_PID: "7" }, false],
  [
    "a shell in a terminal that is a service",
    { INVOCATION_ID: "abc", SYSTEMD_EXEC_PID: "6" },
    true,
  ],
])("live view - %s", (_name, environment, wanted) => {
  const started = { pid: 7, environment: { TERM: "xterm", ...environment }, is_terminal: true };
  expect(hasLiveTerminal(started)).toBe(wanted);
  expect(hasLiveTerminal({ ...started, is_terminal: false })).toBe(false);
});

test("live view - not where events are printed to the terminal", () => {
  const config = (type: string): Config => ({ output: { type } }) as unknown as Config;
  expect(printsEvents(config("stdout"), true)).toBe(true);
  expect(printsEvents(config("stdout"), false)).toBe(false);
  expect(printsEvents(config("splunk_hec"), true)).toBe(false);
});
