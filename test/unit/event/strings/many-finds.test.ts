/** One string with very many finds: they are all replaced, and the string is searched for its escapes once. */
import { expect, test, vi } from "vitest";
import { StringReader } from "../../../../src/event/scan/string-reader.ts";
import { detectedInJson } from "../../../../src/event/strings/detected.ts";
import { is_long, long } from "../../../support/effort.ts";

test("detectedInJson - one string may have any number of secrets", long, () => {
  const count = is_long ? 200_000 : 80_000;
  const bytes = Buffer.from(`["${"a".repeat(count)}"]`);
  const each = Array.from({ length: count }, (_, start) => ({
    start,
    end: start + 1,
    detector: "a",
  }));
  const search = { mayFind: () => true, mayFindIn: () => () => true, find: () => each };
  const secrets = { search, partial: false, replace: () => "b" };
  const splices = detectedInJson(bytes, { start: 0, end: bytes.length }, secrets);
  expect(splices.length).toBe(count);
  expect(splices.at(-1)).toMatchObject({ start: count + 1, end: count + 2 });
});

test("StringReader - looks for each escape once, however many places are asked for", () => {
  const bytes = Buffer.from(`${"a".repeat(1000)}\\n${"b".repeat(1000)}`);
  const searches = vi.spyOn(bytes, "indexOf");
  const reader = new StringReader(bytes, 0);
  for (let held = 0; held <= 2001; held += 1) {
    expect(reader.goTo(held)).toBe(held <= 1000 ? held : held + 1);
  }
  expect(searches.mock.calls.length).toBe(2);
});
