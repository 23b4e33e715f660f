/** Which gaps are told when. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { closeBooks, emptyBooks, type Books } from "../../../src/ledger/books.ts";
import { Gaps } from "../../../src/ledger/gaps.ts";

/** The books of inputs of which so many events were dropped, or so many bytes lost. */
function books(amounts: Record<string, { dropped?: number; lost?: number }>): Books {
  const inputs = Object.entries(amounts).map(([name, { dropped = 0, lost = 0 }]) => {
    const input = { ...emptyBooks(), received: dropped, in_flight: 0 };
    if (dropped > 0) input.dropped = { journal_full: dropped };
    if (lost > 0) input.lost_bytes = { truncated: lost };
    return [name, input];
  });
  return closeBooks(Object.fromEntries(inputs));
}

test("gaps - nothing is told where nothing was dropped or lost", () => {
  expect(new Gaps({}).take(books({ a: {} }), 1000, 0, true)).toEqual([]);
});

test("gaps - events and bytes are told apart, each under its input and reason", () => {
  const gaps = new Gaps({}).take(
    books({ a: { dropped: 3, lost: 70 }, b: { dropped: 1 } }),
    1000,
    0,
    false,
  );
  const times = { first_ms: 1000, last_ms: 1000 };
  expect(gaps).toEqual([
    { input: "a", reason: "journal_full", count: 3, ...times },
    { input: "a", reason: "truncated", bytes: 70, ...times },
    { input: "b", reason: "journal_full", count: 1, ...times },
  ]);
});

test("gaps - one that grows is told once a minute, with when it was first and last seen to grow", () => {
  const gaps = new Gaps({});
  expect(gaps.take(books({ a: { dropped: 1 } }), 10_000, 0, false)).toHaveLength(1);
  for (const [second, dropped] of [
    [10, 3],
    [20, 5],
    [50, 5],
  ] as const) {
    const now_ms = 10_000 + second * 1000;
    expect(gaps.take(books({ a: { dropped } }), now_ms, second * 1000, false)).toEqual([]);
  }
  expect(gaps.take(books({ a: { dropped: 5 } }), 70_000, 60_000, false)).toEqual([
    { input: "a", reason: "journal_full", count: 4, first_ms: 20_000, last_ms: 30_000 },
  ]);
  expect(gaps.take(books({ a: { dropped: 5 } }), 200_000, 190_000, true)).toEqual([]);
});

test("gaps - at the stop all is told at once", () => {
  const gaps = new Gaps({});
  gaps.take(books({ a: { dropped: 1 } }), 1000, 0, false);
  expect(gaps.take(books({ a: { dropped: 2 } }), 2000, 1000, true)).toMatchObject([{ count: 1 }]);
});

test("gaps - what was told before a restart is not told again, and what was not is", () => {
  const gaps = new Gaps({});
  gaps.take(books({ a: { dropped: 4 } }), 1000, 0, false);
  const later = new Gaps(gaps.reported);
  expect(later.take(books({ a: { dropped: 4, lost: 9 } }), 5000, 0, false)).toMatchObject([
    { bytes: 9 },
  ]);
});

test("gaps - counts that have fallen back with an older state are told only beyond what was told", () => {
  const gaps = new Gaps({
    a: { dropped: { journal_full: 5 }, lost_bytes: {}, quarantine_removed: {} },
  });
  expect(gaps.take(books({ a: { dropped: 2 } }), 1000, 0, true)).toEqual([]);
  expect(gaps.take(books({ a: { dropped: 6 } }), 1000, 0, true)).toMatchObject([{ count: 1 }]);
});

test("gaps - whatever the times, all that is told adds up to what was dropped", () => {
  const steps = fc.array(fc.record({ more: fc.nat(50), seconds: fc.nat(90) }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (taken) => {
      const gaps = new Gaps({});
      let dropped = 0;
      let told = 0;
      let now_ms = 0;
      for (const { more, seconds } of taken) {
        dropped += more;
        now_ms += seconds * 1000;
        for (const { count = 0 } of gaps.take(books({ a: { dropped } }), now_ms, now_ms, false))
          told += count;
      }
      for (const { count = 0 } of gaps.take(books({ a: { dropped } }), now_ms, now_ms, true))
        told += count;
      expect(told).toBe(dropped);
    }),
  );
});
