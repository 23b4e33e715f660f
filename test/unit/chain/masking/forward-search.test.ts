/** Looking for many words in one pass gives what looking for each by itself would. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Occurrence,
  Occurrences,
  WordSearch,
} from "../../../../src/chain/masking/forward-search.ts";
import { Work } from "../../../../src/chain/masking/mask-work.ts";
import { seed } from "../../../support/seed.ts";

/** Few letters, so that words are in each other; and some that are not of Latin. */
const letters = fc.constantFrom("a", "b", "c", "\0", "é", "密", "\u{1f408}");
const word = fc.string({ unit: letters, minLength: 1, maxLength: 6 });

test("forward search - words are found together as they are one by one", () => {
  const words_max = 12;
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: words_max }),
      fc.string({ unit: letters, maxLength: 60 }),
      (words, text) => {
        const work = new Work(Infinity);
        const occurrences = new Occurrences(text, new WordSearch(words), work);
        const expected = oneByOne(words, text);
        expect(occurrences.isEmpty).toBe(expected.length === 0);
        const found: Occurrence[] = [];
        for (let each = occurrences.next(); each !== undefined; each = occurrences.next())
          found.push(each);
        expect(found).toEqual(expected);
      },
    ),
    { seed, numRuns: 2000 },
  );
});

test("forward search - how many words there are is no work where none of them is", () => {
  const steps = (count: number): number => {
    const words = Array.from({ length: count }, (_, number) => `name-${number}`);
    const work = new Work(Infinity);
    expect(new Occurrences("x".repeat(1000), new WordSearch(words), work).isEmpty).toBe(true);
    return work.steps;
  };
  expect(steps(200)).toBe(steps(2));
});

test("forward search - whatever stands in a text, looking for all words goes over it a few times", () => {
  const words = ["=", ":=", "=a", "pass", "password=", "token", "==x"];
  const steps = (piece: string, length: number): number => {
    const work = new Work(Infinity);
    const occurrences = new Occurrences(
      piece.repeat(length / piece.length),
      new WordSearch(words),
      work,
    );
    while (occurrences.next() !== undefined);
    return work.steps;
  };
  const per_character_max = 20;
  for (const piece of [
    "=",
    "x",
    "a=",
    "pass",
    "=pass",
    "passwor",
    "password=x",
    "=xxxxxxxxx",
    "tok=",
  ]) {
    const length = 4000;
    expect(steps(piece, length), piece).toBeLessThan(length * per_character_max);
    expect(steps(piece, length), piece).toBeLessThanOrEqual(steps(piece, length / 10) * 12);
    // Each character is looked at once at least, and that counts.
    expect(steps(piece, length), piece).toBeGreaterThanOrEqual(length - piece.length);
  }
});

function oneByOne(words: readonly string[], text: string): Occurrence[] {
  const all: Occurrence[] = [];
  for (const [number, each] of words.entries()) {
    for (let at = text.indexOf(each); at >= 0; at = text.indexOf(each, at + 1))
      all.push({ number, start: at, end: at + each.length });
  }
  return all.sort((a, b) => a.start - b.start || b.end - a.end || a.number - b.number);
}
