/** The kernel that proves records to be JSON against the walker, which knows all of JSON: same verdict, same spans, or unsure. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { JsonKernel, origin, row_places, row_words } from "../../src/event/kernel/json-kernel.ts";
import { window_bytes } from "../../src/event/kernel/module.ts";
import { parsePath } from "../../src/event/scan/path.ts";
import { Walker } from "../../src/event/scan/walker.ts";
import { sampled } from "../support/effort.ts";
import { damaged_json, json_object_text, json_text } from "../support/json-arbitraries.ts";

const keys = ["time", "a", "ab", "@timestamp", "requestReceivedTimestamp", ""];
const paths = keys.map((key) => parsePath(key === "" ? '[""]' : key));
const kernel = new JsonKernel();
/** The last path leads deeper, so that it has no kernel. */
const oracle = new Walker([...paths, parsePath("not.there")]);

const every_length = -1;

/** What is known of the wanted values, one after the other. */
function valuesIn(walker: Walker): number[][] {
  const { spans } = walker;
  return paths.map((_, number) => {
    const values: number[] = [];
    for (let row = spans.first(number); row >= 0; row = spans.next(row)) {
      const plain = spans.plain(row) ? 1 : 0;
      values.push(spans.member(row), spans.start(row), spans.end(row), plain);
    }
    return values;
  });
}

/** Whether the kernel was sure. Fails where it is wrong. */
function compare(record: Buffer): boolean {
  const bytes = Buffer.concat([Buffer.from('{"'), record, Buffer.from('"}]')]);
  const [start, end] = [2, 2 + record.length];
  const invalid = oracle.scan(bytes, start, end);
  const expected = valuesIn(oracle);
  const words = kernel.check(bytes, start, end, every_length);
  if (words >= 0) expect(invalid).toBe(undefined);
  const walker = new Walker(paths);
  expect(walker.scan(bytes, start, end)).toEqual(invalid);
  expect(valuesIn(walker)).toEqual(expected);
  return words >= 0;
}

const values = [
  '"plain"',
  '"a longer text that goes over the borders of vectors and of blocks of 64 bytes, in any case"',
  '""',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\\u0041\\u00e9\\uD83D"',
  "-0.5e-7",
  "0",
  "120E+3",
  "true",
  "false",
  "null",
  '{"time":{"time":[]},"a":1}',
  '[ ["time"] , {"a" : {}} ]',
  "{ }",
  "[]",
];

describe("the kernel for JSON", () => {
  sampled("agrees on every spelling of JSON", { sample: 300, all: 3000 }, (runs) => {
    const record = fc.oneof(json_text, json_object_text).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(record, (bytes) => void compare(bytes)),
      { numRuns: runs },
    );
  });

  sampled("agrees on damaged JSON and on random bytes", { sample: 500, all: 10_000 }, (runs) => {
    const hostile = fc
      .array(
        fc.oneof(fc.constantFrom(...Buffer.from('{}[]:,"\\u0eE+-.truefalsn \n')), fc.nat(255)),
        { maxLength: 40 },
      )
      .map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged_json, hostile), (bytes) => void compare(bytes)),
      { numRuns: runs },
    );
  });

  sampled(
    "is sure of ASCII, with the border of a block at every byte, and never of a part of it",
    { sample: 11, all: 1 },
    (step) => {
      for (const [number, value] of values.entries()) {
        for (let shift = number % step; shift <= 66; shift += step) {
          const text = `{"pad":"${"x".repeat(shift)}","time":${value},"a":${value}}`;
          expect(compare(Buffer.from(text))).toBe(true);
          expect(compare(Buffer.from(text.slice(0, -1)))).toBe(false);
          expect(compare(Buffer.from(`${text}]`))).toBe(false);
          expect(compare(Buffer.from(`${text}\0`))).toBe(false);
        }
      }
    },
  );

  test("takes no record for JSON by what the one before it has left", () => {
    const whole = Buffer.from(wekaEvent(7));
    for (let length = 0; length < whole.length; length += 1) {
      expect(kernel.check(whole, 0, whole.length, 0)).toBe(0);
      expect(kernel.check(whole, 0, length, 0)).toBe(-1);
    }
  });

  sampled("agrees where one byte of an event is another", { sample: 2, all: 40 }, (events) => {
    const others = Buffer.from('"\\{}[]:,0 \n\x1f\x7f\x80\xff\0', "latin1");
    for (let number = 0; number < events; number += 1) {
      const event = Buffer.from(wekaEvent(number));
      for (let at = number % 3; at < event.length; at += 3) {
        const damaged = Buffer.from(event);
        damaged[at] = others[(at + number) % others.length]!;
        compare(damaged);
      }
    }
  });

  test("gives the places of members at the top by the lengths of their keys", () => {
    const text = '{"time":1,"api":{"time":2},"time":"x\\n", "four":"abcd"}';
    const words = kernel.check(Buffer.from(text), 0, text.length, 1 << 4);
    const found: string[] = [];
    for (let row = 0; row < words; row += row_words) {
      const part = (from: number, to: number): string =>
        text.slice(kernel.rows[row + from]! - origin, kernel.rows[row + to]! - origin);
      const { key_start, key_end, start, end, plain } = row_places;
      found.push(part(key_start, key_end), part(start, end), String(kernel.rows[row + plain]));
    }
    expect(found).toEqual(['"time"', "1", "0", '"time"', '"x\\n"', "0", '"four"', '"abcd"', "1"]);
  });

  test("leaves to the walker what is deeper, longer, of more members, or spelled otherwise", () => {
    const nested = (levels: number): Buffer => Buffer.from("[".repeat(levels) + "]".repeat(levels));
    expect(compare(nested(512))).toBe(true);
    expect(compare(nested(513))).toBe(false);
    const long = (length: number): Buffer => Buffer.from(`"${"x".repeat(length - 2)}"`);
    expect(compare(long(window_bytes))).toBe(true);
    expect(compare(long(window_bytes + 1))).toBe(false);
    const many = Array.from({ length: 400 }, (_, number) => `"a":${number}`).join();
    expect(compare(Buffer.from(`{${many}}`))).toBe(false);
    expect(compare(Buffer.from('{"tim\\u0065":1}'))).toBe(false);
    expect(compare(Buffer.from('{"time":"é"}'))).toBe(false);
  });

  test("goes on finding all where it has long been unsure", () => {
    const walker = new Walker(paths);
    for (let number = 0; number < 3000; number += 1) {
      const is_wide = number < 1500 && number % 5 !== 0;
      const text = `{"time":"${is_wide ? "é" : "e"}","a":${number}}`;
      const bytes = Buffer.from(text);
      expect(walker.scan(bytes, 0, bytes.length)).toBe(undefined);
      const row = walker.spans.first(1);
      const value = bytes.toString("utf8", walker.spans.start(row), walker.spans.end(row));
      expect(value).toBe(String(number));
    }
  });
});
