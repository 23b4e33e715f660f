/** What an aggregator answers of a batch that it refuses. */
import { expect, test } from "vitest";
import { batchIdIn, messageIdOf, readBatchId } from "../../../../src/platform/nats/batch-head.ts";
import { readReceipt, writeReceipt } from "../../../../src/platform/nats/batch-head.ts";
import { readRefusal, writeRefusal } from "../../../../src/platform/nats/refusal.ts";

const refusal = {
  id: "web-1.aaaabbbb.1.0.3",
  lane: "aaaabbbb",
  reason: "its count is not possible",
};

test("a refusal is read as it was written, and is no receipt", () => {
  const text = writeRefusal(refusal);
  expect(readRefusal(text)).toEqual(refusal);
  expect(readReceipt(text)).toBeUndefined();
});

test("whoever does not know refusals reads a receipt of no batch in it", () => {
  const value = JSON.parse(writeRefusal(refusal)) as Record<string, unknown>;
  expect(value).toMatchObject({ v: 1, id: "", sum: "" });
  expect(readBatchId("")).toBeUndefined();
});

test("what is long is cut, and what is no refusal is none", () => {
  const long = writeRefusal({
    id: "i".repeat(1e5),
    lane: "l".repeat(1e5),
    reason: "r".repeat(1e5),
  });
  expect(long.length).toBeLessThan(1000);
  expect(readRefusal(long)?.reason).toHaveLength(200);
  for (const text of [writeReceipt({ id: "a", sum: "b" }), '"refused"', '{"v":1,"refused":{}}'])
    expect(readRefusal(text)).toBeUndefined();
});

test("the id of a message has that of its batch in it, whichever time it was published", () => {
  const id = "aaaabbbb.1.0.3";
  for (const number of [0, 1, 12]) expect(batchIdIn(messageIdOf("web-1", id, number))).toBe(id);
  for (const other of ["", "web-1", "web-1.aaaabbbb.1.0", "17"])
    expect(batchIdIn(other)).toBeUndefined();
});
