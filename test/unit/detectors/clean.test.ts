/**
 * Goal: clean events are left as they are. Method: events of all formats, made from a seed, as they stand and each of their
 * strings decoded; nothing is found, and JSON hardly ever looks as if there were something.
 */
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";
import { sampled } from "../../support/effort.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import { clean_formats } from "../../support/secrets/clean-events.ts";
import { seed } from "../../support/seed.ts";

const credentials = await Detectors.create(["credentials"]);

/** All strings of a value, the keys of its objects among them. */
function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...stringsOf(each)]);
}

/** The strings on lines of their own, so that one search goes through all. */
function textOf(event: string): string {
  return event.startsWith("{") ? stringsOf(JSON.parse(event)).join("\n") : event;
}

function found(text: string): string[] {
  const bytes = Buffer.from(text);
  return credentials
    .find(bytes, 0, bytes.length)
    .map(({ start, end, detector }) => `${detector}: ${bytes.toString("utf8", start, end)}`);
}

describe.each(Object.entries(clean_formats))("clean events of %s", (name, make) => {
  sampled(`clean - nothing is found in ${name}`, { sample: 200, all: 10_000 }, (count) => {
    const random = new RandomSource(seed);
    for (let number = 0; number < count; number += 1) {
      const text = textOf(make(random));
      const hits = found(text);
      if (hits.length > 0) expect(hits, text).toEqual([]);
    }
  });

  const is_json = make(new RandomSource(seed)).startsWith("{");
  test.runIf(is_json)(`clean - few events of ${name} look as if there were something`, () => {
    const random = new RandomSource(seed);
    const events = Array.from({ length: 200 }, () => Buffer.from(make(random)));
    const like_secret = events.filter((each) => credentials.mayFind(each, 0, each.length));
    expect(like_secret.length).toBeLessThan(events.length / 3);
  });
});
