/** What the watchdog decides by, what it sees of a record, and what it says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  hashOfRecord,
  HungEventsOfStep,
  withHungEvent,
} from "../../../../src/platform/watchdog/hung-events.ts";
import { readHungEvents } from "../../../../src/platform/watchdog/hung-file.ts";
import { Looks, looks_max } from "../../../../src/platform/watchdog/looks.ts";
import {
  type MarkedRecord,
  Marks,
  record_bytes_max,
} from "../../../../src/platform/watchdog/marks.ts";
import { reportOf } from "../../../../src/platform/watchdog/report.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** How many looks it takes until it counts as hanging. */
function looksUntilHang(activity: number): number {
  const looks = new Looks();
  let count = 1;
  while (!looks.look(1, activity)) count += 1;
  return count;
}

describe("looks", () => {
  test("watchdog - ten looks in a row at the same step find it hanging; three times as many are outside of one", () => {
    expect(looksUntilHang(5)).toBe(looks_max + 1);
    expect(looksUntilHang(0)).toBe(3 * looks_max + 1);
  });

  test("watchdog - a step that is slow, but gets on, does not hang", () => {
    const looks = new Looks();
    for (let event = 0; event < 100; event += 1) {
      for (let look = 0; look < looks_max; look += 1) expect(looks.look(event, 1)).toBe(false);
    }
  });
});

function record(text: string, { before = "{}\n", stream = "/var/log/a.log" } = {}): MarkedRecord {
  const bytes = Buffer.from(`${before}${text}\n`);
  const start = Buffer.byteLength(before);
  return {
    block: {
      origin: { input: "audit", stream },
      bytes,
      starts: Int32Array.of(0, start),
      ends: Int32Array.of(start - 1, bytes.length - 1),
    },
    number: 1,
    offset: 5_000_000_000 + start,
  };
}

describe("marks", () => {
  test("watchdog - another view of the memory sees what a step was given, and what went on before it", () => {
    const marks = new Marks();
    const seen = new Marks(marks.memory);
    marks.begin(3);
    const before = marks.beginRecord(7, record('{"grüße":1}'));
    expect(seen.activity).toBe(7);
    expect(seen.record()).toEqual({
      input: "audit",
      stream: "/var/log/a.log",
      offset: 5_000_000_003,
      bytes: 13,
      content: Buffer.from('{"grüße":1}'),
    });
    const { progress } = seen;
    marks.begin(before);
    expect(seen.activity).toBe(3);
    expect(seen.progress).toBeGreaterThan(progress);
  });

  test("watchdog - of a long record it sees the beginning, and the whole length", () => {
    const marks = new Marks();
    const text = "x".repeat(3 * record_bytes_max);
    marks.beginRecord(1, record(text));
    const { bytes, content } = marks.record();
    expect(bytes).toBe(text.length);
    expect(content).toEqual(Buffer.from(text.slice(0, record_bytes_max)));
    marks.beginRecord(1, record("{}", { stream: "/other" }));
    expect(marks.record()).toMatchObject({ stream: "/other", bytes: 2 });
  });
});

describe("hung events", () => {
  const content = Buffer.from('{"loop":true}');
  const event = { code: "c", step: "p", bytes: content.length, sha256: hashOfRecord(content) };

  test("watchdog - an event is known again by its bytes, wherever it is, for the same code only", async () => {
    const file = join(temporaryDirectory(), "hung-events.json");
    writeFileSync(file, withHungEvent([], event));
    const events = await readHungEvents(file);
    const known = new HungEventsOfStep(events, "c");
    const block = Buffer.from(`{}\n{"loop":true}\n{"loop":1234}\n`);
    expect(known.has(block, 3, 16)).toBe(true);
    expect(known.has(block, 17, 30)).toBe(false);
    expect(known.has(block, 0, 2)).toBe(false);
    expect(new HungEventsOfStep(events, "d").is_empty).toBe(true);
  });

  test("watchdog - each event is kept once, and the last thousand of them", () => {
    const events = Array.from({ length: 1000 }, (_, bytes) => ({ ...event, bytes }));
    const after = (bytes: number): unknown =>
      JSON.parse(withHungEvent(events, { ...event, bytes }));
    expect(after(7)).toEqual({ events: [...events.toSpliced(7, 1), events[7]] });
    expect(after(1000)).toEqual({ events: [...events.slice(1), { ...event, bytes: 1000 }] });
  });

  test("watchdog - a file that is missing or damaged holds none", async () => {
    const file = join(temporaryDirectory(), "hung-events.json");
    expect(await readHungEvents(file)).toEqual([]);
    writeFileSync(file, '{"events":[{}');
    expect(await readHungEvents(file)).toEqual([]);
  });
});

test("watchdog - a report has the step and the place of the event, and nothing of its content", () => {
  const marks = new Marks();
  marks.beginRecord(1, record('{"password":"hunter2"}'));
  const activity = {
    kind: "step",
    step: "mine",
    plugin: "p",
    file: "/p.mjs",
    code: "abc",
  } as const;
  const report = reportOf(activity, marks.record(), 1000);
  const line = report.asLogLine("2026-01-01T00:00:00.000Z");
  expect(JSON.parse(line)).toMatchObject({
    level: "error",
    code: "plugin_hangs",
    during: "step",
    step: "mine",
    input: "audit",
    stream: "/var/log/a.log",
    offset: 5_000_000_003,
    bytes: 22,
    msg: expect.stringContaining("A step hangs on an event."),
  });
  expect(line + report.asText()).not.toMatch(/hunter2|password/);
  expect(reportOf(undefined, undefined, 1000).asText()).toContain("outside of a step");
  const loading = reportOf({ kind: "load", file: "/bad\n.mjs" }, undefined, 1000).asText();
  expect(loading).toContain("\n  file: /bad\\x0a.mjs\n");
});
