/** Paths: what each spelling means, and where a mistake in one is. */
import { describe, expect, test } from "vitest";
import { parsePath, path_segments_max, PathError } from "../../../../src/event/scan/path.ts";
import type { Segment } from "../../../../src/event/scan/path.ts";

const key = (name: string): Segment => ({ kind: "key", name });
const index = (number: number): Segment => ({ kind: "index", index: number });
const any: Segment = { kind: "any" };
const deep: Segment = { kind: "deep" };

const good: [string, Segment[]][] = [
  ["a", [key("a")]],
  ["api.name", [key("api"), key("name")]],
  ["items[0].id", [key("items"), index(0), key("id")]],
  ['requestHeader["X-Amz-Date"]', [key("requestHeader"), key("X-Amz-Date")]],
  ['["a.b"]', [key("a.b")]],
  ['["a"].b["c"]', [key("a"), key("b"), key("c")]],
  ['["\\u0061\\"\\\\]"]', [key('a"\\]')]],
  ['[""]', [key("")]],
  ["users[*].name", [key("users"), any, key("name")]],
  ["*.token", [any, key("token")]],
  ["**.Authorization", [deep, key("Authorization")]],
  ["a.**", [key("a"), deep]],
  ["**", [deep]],
  ["[0][12]", [index(0), index(12)]],
  ["@timestamp", [key("@timestamp")]],
  ["X-Amz-Date.user_name", [key("X-Amz-Date"), key("user_name")]],
  ["schlüssel.键", [key("schlüssel"), key("键")]],
  ["404.0", [key("404"), key("0")]],
  ["__proto__", [key("__proto__")]],
];

const bad: [string, number, RegExp][] = [
  ["", 1, /missing/],
  ["a.", 3, /missing/],
  ["a..b", 3, /"\." cannot stand here.*; likely meant: a\.\*\*\.b /],
  ["a b", 2, /" " cannot stand here/],
  [" a", 1, /" " cannot stand here/],
  ["a.[0]", 2, /no dot/],
  ["a[", 3, /must follow \[/],
  ["a[x]", 3, /must follow \[/],
  ["a[-1]", 3, /must follow \[/],
  ["a[0", 4, /\] is missing/],
  ['a["b]', 3, /closing " is missing/],
  ['a["b"', 6, /\] is missing/],
  ['a["\\x"]', 3, /JSON string/],
  ['a["b"]c', 7, /"c" cannot stand here/],
  ["a]", 2, /"\]" cannot stand here/],
  ["a*", 2, /whole key/],
  ["*a", 2, /whole key/],
  ["***", 3, /whole key/],
  ["a[99999999999999999999]", 3, /too large/],
  ['"a"', 1, /cannot stand here/],
];

/** As other tools write them, and as they are written here. */
const foreign: [string, string][] = [
  ["$.requestHeader.Authorization", "requestHeader.Authorization"],
  ["$['requestHeader']['X-Amz-Date']", "requestHeader.X-Amz-Date"],
  ['$["a b"].c', '["a b"].c'],
  ["$..Authorization", "**.Authorization"],
  ["$.a..b", "a.**.b"],
  ["$.items[0].id", "items[0].id"],
  ["$.users[*].name", "users[*].name"],
  ["$.*.token", "*.token"],
  ["$", '["$"]'],
  ["$type", '["$type"]'],
  ["$[?(@.a)]", '["$[?(@.a)]"]'],
  ["/requestHeader/Authorization", "requestHeader.Authorization"],
  ["/items/0/id", "items[0].id"],
  ["/a~1b/c~0d", '["a/b"].c~d'],
  ["/", '[""]'],
  // jq, templates and others.
  [".a.b", "a.b"],
  [".items[0].id", "items[0].id"],
  [".items[].id", "items[*].id"],
  ['.["a b"].c', '["a b"].c'],
  ['."a.b".c', '["a.b"].c'],
  ["..a", "**.a"],
  [".", '["."]'],
  ["@.a", "a"],
  ["%{a.b}", "a.b"],
  ["%{[a][b]}", "a.b"],
  ["{{ .a.b }}", "a.b"],
  ["{a.b}", "a.b"],
];

/** Those that begin as tallyman's own do, and cannot be read as such. */
const other: [string, string][] = [
  ["a['b']", "a.b"],
  ["a['b c'].d", 'a["b c"].d'],
  ["a[].b", "a[*].b"],
  ["a[*]b", "a[*].b"],
  ["a.[0].b", "a[0].b"],
  ["[a][b-c]", "a.b-c"],
  ["[@metadata][x]", '["@metadata"].x'],
];

describe("path", () => {
  test.each(foreign)("path - %s is refused, and its own spelling is %s", (text, spelling) => {
    expect(() => parsePath(text)).toThrow(`write ${spelling} (`);
    expect(() => parsePath(spelling)).not.toThrow();
  });

  test.each(other)("path - %s is refused, and is likely meant to be %s", (text, spelling) => {
    expect(() => parsePath(text)).toThrow(`; likely meant: ${spelling} (`);
    expect(() => parsePath(spelling)).not.toThrow();
  });

  test("path - a key that begins with $ or / is written in quotes, or stands behind another", () => {
    for (const text of ['["$"]', '["/a"]', '["$type"].b', "a.$ref", "a./b"]) {
      expect(parsePath(text).text).toBe(text);
    }
  });

  test("path - one to secrets begins at every level that a sender may put around an event", () => {
    expect(parsePath("a", { secret: true }).segments).toEqual([{ kind: "top" }, key("a")]);
    expect(parsePath("**.a", { secret: true }).segments).toEqual([deep, key("a")]);
  });

  test.each(good)("path - %s is understood", (text, segments) => {
    const path = parsePath(text);
    expect(path.segments).toEqual(segments);
    expect(path.text).toBe(text);
    expect(path.ignore_case).toBe(false);
  });

  test.each(bad)("path - %j is refused at column %i", (text, at, message) => {
    const error = (() => {
      try {
        return parsePath(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(PathError);
    expect((error as PathError).at).toBe(at);
    expect((error as PathError).message).toMatch(message);
  });

  test("path - takes its options", () => {
    expect(parsePath("a", { ignore_case: true }).ignore_case).toBe(true);
  });

  test("path - has a longest length", () => {
    const parts = Array.from({ length: path_segments_max }, () => "a").join(".");
    expect(parsePath(parts).segments).toHaveLength(path_segments_max);
    expect(() => parsePath(`${parts}.a`)).toThrow(PathError);
  });
});
