/** Zones: which instant a local time is, also where clocks are put forward and back. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Zone } from "../../../../src/event/time/zone.ts";
import { sampled } from "../../../support/effort.ts";

/** What is used of it here: TypeScript does not know it yet. */
declare const Temporal: {
  PlainDateTime: {
    from(text: string): { toZonedDateTime(zone: string): { epochMilliseconds: number } };
  };
};

/** Seconds of a time as if it was UTC's. */
function seconds(text: string): number {
  return Date.parse(`${text}Z`) / 1000;
}

test.each([
  ["UTC", "2025-07-14T08:00:00", "2025-07-14T08:00:00"],
  ["Europe/Berlin", "2025-01-14T08:00:00", "2025-01-14T07:00:00"],
  ["Europe/Berlin", "2025-07-14T08:00:00", "2025-07-14T06:00:00"],
  ["America/New_York", "2025-07-14T08:00:00", "2025-07-14T12:00:00"],
  ["Asia/Kathmandu", "2025-07-14T08:00:00", "2025-07-14T02:15:00"],
  // Skipped by the clock: it shows 03:30 then.
  ["Europe/Berlin", "2025-03-30T02:30:00", "2025-03-30T01:30:00"],
  // The last second before, and the first after.
  ["Europe/Berlin", "2025-03-30T01:59:59", "2025-03-30T00:59:59"],
  ["Europe/Berlin", "2025-03-30T03:00:00", "2025-03-30T01:00:00"],
  // Shown twice by the clock: the first of the two.
  ["Europe/Berlin", "2025-10-26T02:30:00", "2025-10-26T00:30:00"],
  ["America/New_York", "2025-11-02T01:30:00", "2025-11-02T05:30:00"],
  // Half an hour, at half past one.
  ["Australia/Lord_Howe", "2025-04-06T01:45:00", "2025-04-05T14:45:00"],
  ["Australia/Lord_Howe", "2025-10-05T02:15:00", "2025-10-04T15:45:00"],
])("zone - in %s, %s is %s in UTC", (name, local, utc) => {
  const zone = new Zone(name);
  expect(zone.toUtc(seconds(local))).toBe(seconds(utc));
  // Asked again, after another time.
  zone.toUtc(0);
  expect(zone.toUtc(seconds(local))).toBe(seconds(utc));
});

test("zone - one that does not exist is refused", () => {
  expect(() => new Zone("Europe/Atlantis")).toThrow(RangeError);
  expect(new Zone("local").name).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
});

sampled("zone - agrees with Temporal on every local time", { sample: 300, all: 20_000 }, (runs) => {
  const names = [
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Pacific/Apia",
  ];
  const zones = new Map(names.map((name) => [name, new Zone(name)]));
  const local = fc.integer({ min: 86_400, max: 2 ** 31 - 2 * 86_400 });
  fc.assert(
    fc.property(fc.constantFrom(...names), local, (name, local_s) => {
      const text = new Date(local_s * 1000).toISOString().slice(0, 19);
      const { epochMilliseconds } = Temporal.PlainDateTime.from(text).toZonedDateTime(name);
      expect(zones.get(name)!.toUtc(local_s)).toBe(epochMilliseconds / 1000);
    }),
    { numRuns: runs },
  );
});
