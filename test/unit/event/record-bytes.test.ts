/** Scans of large records: what asks for no more than validity and time does not cost one for all paths. */
import { describe, expect, test } from "vitest";
import { Scanner } from "../../../src/event/scanner.ts";
import { eventOf, paths, textOf } from "../../support/events/single-event.ts";
import { timeRule } from "../../support/events/time-rules.ts";

const time = timeRule();
const filler = "x".repeat(40_000);
const large = `{"time":"2025-03-21T06:37:27Z","secret":"S","filler":"${filler}"}`;

function scannerOf(...texts: string[]): Scanner {
  return new Scanner(paths(...texts), { time });
}

describe("large records", () => {
  test("large records - are checked, and their time is read, without a scan for what steps look for", () => {
    const scanner = scannerOf("**.secret");
    const event = eventOf(large, { scanner, time });
    expect(event.invalid).toBe(undefined);
    expect(event.time).toBe("1742539047");
    expect(scanner.walker.generation).toBe(0);
  });

  test("large records - steps find what they look for, before and after the time was read", () => {
    const [secret] = paths("**.secret");
    const scanner = new Scanner([secret!], { time });
    const event = eventOf(large, { scanner, time });
    expect(event.time).toBe("1742539047");
    expect(event.replace(secret!, "R")).toBe(1);
    expect(event.time).toBe("1742539047");
    expect(textOf(event)).toBe(large.replace('"S"', '"R"'));
  });

  test("large records - a time that a step has written is read", () => {
    const [place] = paths("time");
    const scanner = new Scanner([place!], { time });
    const event = eventOf(large, { scanner, time });
    expect(event.time).toBe("1742539047");
    event.set(place!, "2025-03-21T06:37:28Z");
    expect(event.time).toBe("1742539048");
    event.text = large.replace(":27Z", ":29Z");
    expect(event.time).toBe("1742539049");
  });

  test("large records - what is no JSON is said as of small ones", () => {
    const broken = `${large.slice(0, -1)},}`;
    const event = eventOf(broken, { scanner: scannerOf("secret"), time });
    const reason = { byte: broken.length - 1 };
    expect(event.invalid).toMatchObject(reason);
    expect(() => event.get("secret")).toThrow("the event is not JSON");
    expect(event.invalid).toMatchObject(reason);
  });

  test("large records - one that was scanned as a whole is not scanned again for its time", () => {
    const [secret] = paths("secret");
    const scanner = new Scanner([secret!], { time });
    const event = eventOf(large, { scanner, time });
    expect(event.get(secret!)).toBe("S");
    expect(event.time).toBe("1742539047");
    expect([scanner.walker.generation, scanner.outline.generation]).toEqual([1, 0]);
  });
});
