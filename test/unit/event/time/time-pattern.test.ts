/** Patterns for times: what they read, and which cannot be used. */
import { describe, expect, test } from "vitest";
import { TimePattern, TimePatternError } from "../../../../src/event/time/time-pattern.ts";
import { TimestampReader } from "../../../../src/event/time/timestamp-reader.ts";
import { Zone } from "../../../../src/event/time/zone.ts";

function read(pattern: string, text: string, zone?: string): string | undefined {
  const reader = new TimestampReader();
  reader.near_ms = Date.parse("2025-07-20T00:00:00Z");
  const bytes = Buffer.from(text);
  const format = {
    pattern: new TimePattern(pattern),
    zone: zone === undefined ? undefined : new Zone(zone),
  };
  return reader.read(bytes, 0, bytes.length, format) ? reader.text : reader.fault;
}

test.each([
  ["%d/%b/%Y:%H:%M:%S %z", "21/Mar/2025:06:37:27 +0000", "1742539047"],
  ["%Y-%m-%d %H:%M:%S.%f %Z", "2025-03-21 06:37:27.915 UTC", "1742539047.915"],
  ["%d.%m.%Y %T%z", "21.03.2025 07:37:27+01:00", "1742539047"],
  ["%F %R%z", "2025-03-21 06:37Z", "1742539020"],
  ["%D %I:%M:%S %p %z", "03/21/25 06:37:27 AM GMT", "1742539047"],
  ["%m/%d/%y %l:%M:%S %p %z", "3/21/25 12:00:00 am Z", "1742515200"],
  ["%m/%d/%y %l:%M:%S %p %z", "3/21/25 12:00:00 PM Z", "1742558400"],
  ["%A, %e %B %Y %H:%M:%S %z", "Friday,  1 August 2025 00:00:00 +00", "1754006400"],
  ["%s", "1742539047", "1742539047"],
  ["%s.%N", "1742539047.915055685", "1742539047.915055685"],
  ["[%Y (%m) %d] %H:%M:%S %z 100%%", "[2025 (03) 21] 06:37:27 Z 100%", "1742539047"],
  ["%Y %m %d %H %z", "2025 03   21 06 Z", "1742536800"],
])("time pattern - %s reads %s", (pattern, text, time) => {
  expect(read(pattern, text)).toBe(time);
});

test("time pattern - what does not fit is no time, whatever else is", () => {
  const pattern = "%d/%b/%Y:%H:%M:%S %z";
  for (const other of ["", "x", "2025-03-21T06:37:27Z", "21/Mar/2025:06:37:27 +0000 x"]) {
    expect(read(pattern, other)).toBe("unknown_form");
  }
  expect(read(pattern, "31/Feb/2025:06:37:27 +0000")).toBe("unknown_form");
  expect(read(pattern, "21/Mar/2025:24:37:27 +0000")).toBe("unknown_form");
  expect(read(pattern, "21/Mar/2025:06:37:27 +2500")).toBe("unknown_form");
  expect(read(pattern, "21/Mar/1969:06:37:27 +0000")).toBe("out_of_range");
  expect(read("%Y-%m-%d %I:%M %p %z", "2025-03-21 13:00 PM Z")).toBe("unknown_form");
});

test("time pattern - a time without a zone is in the one that is configured", () => {
  expect(read("%Y-%m-%d %H:%M:%S", "2025-07-14 08:00:00")).toBe("no_zone");
  expect(read("%Y-%m-%d %H:%M:%S", "2025-07-14 08:00:00", "Europe/Berlin")).toBe("1752472800");
  // The abbreviation says that it is one hour or two, and does not say which of the world's.
  expect(read("%F %T %Z", "2025-07-14 08:00:00 CEST", "Europe/Berlin")).toBe("1752472800");
  expect(read("%F %T %Z", "2025-07-14 08:00:00 CEST")).toBe("no_zone");
});

test("time pattern - a time without a year is the nearest", () => {
  expect(read("%b %e %H:%M:%S", "Jul  4 08:00:00", "UTC")).toBe("1751616000");
  expect(read("%b %e %H:%M:%S", "Dec 31 23:59:59", "UTC")).toBe("1767225599");
  expect(read("%b %e %H:%M:%S", "Feb  1 00:00:00", "UTC")).toBe("1738368000");
  // Only in a leap year; none is near.
  expect(read("%b %e %H:%M:%S", "Feb 29 00:00:00", "UTC")).toBe("1709164800");
});

describe("one that cannot be used", () => {
  test.each([
    ["%Q", "%Q is not known; known are %%", 1],
    ["%Y-%m-%d %H:%M:%S %", "% is not known", 19],
    ["%Y-%m-%d", "it has no %H", 9],
    ["%H:%M:%S", "it has no %m or %b", 9],
    ["%m %H", "it has no %d", 6],
    ["%F %T %m", "%m says the month a second time", 7],
    ["%F %I:%M", "%I needs %p beside it", 9],
    ["", "it has no %m or %b", 1],
  ])("time pattern - %j is refused with its place", (pattern, message, at) => {
    expect(() => new TimePattern(pattern)).toThrow(message);
    try {
      void new TimePattern(pattern);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TimePatternError);
      expect((thrown as TimePatternError).at).toBe(at);
    }
  });
});
