/** A string that is read by hand means what JSON.parse says, byte for byte, and what JSON.parse refuses is refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonString } from "../../../../../src/proof/verify/reading/json-string.ts";
import { spelledString } from "../../../../support/random/json-arbitraries.ts";

/** What it means, and where it ends; undefined for what is no string. */
function byHand(json: string): { text: string; end: number } | undefined {
  const line = Buffer.from(`${json}\n`);
  const string = new JsonString();
  const end = string.read(line, 1, line.length - 1);
  expect(JsonString.endOf(line, 1)).toBe(end);
  if (end === -1) return undefined;
  return { text: string.bytes.toString("utf8", string.start, string.end), end };
}

describe("json string", () => {
  test("json string - any text in any spelling", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    // Half a pair as it stands beside an escaped one would be no UTF-8.
    fc.assert(
      fc.property(text, fc.nat(3), (each, spelling) => {
        const json = spelledString(each, [spelling]);
        const meant = Buffer.from(JSON.parse(json) as string).toString();
        expect(byHand(json)).toEqual({ text: meant, end: Buffer.byteLength(json) - 1 });
      }),
    );
  });

  test("json string - halves of pairs become what stands for no character", () => {
    for (const json of [
      String.raw`"\ud83d"`,
      String.raw`"\ude00\ud83d"`,
      String.raw`"\ud83dA"`,
      String.raw`"\uD83D\uDE00"`,
      String.raw`"\ud83d\u0041"`,
    ]) {
      const meant = Buffer.from(JSON.parse(json) as string).toString();
      expect(byHand(json)?.text).toBe(meant);
    }
  });

  test.each([
    '"open',
    '"open\\',
    '"open\\"',
    String.raw`"\x41"`,
    String.raw`"\u00g1"`,
    String.raw`"\u12"`,
    '"tab\tinside"',
    '"\\"\u0000"',
  ])("json string - %j is none", (json) => {
    expect(() => JSON.parse(json) as unknown).toThrow(SyntaxError);
    expect(byHand(json)).toBeUndefined();
  });

  test("json string - one that is longer than what is held grows it", () => {
    const text = `"${"x".repeat(200_000)}\\`;
    expect(byHand(JSON.stringify(text))?.text).toBe(text);
  });
});
