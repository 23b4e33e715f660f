/** The walk over a record: what is at fault and where, and which spellings of a key are found. */
import { describe, expect, test } from "vitest";
import { faultPosition, faultReason } from "../../../../src/event/scan/json-text.ts";
import { parsePath } from "../../../../src/event/scan/path.ts";
import { PathSet } from "../../../../src/event/scan/path-set.ts";
import { depth_max, Walker } from "../../../../src/event/scan/walker.ts";
import { spelledString } from "../../../support/random/json-arbitraries.ts";
import { RandomSource } from "../../../support/random/random-source.ts";

function found(walker: Walker, text: string, number = 0): string[] {
  const bytes = Buffer.from(text);
  expect(walker.scan(bytes, 0, bytes.length)).toBe(undefined);
  const values: string[] = [];
  const { spans } = walker;
  for (let row = spans.first(number); row >= 0; row = spans.next(row)) {
    values.push(bytes.toString("utf8", spans.start(row), spans.end(row)));
  }
  return values;
}

function find(path: string, text: string, ignore_case = false): string[] {
  return found(new Walker([parsePath(path, { ignore_case })]), text);
}

const faults: [string | Buffer, number, string][] = [
  ["", 0, "nothing but white space"],
  [" \n", 0, "nothing but white space"],
  ["{", 1, "ends too early"],
  ['{"a"', 4, "ends too early"],
  ['{"a":', 5, "ends too early"],
  ['{"a":1', 6, "ends too early"],
  ['{"a":1,', 7, "ends too early"],
  ["[1,", 3, "ends too early"],
  ['"abc', 4, "ends too early"],
  ['"abc\\', 5, "ends too early"],
  ["tru", 3, "ends too early"],
  ["1.", 2, "ends too early"],
  ["1e+", 3, "ends too early"],
  ["-", 1, "ends too early"],
  ["{}}", 2, "text after the end of the value"],
  ["1 2", 2, "text after the end of the value"],
  ["{,}", 1, "a key in double quotes is expected"],
  ['{"a":1,}', 7, "a key in double quotes is expected"],
  ["{a:1}", 1, "a key in double quotes is expected"],
  ['{"a" 1}', 5, "a colon is expected"],
  ['{"a":}', 5, "a value is expected"],
  ["[,]", 1, "a value is expected"],
  ["[1,]", 3, "a value is expected"],
  ["nul1", 3, "a value is expected"],
  ["NaN", 0, "a value is expected"],
  ["'a'", 0, "a value is expected"],
  ['{"a":1]', 6, "a comma or the end of the object is expected"],
  ["[1}", 2, "a comma or the end of the array is expected"],
  ["[1 2]", 3, "a comma or the end of the array is expected"],
  ["01", 1, "a number that JSON does not allow"],
  ["-a", 1, "a number that JSON does not allow"],
  ["1.a", 2, "a number that JSON does not allow"],
  ["+1", 0, "a value is expected"],
  ["1e", 2, "ends too early"],
  ["[1e]", 3, "a number that JSON does not allow"],
  ['"a\tb"', 2, "a control character in a string"],
  ['"\\x"', 2, "an unknown escape in a string"],
  ['"\\u12g4"', 5, "a \\u escape without four hexadecimal digits"],
  [Buffer.from([0x22, 0xc0, 0x80, 0x22]), 1, "invalid UTF-8"],
  [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 1, "invalid UTF-8"],
  [Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]), 1, "invalid UTF-8"],
  [Buffer.from([0x22, 0xe2, 0x82, 0x22]), 1, "invalid UTF-8"],
  [Buffer.from([0x22, 0xff, 0x22]), 1, "invalid UTF-8"],
  [Buffer.from([0xef, 0xbb, 0xbf, 0x31]), 0, "a byte order mark"],
];

describe("walker", () => {
  test.each(faults)("walker - says what is wrong with %j, at byte %i", (record, byte, reason) => {
    const bytes = Buffer.concat([Buffer.from("{ "), Buffer.from(record), Buffer.from(' "]}e5')]);
    const end = bytes.length - 6;
    expect(new Walker([]).scan(bytes, 2, end)).toEqual({ reason, byte });
  });

  test("walker - knows a place after the first key of an array or object that it has seen", () => {
    const walker = new Walker([parsePath("a")]);
    expect(found(walker, '{"a":1,"b":[{"c":1},{"c":2}]}')).toEqual(["1"]);
    expect(found(walker, '{"a": 2,"b":[{"c" :1},{"d":2}]}')).toEqual(["2"]);
    const cut = Buffer.from('{"a":2,"b":');
    for (let end = 1; end <= cut.length; end += 1) {
      expect(walker.scan(cut, 0, end)).toEqual({ reason: "ends too early", byte: end });
    }
  });

  test("walker - takes a nesting of 512 levels and refuses one more, in any mix", () => {
    const walker = new Walker([parsePath("**.x")]);
    const nested = (levels: number): Buffer =>
      Buffer.from(
        '{"a":['.repeat(levels / 2) + (levels % 2 === 1 ? "[]" : "0") + "]}".repeat(levels / 2),
      );
    expect(walker.scan(nested(depth_max), 0, nested(depth_max).length)).toBe(undefined);
    const deep = Buffer.from("[".repeat(depth_max + 1) + "]".repeat(depth_max + 1));
    expect(walker.scan(deep, 0, deep.length)).toEqual({
      reason: "nested deeper than 512 levels",
      byte: depth_max,
    });
  });

  test("walker - a million [ neither overflow the stack nor pass", () => {
    const bytes = Buffer.from("[".repeat(1_000_000));
    expect(new Walker([]).scan(bytes, 0, bytes.length)?.byte).toBe(depth_max);
    const members = Buffer.from('{"a":'.repeat(1_000_000));
    expect(new Walker([]).scan(members, 0, members.length)?.byte).toBe(depth_max * 5);
  });

  test("walker - finds a key in every spelling of it by escapes", () => {
    const name = "token";
    const walker = new Walker([parsePath(name)]);
    for (let spelling = 0; spelling < 3 ** name.length; spelling += 1) {
      const choices = Array.from(name, (_, at) => Math.floor(spelling / 3 ** at) % 3);
      expect(found(walker, `{"x":0,${spelledString(name, choices)}:"secret"}`)).toEqual([
        '"secret"',
      ]);
    }
  });

  test("walker - finds all values of a repeated key", () => {
    expect(find("a", '{"a":1,"b":2,"a":{"a":3},"\\u0061":[4]}')).toEqual(["1", '{"a":3}', "[4]"]);
    expect(find("a.b", '{"a":{"b":1,"b":2},"a":{"b":3}}')).toEqual(["1", "2", "3"]);
  });

  test("walker - ignores case where asked, with all letters that Unicode folds to ASCII ones", () => {
    const spellings = ["secretkey", "SECRETKEY", "SecretKey", "ſecretKey", "SECRET\\u212aEY"];
    const record = `{${spellings.map((each, at) => `"${each}":${at}`).join(",")}}`;
    expect(find("secretKEY", record, true)).toEqual(["0", "1", "2", "3", "4"]);
    expect(find("ſecretKey", record, true)).toEqual(["0", "1", "2", "3", "4"]);
    expect(find("secretKEY", record)).toEqual([]);
    expect(find("STRASSE", '{"straße":1}', true)).toEqual(["1"]);
    expect(find("tôken", '{"TÔKEN":1,"t\\u00d4ken":2}', true)).toEqual(["1", "2"]);
  });

  test("walker - tells paths that differ in case apart", () => {
    const walker = new Walker([parsePath("a", { ignore_case: true }), parsePath("A")]);
    const record = '{"a":1,"A":2}';
    expect(found(walker, record, 0)).toEqual(["1", "2"]);
    expect(found(walker, record, 1)).toEqual(["2"]);
  });

  test("walker - finds items, any key and any depth", () => {
    const record = '{"a":[{"b":1},{"b":2},[3]],"c":{"b":4}}';
    expect(find("a[1].b", record)).toEqual(["2"]);
    expect(find("a[*].b", record)).toEqual(["1", "2"]);
    expect(find("a.*.b", record)).toEqual(["1", "2"]);
    expect(find("*.b", record)).toEqual(["4"]);
    expect(find("**.b", record)).toEqual(["1", "2", "4"]);
    expect(find("a[2][0]", record)).toEqual(["3"]);
    expect(find("c.**", record)).toEqual(['{"b":4}', "4"]);
    expect(find("a.b", record)).toEqual([]);
    expect(find("**.b.**.b", '{"b":{"x":{"b":1}}}')).toEqual(["1"]);
    expect(find("**.b", '{"b":{"b":1}}')).toEqual(['{"b":1}', "1"]);
  });

  test("walker - does not take a key that only resembles the path's", () => {
    expect(find("ab", '{"a":1,"abc":2,"ac":3,"bb":4,"Ab":5}')).toEqual([]);
    expect(find('["\\ud800"]', '{"\ufffd":1,"\\ud800":2}')).toEqual(["2"]);
    expect(find("constructor", '{"a":1}')).toEqual([]);
  });

  test("walker - stays right when its states and its known keys overflow", () => {
    const wild = ["**.a.*.*.*.*.*.*.*.x", "**.b.*.*.*.*.*.*.*.x"].map((text) => parsePath(text));
    const walker = new Walker([...wild, parsePath("z.y")]);
    let seed = 1;
    for (let round = 0; round < 300; round += 1) {
      const keys = Array.from({ length: 24 }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed % 3 === 0 ? "a" : seed % 3 === 1 ? "b" : `k${seed}`;
      });
      const chain = keys.map((key) => `{"${key}":`).join("") + '{"x":1}' + "}".repeat(24);
      const others = keys.map((key, at) => `"${key}${at}":${at}`).join(",");
      const text = `{${others},"z":{"y":${round}},"w":${chain}}`;
      const matches = (start: string): string[] => (keys[24 - 8] === start ? ["1"] : []);
      expect(found(walker, text, 0)).toEqual(matches("a"));
      expect(found(walker, text, 1)).toEqual(matches("b"));
      expect(found(walker, text, 2)).toEqual([String(round)]);
    }
  });

  test("walker - knows keys in any order, and whichever are missing, as one that has learned nothing", () => {
    const texts = ["**.token", "a.b", "*.longer_key", "a.c.longer_kex"];
    const paths = texts.map((text) => parsePath(text, { secret: true }));
    const learned = new Walker(paths);
    const random = new RandomSource(20_250_321);
    const names = ["a", "ab", "b", "token", "tokem", "longer_key", "longer_kex", "a.b", "c"];
    const spaces = ["", "", " "];
    const object = (depth: number): string => {
      const members = Array.from({ length: random.between(1, 6) }, () => {
        const value = depth === 0 || random.between(0, 2) === 0 ? "1" : object(depth - 1);
        return `"${random.one(names)}"${random.one(spaces)}:${random.one(spaces)}${value}`;
      });
      return `{${members.join(",")}}`;
    };
    for (let round = 0; round < 300; round += 1) {
      const text = object(3);
      const fresh = new Walker(paths);
      const all = paths.map((_, number) => number);
      const right = all.map((number) => found(fresh, text, number));
      expect(
        all.map((number) => found(learned, text, number)),
        text,
      ).toEqual(right);
    }
  });

  test("walker - reads no key again that it knows, wherever that stands", () => {
    const set = new PathSet([parsePath("**.token")]);
    const walker = new Walker([...set.paths], set);
    let reads = 0;
    const onKey = set.onKey.bind(set);
    set.onKey = (...given) => {
      reads += 1;
      return onKey(...given);
    };
    const orders = ["token,other", "other,token", "some,token,other", "other,some,token"];
    const records = orders.map((order) => {
      return `{${order
        .split(",")
        .map((key) => `"${key}":1`)
        .join(",")}}`;
    });
    for (const record of records) expect(found(walker, record)).toEqual(["1"]);
    const before = reads;
    for (const record of records) expect(found(walker, record)).toEqual(["1"]);
    expect(reads).toBe(before);
    expect(before).toBeGreaterThan(0);
  });

  test("walker - keeps two walkers' spans apart, and counts its scans", () => {
    const walker = new Walker([parsePath("a")]);
    const generation = walker.generation;
    expect(found(walker, '{"a":1}')).toEqual(["1"]);
    expect(found(walker, '{"b":1}')).toEqual([]);
    expect(walker.generation).toBe(generation + 2);
  });

  test("walker - finds the first of several values, and where the next one starts", () => {
    const walker = new Walker([parsePath("a")]);
    const texts = ['{"a":1}', '{"b":[{}],"a":"x"}', '"text"', "[1,2]", "{}"];
    for (const space of ["", " ", "\n\r\n"]) {
      const bytes = Buffer.from(`#${texts.join(space)}${space}#`);
      const starts: number[] = [];
      const values: string[] = [];
      for (let at = 1; at < bytes.length - 1;) {
        starts.push(at);
        at = walker.scanFirst(bytes, at, bytes.length - 1);
        const row = walker.spans.first(0);
        const { spans } = walker;
        values.push(row < 0 ? "" : bytes.toString("utf8", spans.start(row), spans.end(row)));
      }
      expect(values).toEqual(["1", '"x"', "", "", ""]);
      expect(starts).toEqual(
        texts.map(
          (_, number) =>
            1 + texts.slice(0, number).join(space).length + (number > 0 ? space.length : 0),
        ),
      );
    }
  });

  test("walker - says where the first value breaks, and knows no spans then", () => {
    const walker = new Walker([parsePath("a")]);
    const bytes = Buffer.from('{"a":1}{"a":2,}');
    expect(walker.scanFirst(bytes, 0, bytes.length)).toBe(7);
    const result = walker.scanFirst(bytes, 7, bytes.length);
    expect(result).toBeLessThan(0);
    expect(faultReason(result)).toBe("a key in double quotes is expected");
    expect(faultPosition(result)).toBe(14);
    expect(walker.spans.first(0)).toBe(-1);
  });
});
