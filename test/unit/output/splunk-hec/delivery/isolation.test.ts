/** How events of one batch are told apart: what each answer teaches, and what is never concluded from it. */
import { expect, test } from "vitest";
import { Isolation } from "../../../../../src/output/splunk-hec/delivery/isolation.ts";
import type { Narrowing } from "../../../../../src/output/splunk-hec/answers/response.ts";

function refusal(kind: Narrowing["kind"], taken = 0): Narrowing {
  return { kind, scope: "batch", reason: "r", detail: "d", wait_ms: 0, taken };
}

test("isolation - without a refusal all goes in one request", () => {
  const isolation = new Isolation(10);
  expect(isolation.next).toBe(10);
  isolation.taken(10);
  expect(isolation.open).toBe(0);
});

test("isolation - a named event goes alone, and then the rest", () => {
  const isolation = new Isolation(10);
  expect(isolation.refused(10, refusal("isolate", 4))).toBe(4);
  expect(isolation.open).toBe(6);
  expect(isolation.next).toBe(1);
  expect(isolation.found).toBeUndefined();
  isolation.quarantined();
  expect(isolation.next).toBe(5);
});

test("isolation - once a named event is taken, names are not believed any more", () => {
  const isolation = new Isolation(10);
  isolation.refused(10, refusal("isolate", 0));
  isolation.taken(1);
  expect(isolation.next).toBe(9);
  expect(isolation.refused(9, refusal("isolate", 3))).toBe(0);
  expect(isolation.open).toBe(9);
  expect(isolation.next).toBe(5);
});

test("isolation - what is left of two refused requests is the one", () => {
  const isolation = new Isolation(8);
  isolation.refused(8, refusal("bisect"));
  expect(isolation.next).toBe(4);
  const cause = refusal("bisect");
  isolation.refused(4, cause);
  isolation.taken(2);
  expect(isolation.next).toBe(1);
  expect(isolation.found).toBeUndefined();
  isolation.taken(1);
  expect(isolation.found).toBe(cause);
  isolation.quarantined();
  expect(isolation.next).toBe(4);
});

test("isolation - what is left of one refused request is still sent alone", () => {
  const isolation = new Isolation(4);
  isolation.refused(4, refusal("bisect"));
  isolation.taken(2);
  isolation.taken(1);
  expect(isolation.found).toBeUndefined();
  expect(isolation.next).toBe(1);
});

test("isolation - after a refusal for the size, nothing is concluded from what is left", () => {
  const isolation = new Isolation(8);
  isolation.refused(8, refusal("halve"));
  expect(isolation.next).toBe(4);
  isolation.refused(4, refusal("halve"));
  expect(isolation.next).toBe(2);
  for (const open of [8, 6, 4, 2]) {
    expect(isolation.open).toBe(open);
    isolation.taken(2);
    expect(isolation.found).toBeUndefined();
  }
});

test("isolation - where it may not be the events, what was learned is forgotten", () => {
  const isolation = new Isolation(8);
  isolation.refused(8, refusal("bisect"));
  isolation.refused(4, refusal("bisect"));
  isolation.refused(2, refusal("bisect"));
  isolation.doubt();
  expect(isolation.next).toBe(1);
  isolation.taken(1);
  expect(isolation.found).toBeUndefined();
  expect(isolation.next).toBe(7);
});
