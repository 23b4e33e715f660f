/** Where two texts differ, and that the parts are whole values. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { partsOf, removedIn, withoutQuotes } from "../../../../src/preview/run/differences.ts";

const same = (text: string) => ({ kind: "same", text });
const removed = (text: string) => ({ kind: "removed", text });
const inserted = (text: string) => ({ kind: "inserted", text });

test("differences - are what was replaced, as a whole value", () => {
  const parts = partsOf('{"a":"s x","b":1}', '{"a":"[REDACTED]","b":1}');
  expect(parts).toEqual([
    same('{"a":'),
    removed('"s x"'),
    inserted('"[REDACTED]"'),
    same(',"b":1}'),
  ]);
});

test("differences - are shown without the quotes that both texts have", () => {
  const parts = withoutQuotes(partsOf('{"a":"s x","b":1}', '{"a":"[REDACTED]","b":1}'));
  expect(parts).toEqual([same('{"a":"'), removed("s x"), inserted("[REDACTED]"), same('","b":1}')]);
  const other = partsOf('{"a":1}', '{"a":"x"}');
  expect(withoutQuotes(other)).toEqual(other);
});

test("differences - several places of one text are several parts", () => {
  const parts = partsOf('{"a":"s","b":1,"c":"s"}', '{"a":"*","b":1,"c":"*"}');
  expect(parts.filter(({ kind }) => kind === "removed")).toEqual([removed('"s"'), removed('"s"')]);
});

test("differences - in a string of which most is the same are the words that are not", () => {
  const parts = partsOf('{"u":"https://ann:pw@host/p"}', '{"u":"https://ann:[REDACTED]@host/p"}');
  expect(parts).toEqual([
    same('{"u":"https://ann:'),
    removed("pw"),
    inserted("[REDACTED]"),
    same('@host/p"}'),
  ]);
});

test("differences - an object that a text takes the place of is one part", () => {
  const parts = partsOf('{"s":{"x":[1,2]},"b":2}', '{"s":"[REDACTED]","b":2}');
  expect(parts[1]).toEqual(removed('{"x":[1,2]}'));
});

test("differences - of equal texts are none", () => {
  expect(partsOf("aa", "aa")).toEqual([same("aa")]);
});

test("differences - of texts with nothing in common take bounded work", () => {
  const before = Array.from({ length: 20_000 }, (_, at) => `a${at}`).join(" ");
  const after = Array.from({ length: 20_000 }, (_, at) => `b${at}`).join(" ");
  expect(partsOf(before, after)).toEqual([removed(before), inserted(after)]);
});

test("differences - the parts make both texts again, and the removed ones are where they say", () => {
  const word = fc.constantFrom("a", "b", '"', "\\", ",", " ", '"x y"', "‹secret 1›", "é", "\n");
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const parts = partsOf(before, after);
      const without = (kind: string) =>
        parts.flatMap((part) => (part.kind === kind ? [] : [part.text])).join("");
      expect(without("inserted")).toBe(before);
      expect(without("removed")).toBe(after);
      const texts = removedIn(parts).map(({ start, end }) => before.slice(start, end));
      expect(texts).toEqual(parts.flatMap((part) => (part.kind === "removed" ? [part.text] : [])));
    }),
  );
});
