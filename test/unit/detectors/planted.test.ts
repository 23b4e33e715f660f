/**
 * Goal: no planted secret is left, whatever stands around it. Method: secrets of each kind, made from a seed, in text places;
 * what is found is cut out, and the secret must be gone. Where mayFind says no, nothing must be to find.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";
import { detectors as table } from "../../../src/detectors/table.ts";
import { sampled } from "../../support/effort.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { plantedSecrets } from "../../support/secrets/planted.ts";
import { seed } from "../../support/seed.ts";

const credentials = await Detectors.create(["credentials"]);

/** The text without what was found: all of it, or the parts that authenticate. */
function cut(text: string, is_partial: boolean): { left: string; ids: string[] } {
  const bytes = Buffer.from(text);
  const found = credentials.find(bytes, 0, bytes.length);
  const parts = found.flatMap((each) => (is_partial ? (each.secret ?? [each]) : [each]));
  const kept: Buffer[] = [];
  let at = 0;
  for (const { start, end } of parts) {
    expect(start).toBeGreaterThanOrEqual(at);
    kept.push(bytes.subarray(at, start));
    at = end;
  }
  kept.push(bytes.subarray(at));
  return { left: Buffer.concat(kept).toString(), ids: found.map(({ detector }) => detector) };
}

const places: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `at the end ${text}`,
  (text) => `${text} at the start`,
  (text) => `[${text}]`,
  (text) => `"${text.replaceAll('"', '\\"')}", "b": 1}`,
  (text) => `ünï ${text}\nnext line`,
  (text) => `key=${text}`,
  (text) => `a\t${text}\tb`,
];

describe("planted secrets", () => {
  const random = new RandomSource(seed);
  const planted = plantedSecrets(random);

  test("planted - are of every detector of credentials", () => {
    const ids = table.filter(({ group }) => group === "credentials").map(({ id }) => id);
    expect([...new Set(planted.map(({ detector }) => detector))].sort()).toEqual(ids.sort());
  });

  test.each(planted.map((each) => [each.detector, each] as const))(
    "planted - %s is cut out of every place",
    (detector, { text, secret }) => {
      for (const place of places) {
        const whole = cut(place(text), false);
        expect(whole.left, place(text)).not.toContain(secret);
        const partial = cut(place(text), true);
        expect(partial.left, place(text)).not.toContain(secret);
      }
      expect(cut(text, false).ids.join()).toContain(detector === "sts" ? "sts" : detector);
    },
  );

  sampled("planted - several in one text, in any text", { all: 3000 }, (runs) => {
    const noise = fc.oneof(fc.string(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(noise, noise, fc.integer(), fc.nat(), (before, after, from, which) => {
        const secrets = plantedSecrets(new RandomSource(from));
        const first = secrets[which % secrets.length]!;
        const second = secrets[(which * 7 + 3) % secrets.length]!;
        const text = `${before} ${second.text} ${first.text} ${after}`;
        const { left } = cut(text, true);
        expect(left).not.toContain(first.secret);
        expect(left).not.toContain(second.secret);
        const json = Buffer.from(JSON.stringify({ [text]: 1 }));
        expect(credentials.mayFind(json, 0, json.length)).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});
