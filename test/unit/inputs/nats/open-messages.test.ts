/** How many messages an aggregator may have at once. */
import type { JsMsg } from "@nats-io/jetstream";
import { expect, test } from "vitest";
import { OpenMessages } from "../../../../src/inputs/nats/open-messages.ts";

function opened(count: number, aside: number): OpenMessages {
  const waiting = new Set<JsMsg>();
  const open = new OpenMessages({
    max_in_flight: 64,
    isAside: (message) => waiting.has(message),
  });
  for (let number = 0; number < count; number += 1) {
    const message = { seq: number } as JsMsg;
    open.add(message);
    if (number < aside) waiting.add(message);
  }
  return open;
}

test("there are as many as may be worked on, and those that only wait leave room for others", () => {
  expect(opened(0, 0).room(16)).toBe(16);
  expect(opened(60, 0).room(16)).toBe(4);
  expect(opened(64, 0).room(16)).toBe(0);
  expect(opened(64, 64).room(16)).toBe(16);
  expect(opened(70, 10).room(16)).toBe(4);
  expect(opened(70, 1).room(16)).toBe(0);
});

test("however many only wait, there is a bound", () => {
  expect(opened(1060, 1060).room(16)).toBe(4);
  expect(opened(1070, 1070).room(16)).toBe(0);
});

test("it is empty when the last one has gone", async () => {
  const open = opened(2, 0);
  const emptied = open.empty();
  for (const message of open.all) open.delete(message);
  await emptied;
  expect(open.size).toBe(0);
});
