/** The thread for large events: one that takes too long over an event is replaced, and costs that event alone. */
import { expect, test } from "vitest";
import { RedactionThread } from "../../../../src/chain/large-events/redaction-thread.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const orders = {
  steps: [{ name: "redact", on_error: "quarantine", redact: { keys: ["password"] } }],
  declared: [],
  folder: ".",
};

function eventOf(number: number) {
  const record = new Uint8Array(Buffer.from(JSON.stringify({ number, password: "S3CR3TPW1" })));
  return { record, metadata: {}, step: 0 };
}

test("redaction thread - one that takes too long over an event costs that event alone", async () => {
  const clock = new ManualClock();
  const thread = new RedactionThread(clock);
  const asked = [1, 2, 3].map((number) => thread.ask(orders, eventOf(number)));
  // It has not even started by now.
  clock.pass(120_000);
  const answers = await Promise.all(asked);
  expect(answers.map(({ kind }) => kind)).toEqual(["failed", "kept", "kept"]);
  expect(thread.started).toBe(2);
  const texts = answers.slice(1).map(({ record }) => Buffer.from(record!).toString());
  expect(texts).toEqual([2, 3].map((number) => `{"number":${number},"password":"[REDACTED]"}`));
  // It goes on with what comes later.
  expect((await thread.ask(orders, eventOf(4))).kind).toBe("kept");
  expect(thread.started).toBe(2);
});
