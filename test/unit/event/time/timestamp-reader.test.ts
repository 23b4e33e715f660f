/** Timestamps: which texts are times, and that no digit is lost. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TimestampReader } from "../../../../src/event/time/timestamp-reader.ts";
import { sampled } from "../../../support/effort.ts";

function read(text: string): string | undefined {
  const bytes = Buffer.from(`9${text}9:00Z`);
  const reader = new TimestampReader();
  return reader.read(bytes, 1, 1 + Buffer.byteLength(text)) ? reader.text : undefined;
}

const usable: [string, string][] = [
  ["2025-03-21T06:37:27.915055685Z", "1742539047.915055685"],
  ["2025-03-21T06:37:27Z", "1742539047"],
  ["2025-03-21T06:37:27.9Z", "1742539047.9"],
  ["2025-03-21T06:37:27.500Z", "1742539047.500"],
  ["2025-03-21t06:37:27.9z", "1742539047.9"],
  ["2025-03-21 06:37:27.9Z", "1742539047.9"],
  ["2025-03-21T08:37:27.9+02:00", "1742539047.9"],
  ["2025-03-21T01:07:27.9-0530", "1742539047.9"],
  ["2025-03-21T06:37:27.91505568512Z", "1742539047.915055685"],
  ["2025-03-21T06:37:27,915055685Z", "1742539047.915055685"],
  ["2025-03-21T06:37:27 UTC", "1742539047"],
  ["2025-03-21 06:37:27.915 GMT", "1742539047.915"],
  ["2025-03-21T06:37:27UTC", "1742539047"],
  ["2025-03-21T06:37:27 Z", "1742539047"],
  ["2025-03-21T07:37:27.915+01", "1742539047.915"],
  ["2025-03-21 07:37:27.915 +0100", "1742539047.915"],
  ["2025/03/21T06:37:27Z", "1742539047"],
  ["2025-03-21 06:37Z", "1742539020"],
  ["20250321T063727Z", "1742539047"],
  ["20250321063727.5Z", "1742539047.5"],
  ["21/Mar/2025:06:37:27 +0000", "1742539047"],
  ["[21/Mar/2025:07:37:27 +0100]", "1742539047"],
  ["21-Mar-2025 06:37:27.915Z", "1742539047.915"],
  ["Fri, 21 Mar 2025 06:37:27 GMT", "1742539047"],
  ["Fri Mar 21 06:37:27 UTC 2025", "1742539047"],
  ["Mar 21 2025 06:37:27 UTC", "1742539047"],
  ["1.742539047e9", "1742539047"],
  ["1.742539047915E9", "1742539047.915"],
  ["1e9", "1000000000"],
  ["2024-02-29T00:00:00Z", "1709164800"],
  ["2016-12-31T23:59:60Z", "1483228800"],
  ["1970-01-01T00:00:00Z", "0"],
  ["1969-12-31T23:00:00-01:00", "0"],
  ["2038-01-19T03:14:07.999999999Z", "2147483647.999999999"],
  ["1700000000", "1700000000"],
  ["1700000000.123456789", "1700000000.123456789"],
  ["1700000000.1234567891", "1700000000.123456789"],
  ["1700000000.0", "1700000000.0"],
  ["1700000000123", "1700000000.123"],
  ["1700000000123.456", "1700000000.123456"],
  ["1700000000123456", "1700000000.123456"],
  ["1700000000123456789", "1700000000.123456789"],
  ["0", "0"],
  ["2147483647", "2147483647"],
];

const unusable = [
  "",
  "x",
  "2025-02-30T00:00:00Z",
  "2023-02-29T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "2025-13-01T00:00:00Z",
  "2025-00-01T00:00:00Z",
  "2025-04-31T00:00:00Z",
  "2025-03-21T24:00:00Z",
  "2025-03-21T06:60:00Z",
  "2025-03-21T06:37:61Z",
  "2025-03-21T06:37:27",
  "2025-03-21T06:37:27.Z",
  "2025-03-21T06:37:27.9",
  "2025-03-21T06:37:27+2",
  "2025-03-21T06:37:27+24:00",
  "2025-03-21T06:37:27+02:60",
  "2025-03-21T06:37:27ZZ",
  "2025-03-21X06:37:27Z",
  "20x5-03-21T06:37:27Z",
  "1969-12-31T23:59:59Z",
  "2038-01-19T03:14:08Z",
  "2147483648",
  "-1",
  "1.",
  ".5",
  "01700000000",
  "17000000001",
  "170000000012",
  "17000000001234",
  "9999999999999",
  "1700000000.12x",
  "1700000000 ",
];

describe("timestamp", () => {
  test.each(usable)("timestamp - %s is %s", (text, digits) => {
    expect(read(text)).toBe(digits);
  });

  test.each(unusable)("timestamp - %j is not usable", (text) => {
    expect(read(text)).toBe(undefined);
  });

  sampled(
    "timestamp - agrees with Date on every date and offset, one reader for all",
    { sample: 80, all: 2000 },
    (runs) => {
      const reader = new TimestampReader();
      const time = fc.tuple(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
        fc.stringMatching(/^(\.[0-9]{1,9})?$/),
      );
      fc.assert(
        fc.property(time, ([seconds, offset, fraction]) => {
          const local = new Date((seconds + offset * 60) * 1000);
          if (local.getTime() < 0) return;
          const sign = offset < 0 ? "-" : "+";
          const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0");
          const minutes = String(Math.abs(offset) % 60).padStart(2, "0");
          const text = `${local.toISOString().slice(0, 19)}${fraction}${sign}${hours}:${minutes}`;
          const bytes = Buffer.from(text);
          expect(reader.read(bytes, 0, bytes.length)).toBe(true);
          expect(reader.text).toBe(`${seconds}${fraction}`);
        }),
        { numRuns: runs },
      );
    },
  );

  test("timestamp - forgets the last time when the next is not usable", () => {
    const reader = new TimestampReader();
    const good = Buffer.from("2025-03-21T06:37:27.9Z");
    const bad = Buffer.from("2025-02-30T06:37:27.9Z");
    expect(reader.read(good, 0, good.length)).toBe(true);
    expect(reader.read(bad, 0, bad.length)).toBe(false);
    expect(reader.length).toBe(0);
    expect(reader.read(good, 0, good.length)).toBe(true);
    expect(reader.text).toBe("1742539047.9");
  });

  test.each([
    [1_700_000_000_123, "1700000000.123"],
    [1_700_000_000_007.9, "1700000000.007"],
    [0, "0.000"],
    [-5, "0.000"],
    [2 ** 41, "2147483647.999"],
  ])("timestamp - %d ms are written as %s", (milliseconds, digits) => {
    const reader = new TimestampReader();
    reader.readMilliseconds(milliseconds);
    expect(reader.text).toBe(digits);
  });
});
