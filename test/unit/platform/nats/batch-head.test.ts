/** What a message says of its batch, and what is refused of that. */
import { describe, expect, test } from "vitest";
import {
  batchId,
  readBatchId,
  readHead,
  readReceipt,
  writeHead,
  writeReceipt,
  type BatchHead,
} from "../../../../src/platform/nats/batch-head.ts";
import { agentNameOf, agentOf } from "../../../../src/platform/nats/subjects.ts";

const head: BatchHead = {
  agent: "agent-1",
  lane: "k7q2m5xa",
  epoch: 3,
  first: 2048,
  count: 17,
  bytes: 1234,
  sum: "c3Vt",
  packing: "gzip",
  index: "naïve index",
  placed: true,
};

function headersOf(written: BatchHead): Map<string, string> {
  const headers = new Map<string, string>();
  writeHead(written, (name, value) => headers.set(name, value));
  return headers;
}

const read = (headers: Map<string, string>): BatchHead | string =>
  readHead({ get: (name) => headers.get(name) ?? "", has: (name) => headers.has(name) });

describe("head of a batch", () => {
  test("is read as it was written, in ASCII", () => {
    const headers = headersOf(head);
    expect(read(headers)).toEqual(head);
    for (const value of headers.values()) expect(value).toMatch(/^[\x20-\x7e]*$/);
    const run = { instance: "a-b-c", host: "hôte" };
    const other = { ...head, index: undefined, placed: false, run };
    expect(read(headersOf(other))).toEqual(other);
  });

  test("is written whatever a sender has put into the name of the index", () => {
    const written = headersOf({ ...head, index: "half a \ud83d pair" });
    expect(read(written)).toEqual({ ...head, index: "half a \ufffd pair" });
  });

  test.each([
    ["Tally-Batch", ""],
    ["Tally-Batch", "2"],
    ["Tally-Agent", "a.b"],
    ["Tally-Agent", "a>"],
    ["Tally-Lane", "UPPER234"],
    ["Tally-Lane", "k7q2m5xa.1"],
    ["Tally-Epoch", "-1"],
    ["Tally-First", "1e3"],
    ["Tally-First", "99999999999999999999"],
    ["Tally-Count", "0"],
    ["Tally-Count", "2000000"],
    ["Tally-Bytes", "1000000000"],
    ["Tally-Packing", "zip"],
    ["Tally-Index", "%zz"],
  ])("with %s: %s is refused", (name, value) => {
    expect(typeof read(headersOf(head).set(name, value))).toBe("string");
  });

  test("a batch's id says what it is", () => {
    expect(batchId(head)).toBe("k7q2m5xa.3.2048.17");
    expect(readBatchId(batchId(head))).toEqual({
      lane: "k7q2m5xa",
      epoch: 3,
      first: 2048,
      count: 17,
    });
    for (const id of ["", "k7q2m5xa", "k7q2m5xa.1.2", "k7q2m5xa.1.2.x", "k7q2m5xa.1.2.3.4"])
      expect(readBatchId(id)).toBeUndefined();
  });

  test("a receipt is read as it was written, and nothing else is one", () => {
    const receipt = { id: batchId(head), sum: head.sum };
    expect(readReceipt(writeReceipt(receipt))).toEqual(receipt);
    for (const text of [
      "",
      "null",
      "1",
      "{}",
      `{"v":2,"id":"a","sum":"b"}`,
      `{"v":1,"id":1,"sum":"b"}`,
    ])
      expect(readReceipt(text)).toBeUndefined();
  });
});

test("subjects - name one agent, or none", () => {
  expect(agentOf("tally", "tally.ev.agent-1.k7q2m5xa")).toBe("agent-1");
  expect(agentOf("tally", "tally.rcpt.agent-1")).toBe("agent-1");
  for (const subject of [
    "tally.ev.agent-1",
    "tally.ev.agent-1.k7q2m5xa.x",
    "other.ev.agent-1.k7q2m5xa",
    "tally.rcpt.agent-1.x",
    "tally.ev.agent-1.LANE",
    "tally",
  ])
    expect(agentOf("tally", subject)).toBeUndefined();
  expect(agentNameOf("web-1.example.com")).toBe("web-1-example-com");
});
