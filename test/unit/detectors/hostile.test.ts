/**
 * Goal: no text makes the detectors work more than its length is worth, and none stops them. Method: lines that repeat what
 * detectors look for; the bytes looked at are counted, of a line and of one four times as long.
 */
import { describe, expect } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";
import { detectors as table } from "../../../src/detectors/table.ts";
import { sampled } from "../../support/effort.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { plantedSecrets } from "../../support/secrets/planted.ts";
import { seed } from "../../support/seed.ts";

const all = await Detectors.create(["credentials", "identifiers", "personal", "entropy"]);
const short = 1 << 12;
/** A megabyte would take a minute for all of them; what grows with the square shows in four times the length. */
const long = short * 4;
/** How many looks a byte may get: several detectors share anchors. */
const steps_a_byte_max = 100;

function steps(text: string): number {
  const bytes = Buffer.from(text);
  const before = all.steps;
  all.find(bytes, 0, bytes.length);
  all.mayFind(bytes, 0, bytes.length);
  return all.steps - before;
}

const anchors = [
  ...new Set(
    table.flatMap(({ ways }) => ways.flatMap((way) => way.anchors.map(({ literal }) => literal))),
  ),
];
const planted = plantedSecrets(new RandomSource(seed)).map(({ text }) => text);
const pieces = [
  ...anchors,
  ...anchors.map((each) => `${each}a1B2c3D4e5F6`),
  ...planted,
  "://a:",
  "://a:b@",
  "a@b.c@",
  "4111 1111 ",
  "DE89 3704 ",
  "1.2.3.",
  "a::b:",
  "-----BEGIN X ",
  "password 'x''",
  'token\\":\\"',
  'token":"\\"',
  "token%3D",
  "a=b; ",
  "Cookie: a=b; ",
  "AWS4-",
  "-----BEGIN PRIVATE KEY-----END X-----",
];

describe("hostile lines", () => {
  sampled(
    "hostile - the work grows with the length of the line, whatever is repeated in it",
    { sample: 25, all: 1 },
    (every) => {
      for (const piece of pieces.filter((_, index) => index % every === 0)) {
        const few = steps(piece.repeat(short / piece.length));
        const many = steps(piece.repeat(long / piece.length));
        expect(many, `${piece} again and again`).toBeLessThan(steps_a_byte_max * long);
        expect(many, `${piece} again and again`).toBeLessThan(few * 6 + 10_000);
      }
    },
  );

  sampled("hostile - a line of all pieces in turn", { sample: 1e5, all: 1e6 }, (length) => {
    const random = new RandomSource(seed);
    let text = "";
    while (text.length < length) text += random.one(pieces);
    expect(steps(text)).toBeLessThan(steps_a_byte_max * text.length);
  });
});
