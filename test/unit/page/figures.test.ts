/** Rates, the last hour and how numbers are written. */
import { expect, test } from "vitest";
import { bytes, clipped, compact, duration, rate } from "../../../src/page/model/format.ts";
import { hourOf, rowsOf } from "../../../src/page/model/hour.ts";
import { Rates } from "../../../src/page/model/rates.ts";
import { closeBooks, emptyBooks } from "../../../src/ledger/books.ts";
import { summaryOf } from "../../support/reports/summary.ts";

function look(seconds: number, received: number, started_at = "2026-03-21T12:00:00.000Z") {
  const books = closeBooks({ audit: { ...emptyBooks(), received, in_flight: received } });
  const at = new Date(Date.parse("2026-03-21T14:00:00.000Z") + seconds * 1000).toISOString();
  return summaryOf({ at, started_at, books });
}

test("rates - the second look gives one, later ones are smooth and reach a steady rate", () => {
  let rates = Rates.after(look(0, 1000), undefined);
  expect(rates.received).toBeUndefined();
  rates = Rates.after(look(2, 1200), rates);
  expect(rates.received).toBe(100);
  rates = Rates.after(look(3, 1200), rates);
  expect(rates.received).toBeGreaterThan(50);
  for (let second = 4; second < 40; second += 1) {
    rates = Rates.after(look(second, 1200 + (second - 3) * 500), rates);
  }
  expect(rates.received).toBeCloseTo(500, 0);
  expect(rates.input("audit")).toBeCloseTo(500, 0);
});

test("rates - the same look again changes nothing, and a restart begins again", () => {
  const before = Rates.after(look(1, 1100), Rates.after(look(0, 1000), undefined));
  expect(Rates.after(look(1, 1100), before)).toBe(before);
  expect(Rates.after(look(2, 1100, "2026-03-21T13:59:59.000Z"), before).received).toBeUndefined();
});

test("rates - a clock that is put back makes no rate of its own", () => {
  const before = Rates.after(look(1, 1100), Rates.after(look(0, 1000), undefined));
  const after = Rates.after(look(-3600, 1200), before);
  expect(after.received).toBe(100);
  expect(Rates.after(look(-3599, 1300), after).received).toBe(100);
});

test("the last hour - rates are between two samples, and a few rows end with the last", () => {
  const at_seconds = [0, 10, 20, 30, 40, 50];
  const counts = [0, 100, 100, 400, 400, 500];
  const columns = {
    at_seconds,
    received: counts,
    delivered: counts,
    in_flight: counts,
    lag_bytes: counts,
    lag_seconds: counts,
    filtered: counts,
    quarantined: counts,
    dropped: counts,
    resident_bytes: counts,
  };
  const hour = hourOf({ interval_seconds: 10, columns });
  expect(hour.at).toEqual([10, 20, 30, 40, 50]);
  expect(hour.received).toEqual([10, 0, 30, 0, 10]);
  expect(hour.in_flight).toEqual([100, 100, 400, 400, 500]);
  expect(rowsOf(hour, 3)).toEqual([0, 2, 4]);
});

test("format - numbers are short, and say what they are", () => {
  expect([0, 950, 12_345, 4_560_000, 999_999].map(compact)).toEqual([
    "0",
    "950",
    "12.3 k",
    "4.56 M",
    "1000 k",
  ]);
  expect([0, 999, 1_500_000, 2e12].map(bytes)).toEqual(["0 B", "999 B", "1.5 MB", "2 TB"]);
  expect([0, 0.05, 4.44, 1234].map(rate)).toEqual(["0/s", "< 0.1/s", "4.4/s", "1.23 k/s"]);
  expect([0, 4.25, 45, 200, 7500, 360_000].map(duration)).toEqual([
    "0 s",
    "4.3 s",
    "45 s",
    "3 min 20 s",
    "2 h 5 min",
    "4 d 4 h",
  ]);
  expect(clipped("a long name", 40, 14)).toBe("a lo…");
});
