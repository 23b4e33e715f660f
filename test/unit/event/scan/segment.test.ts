/** Keys whose dots stand for levels: what they lead to, and how much work it is to find out. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parsePath, pathToKeys } from "../../../../src/event/scan/path.ts";
import { foldCase } from "../../../../src/event/scan/key-glob.ts";
import { throughKey, throughPlainKey } from "../../../../src/event/scan/segment.ts";

/** How many places of the path are noted on the way. */
function placesNoted(path: string, key: string): number {
  const add = vi.spyOn(Set.prototype, "add");
  onTestFinished(() => add.mockRestore());
  add.mockClear();
  throughKey(parsePath(path), 0, key);
  return add.mock.calls.length;
}

describe("keys with dots", () => {
  test.each([
    ["*.*.end", "a.b.end", true],
    ["*.*.end", "a.b.c.d.end", true],
    ["**.*.*.end", "a.b.c.end", true],
    ["**.*.*.end", "a.end", false],
    ["*.*", "a", false],
  ])("segments - %s leads to %s: %s", (text, key, leads) => {
    const path = parsePath(text);
    expect(throughKey(path, 0, key).includes(path.segments.length)).toBe(leads);
  });

  test.each(["**.*.*.*.*.end", "*.*.*.end", "**.a.**.*.*.a"])(
    "segments - four times the parts are four times the work, for %s",
    (path) => {
      const parts = (count: number): string => "a.".repeat(count - 1) + "z";
      const few = placesNoted(path, parts(15));
      expect(placesNoted(path, parts(60))).toBeLessThan(4.5 * few);
    },
  );
});

describe("keys without dots", () => {
  const globs = ["*token", "cookie", "set?key"];
  const options = { exceptions: ["next*"], is_last: true };
  const paths = [
    ...[
      "a",
      "A",
      "a.b",
      "event.a",
      "fields",
      "*.a",
      "**.a",
      "**.*.a",
      "[1].a",
      "**",
      "straße",
    ].flatMap((text) => [
      parsePath(text),
      parsePath(text, { secret: true }),
      parsePath(text, { secret: true, ignore_case: true }),
    ]),
    pathToKeys(globs, { ...options, ignore_case: true }),
    pathToKeys(globs, { ...options, ignore_case: false }),
  ];
  const keys = ["a", "A", "b", "event", "EVENT", "fields", "", "x_token", "X_Token", "nexttoken"];

  test("segments - lead on as keys with dots do", () => {
    for (const path of paths) {
      for (const key of [...keys, "cookie", "setXkey", "STRASSE", "straße"]) {
        const text = path.ignore_case ? foldCase(key) : key;
        for (let from = 0; from <= path.segments.length; from += 1) {
          const found = new Set(throughPlainKey(path, from, text));
          expect(found, `${path.text} ${key}`).toEqual(new Set(throughKey(path, from, key)));
        }
      }
    }
  });
});
