/** When a line of the log is due again. */
import { expect, test } from "vitest";
import { Reminder, reminder_interval_ms } from "../../../src/platform/reminder.ts";

test("reminder - the first is due at once, then one a minute that stands for those held back", () => {
  let now_ms = 5;
  const reminder = new Reminder<string>({ monotonic: () => now_ms });
  expect(reminder.due("a")).toBe(1);
  expect([reminder.due("a"), reminder.due("a")]).toEqual([0, 0]);
  // Another kind has a minute of its own.
  expect(reminder.due("b")).toBe(1);
  now_ms += reminder_interval_ms - 1;
  expect(reminder.due("a")).toBe(0);
  now_ms += 1;
  expect(reminder.due("a")).toBe(4);
  expect(reminder.due("a")).toBe(0);
});

test("reminder - a line that was written although it was not due counts as the last", () => {
  let now_ms = 0;
  const reminder = new Reminder({ monotonic: () => now_ms });
  expect(reminder.due("any")).toBe(1);
  now_ms += reminder_interval_ms / 2;
  reminder.said("any");
  now_ms += reminder_interval_ms / 2;
  expect(reminder.due("any")).toBe(0);
});
