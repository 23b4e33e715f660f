/** How the number of requests in flight follows what is observed. */
import { expect, test } from "vitest";
import { Concurrency } from "../../../../../src/output/splunk-hec/endpoints/concurrency.ts";

function observe(concurrency: Concurrency, answers: number, latency_ms: number, waiting = 1): void {
  for (let number = 0; number < answers; number += 1) concurrency.succeeded(latency_ms, waiting);
}

test("concurrency - stays at one while answers come fast", () => {
  const concurrency = new Concurrency(4);
  observe(concurrency, 100, 20);
  expect(concurrency.limit).toBe(1);
});

test("concurrency - stays at one while nothing waits, however slow the answers", () => {
  const concurrency = new Concurrency(4);
  observe(concurrency, 100, 500, 0);
  expect(concurrency.limit).toBe(1);
});

test("concurrency - rises by one for every sixteen slow answers, never past its bound", () => {
  const concurrency = new Concurrency(4);
  const limits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    observe(concurrency, 16, 50);
    limits.push(concurrency.limit);
  }
  expect(limits).toEqual([2, 3, 4, 4, 4, 4]);
});

test("concurrency - one slow answer among fast ones changes nothing", () => {
  const concurrency = new Concurrency(4);
  for (let round = 0; round < 20; round += 1) {
    observe(concurrency, 15, 15);
    observe(concurrency, 1, 5000);
  }
  expect(concurrency.limit).toBe(1);
});

test("concurrency - falls at a failure, and back to one when answers are fast again", () => {
  const concurrency = new Concurrency(64);
  observe(concurrency, 16 * 7, 50);
  expect(concurrency.limit).toBe(8);
  concurrency.failed();
  expect(concurrency.limit).toBe(4);
  observe(concurrency, 16 * 10, 5);
  expect(concurrency.limit).toBe(1);
  concurrency.failed();
  expect(concurrency.limit).toBe(1);
});

test("concurrency - a bound of one is never passed", () => {
  const concurrency = new Concurrency(1);
  observe(concurrency, 100, 500);
  expect(concurrency.limit).toBe(1);
});
