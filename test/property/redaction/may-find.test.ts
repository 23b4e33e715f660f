/**
 * Goal: where the quick look at a record as it is written says that there is no secret, none of its strings has one, neither as it
 * is decoded nor without the escapes in its text. Method: strings of JSON put together from schemes, names, words and escapes.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";
import type { SecretSearch } from "../../../src/event/strings/detected-secrets.ts";
import { detectedInSpelledText } from "../../../src/event/strings/detected.ts";
import { sampled } from "../../support/effort.ts";
import { seed } from "../../support/seed.ts";

const credentials = await Detectors.create(["credentials"]);
const search = credentials as unknown as SecretSearch;
const secrets = { search, partial: false, replace: () => "" };

/** As they are written in a string of JSON. */
const pieces = [
  ..."bearer|Basic|negotiate|Splunk|apikey|signature|password|secret|pass|pwd".split("|"),
  ..."token|page_|next|client|continuation-|sync.|x".split("|"),
  ..."bonds|authentication|AUTHentication|invalid|YTpi|dTpwYXNz|S3CR3TPW|Zq81|0123456789abcdef".split(
    "|",
  ),
  ...String.raw` |  |+|=|:|%20|%3d|%3D|%6e|%|/|-|_|.|,|\t|\n|\\|\\n|\\t|\"|\/|\\x20|\\x6e`.split(
    "|",
  ),
  ...String.raw`\u006e|\u0020|\\u006e|\u00e9|é|`.split("|"),
];

sampled<number>(
  (runs) => `detectors - mayFind is true where something is found, in ${runs} texts, seed ${seed}`,
  { sample: 4000, all: 40_000 },
  (runs) => {
    let found_count = 0;
    let passed_over = 0;
    const written = fc.array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 9 });
    const property = fc.property(written, (parts) => {
      const json = `{"a":"${parts.join("")}"}`;
      const { a } = JSON.parse(json) as { a: string };
      const is_found = detectedInSpelledText(Buffer.from(a), secrets).length > 0;
      const bytes = Buffer.from(json);
      const may_find = credentials.mayFind(bytes, 0, bytes.length);
      if (is_found) found_count += 1;
      if (!may_find) passed_over += 1;
      expect(!is_found || may_find, json).toBe(true);
    });
    fc.assert(property, { numRuns: runs });
    expect(found_count).toBeGreaterThan(runs / 100);
    expect(passed_over).toBeGreaterThan(runs / 100);
  },
);
