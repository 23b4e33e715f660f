/** The last hour in samples: how much is kept, and that it stays bounded. */
import { expect, onTestFinished, test } from "vitest";
import { History } from "../../../../src/agent/status/history.ts";
import type { SourceStatus } from "../../../../src/agent/sources/source.ts";
import { closeBooks, emptyBooks } from "../../../../src/ledger/books.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

async function sampled(samples: number) {
  const clock = new ManualClock();
  let looks = 0;
  const oldest_at_ms = clock.now() - 5000;
  const file = { lag_bytes: 7, oldest_at_ms };
  const sources = new Map([
    ["audit", { files: { files: [file, file] }, journals: [] } as unknown as SourceStatus],
  ]);
  const history = new History({
    clock,
    look: () => {
      looks += 1;
      const books = closeBooks({ audit: { ...emptyBooks(), received: looks, in_flight: looks } });
      return { books, sources };
    },
    residentBytes: () => 1000,
  });
  onTestFinished(() => history.stop());
  history.start();
  for (let sample = 1; sample < samples; sample += 1) {
    clock.pass(10_000);
    await Promise.resolve();
    await Promise.resolve();
  }
  return history;
}

test("history - a sample each 10 seconds, the first at the start", async () => {
  const { interval_seconds, columns } = (await sampled(3)).report();
  expect(interval_seconds).toBe(10);
  expect(columns.received).toEqual([1, 2, 3]);
  expect(columns.at_seconds[2]! - columns.at_seconds[0]!).toBe(20);
  expect(columns.lag_bytes).toEqual([14, 14, 14]);
  expect(columns.lag_seconds).toEqual([5, 15, 25]);
});

test("history - an hour is kept, in order, and no more", async () => {
  const history = await sampled(1000);
  const { columns } = history.report();
  expect(columns.received).toHaveLength(361);
  expect(columns.received.at(0)).toBe(640);
  expect(columns.received.at(-1)).toBe(1000);
  expect(columns.at_seconds.at(-1)! - columns.at_seconds[0]!).toBe(3600);
  expect(JSON.stringify(history.report()).length).toBeLessThan(50_000);
});
