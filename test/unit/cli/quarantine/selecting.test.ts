/** The times of `--since` and `--before`: what could be meant in two ways is refused, since a purge is for good. */
import { Command } from "commander";
import { expect, test } from "vitest";
import { addSelecting } from "../../../../src/cli/quarantine/selecting.ts";

function sinceOf(time: string): number {
  const command = addSelecting(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(["--since", time], { from: "user" }).opts<{ since: number }>().since;
}

test.each([
  ["2025-03-21", "2025-03-21T00:00:00.000Z"],
  ["2025-03-21T06:37", "2025-03-21T06:37:00.000Z"],
  ["2025-03-21 06:37:27", "2025-03-21T06:37:27.000Z"],
  ["2025-03-21T06:37:27.5Z", "2025-03-21T06:37:27.500Z"],
  ["2024-02-29T06:37+02:00", "2024-02-29T04:37:00.000Z"],
])("selecting - %s is a time", (text, time) => {
  expect(new Date(sinceOf(text)).toISOString()).toBe(time);
});

test("selecting - a duration is that long ago", () => {
  const [hour_ago, two_hours_ago] = [sinceOf("1h"), sinceOf("2h")];
  expect(hour_ago).toBeGreaterThan(two_hours_ago);
});

test.each([
  "5",
  "2025",
  "1/2/2025",
  "2025-02-31",
  "2023-02-29T10:00",
  "2025-13-01",
  "2025-03-21T25:00Z",
  "2025-03-21 06:37 CET",
  "13:00",
  "7d",
  "",
])("selecting - %j is refused", (text) => {
  expect(() => sinceOf(text)).toThrow("expected a time");
});
