/** How long the output waits between attempts. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  backoffDelay,
  retryAfterMs,
} from "../../../../../src/output/splunk-hec/answers/backoff.ts";

const second = 1000;
const minute = 60 * second;
const middle = () => 0.5;

function delay(failures: number, outage_ms: number, retry_after_ms = 0): number {
  return backoffDelay({ failures, outage_ms, retry_after_ms }, middle);
}

test("backoff - doubles from a quarter of a second", () => {
  const outage_ms = 10 * minute;
  const failures = [1, 2, 3, 4, 5];
  expect(failures.map((each) => delay(each, outage_ms))).toEqual([250, 500, 1000, 2000, 4000]);
});

test("backoff - stays below an eighth of the outage, but for the first second", () => {
  expect(delay(20, 0)).toBe(1 * second);
  expect(delay(20, 8 * second)).toBe(1 * second);
  expect(delay(20, 1 * minute)).toBe(7.5 * second);
  expect(delay(20, 60 * minute)).toBe(1 * minute);
});

test("backoff - is always within its bounds, whatever the random source gives", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.nat(1e9),
      random,
      (failures, outage_ms, number) => {
        const facts = { failures, outage_ms, retry_after_ms: 0 };
        const delay_ms = backoffDelay(facts, () => number);
        expect(delay_ms).toBeGreaterThanOrEqual(200);
        expect(delay_ms).toBeLessThanOrEqual(1 * minute);
        expect(delay_ms).toBeLessThanOrEqual(Math.max(second, outage_ms / 8) * 1.2 + 1);
      },
    ),
  );
});

test("backoff - spreads by a fifth up and down", () => {
  const facts = { failures: 1, outage_ms: 0, retry_after_ms: 0 };
  expect(backoffDelay(facts, () => 0)).toBe(200);
  expect(backoffDelay(facts, () => 0.999_999)).toBe(300);
});

test("backoff - an outage of an hour takes few attempts, and one of a minute is noticed in seconds", () => {
  let attempts = 0;
  let now_ms = 0;
  while (now_ms < 60 * minute) {
    attempts += 1;
    const delay_ms = delay(attempts, now_ms);
    if (now_ms < minute) expect(delay_ms).toBeLessThan(8 * second);
    now_ms += delay_ms;
  }
  expect(attempts).toBeLessThan(120);
});

test("backoff - what the server asks for is a minimum, up to five minutes", () => {
  expect(delay(1, 0, 7 * second)).toBe(7 * second);
  expect(delay(20, 60 * minute, 7 * second)).toBe(1 * minute);
  expect(delay(1, 0, 24 * 60 * minute)).toBe(5 * minute);
});

test.each([
  ["7", 7000],
  [" 7 ", 7000],
  ["0", 0],
  ["999999999", 300_000],
  ["Mon, 21 Sep 2026 10:00:30 GMT", 30_000],
  ["Monday, 21-Sep-26 10:00:30 GMT", 30_000],
  ["Mon Sep 21 10:00:30 2026 GMT", 30_000],
  ["Mon, 21 Sep 2026 09:00:00 GMT", 0],
  ["Mon, 21 Sep 2027 10:00:00 GMT", 300_000],
  [undefined, 0],
  ["", 0],
  ["-5", 0],
  ["1.5", 0],
  ["1e3", 0],
  ["99999999999999999999", 0],
  ["soon", 0],
  ["2027-01-01", 0],
])("backoff - Retry-After: %s is %d ms", (header, wait_ms) => {
  expect(retryAfterMs(header, Date.parse("2026-09-21T10:00:00Z"))).toBe(wait_ms);
});
