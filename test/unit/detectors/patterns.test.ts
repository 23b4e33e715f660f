/**
 * Goal: a user's pattern finds the same whether the whole text is searched or what is near its literal, and what it costs does not
 * grow with the number of patterns. Method: RE2 over the whole text beside it, in random texts of what the patterns are made of.
 */
import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";
import { bytesMaxOf } from "../../../src/detectors/patterns/literal.ts";
import { ownPatterns } from "../../../src/detectors/patterns/own-patterns.ts";
import { seed } from "../../support/seed.ts";

const bounded = [
  "TKT-[0-9]{2,3}",
  "[a-z]{0,3}TKT",
  ".{1,2}TKT.?",
  "(T.)?TKT-(K[^0-9]{1,2}){2}",
  "[^a]{2}TKT\\d?",
  "KTK",
  "TKT-\\w{3}?",
];
const unbounded = ["TKT-[0-9]+", "TKT.*K", "TKT-(a{2,}b)"];
const of_context = ["^TKT-", "TKT-$", "TKT-\\b", "TKT|KKK", "(?i)tkt"];

function whole(pattern: string, bytes: Buffer): { start: number; end: number }[] {
  const matcher = RE2JS.compile(pattern).matcher(bytes);
  const found: { start: number; end: number }[] = [];
  while (matcher.find()) found.push({ start: matcher.start(), end: matcher.end() });
  return found;
}

describe("patterns", () => {
  test("patterns - a match has no more bytes than is said of the pattern", () => {
    for (const pattern of bounded) expect(bytesMaxOf(pattern), pattern).toBeGreaterThan(0);
    for (const pattern of [...unbounded, ...of_context]) {
      expect(bytesMaxOf(pattern), pattern).toBeUndefined();
    }
  });

  test("patterns - find near their literal what they find in the whole text", async () => {
    const all = [...bounded, ...unbounded, ...of_context];
    const own = await ownPatterns(all.map((match, at) => ({ name: `p${at}`, match })));
    const pieces = fc.constantFrom(
      "TKT",
      "TKT-",
      "T",
      "K",
      "-",
      "a",
      "7",
      "12",
      "é",
      "€",
      "😀",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const bytes = Buffer.from(parts.join(""));
        for (const [at, pattern] of own.entries()) {
          expect(pattern.find(bytes, 0, bytes.length), all[at]).toEqual(whole(all[at]!, bytes));
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test.each([
    ["TKT😀?-", "TKT-"],
    ["TKTS😀*[0-9]", "TKTS1"],
    ["TKT😀{0,2}-", "TKT😀-"],
    ["😀{2}TKT-", "😀😀TKT-"],
    ["TKTS{0000000000000001}", "TKTS{0000000000000001}"],
    ["TKTS{1,0000000000000001}", "TKTS{1,0000000000000001}"],
    ["(\\Q)\\ETKTS)", ")TKTS"],
    ["(T\\Q)\\EK)TKTS", "T)KTKTS"],
    ["\\QT.[\\E]TKTS", "T.[]TKTS"],
  ])("patterns - %s finds %s", async (match, written) => {
    const own = await Detectors.create([], [{ name: "p", match }]);
    const text = Buffer.from(`x ${written} y`);
    const end = 2 + Buffer.byteLength(written);
    expect(own.find(text, 0, text.length)).toEqual([{ detector: "p", start: 2, end }]);
    const json = Buffer.from(JSON.stringify(text.toString()));
    expect(own.mayFind(json, 0, json.length)).toBe(true);
  });

  test("patterns - however many there are, each is found, in JSON of any spelling, too", async () => {
    const patterns = Array.from({ length: 300 }, (_, at) => {
      return { name: `p${at}`, match: `Q${at}&<[a-z]{3}` };
    });
    const own = await Detectors.create(["credentials"], patterns);
    for (const at of [0, 127, 128, 299]) {
      const text = Buffer.from(`x Q${at}&<abc`);
      expect(own.find(text, 0, text.length)).toMatchObject([{ detector: `p${at}`, start: 2 }]);
      for (const written of [`Q${at}&<abc`, `Q${at}\\u0026\\u003cabc`, `\\u0051${at}&<abc`]) {
        const json = Buffer.from(`{"a":"${written}"}`);
        expect(own.mayFind(json, 0, json.length), written).toBe(true);
      }
    }
  });

  test("patterns - are given no more of a text than is near their literals", async () => {
    const patterns = Array.from({ length: 100 }, (_, at) => {
      return { name: `p${at}`, match: `TKT${at}-[0-9]{8}` };
    });
    const own = await Detectors.create([], patterns);
    const literals = patterns.map(({ match }) => match.slice(0, match.indexOf("["))).join(" ");
    const filler = " 0123456789".repeat(20_000);
    const text = Buffer.from(`${literals}${filler}`);
    own.find(text, 0, text.length);
    const few = own.steps;
    own.find(Buffer.from(literals), 0, literals.length);
    expect(own.steps - few).toBeGreaterThan(0);
    expect(few).toBeLessThan(3 * (own.steps - few));
  });
});
