/** `sample`: the share that it keeps, and that it is always the same one. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

async function keptOf(options: object, records: readonly string[]): Promise<string[]> {
  const chain = await makeChain([{ sample: options }]);
  return records.filter((record) => runChain(chain, record).outcome === "kept");
}

const records = Array.from({ length: 2000 }, (_, id) => `{"id":${id % 1000},"n":${id}}`);

test.each([0.01, 0.1, 0.5, 0.9])("sample - keeps about %d of the keys", async (rate) => {
  const kept = await keptOf({ rate, by: "id" }, records);
  expect(Math.abs(kept.length / 2000 - rate)).toBeLessThan(0.05);
  expect(kept.length).toBeGreaterThan(0);
  // All events of a key are kept, or none.
  const ids = kept.map((record) => (JSON.parse(record) as { id: number }).id);
  for (const id of new Set(ids)) expect(ids.filter((each) => each === id)).toHaveLength(2);
});

test("sample - keeps the same events each time, and a higher rate keeps more of them", async () => {
  const kept = await keptOf({ rate: 0.1, by: "id" }, records);
  expect(await keptOf({ rate: 0.1, by: ["id"] }, records)).toEqual(kept);
  // The choice is the same in all versions: a fleet is not updated at once.
  expect(kept.slice(0, 3)).toEqual(['{"id":1,"n":1}', '{"id":35,"n":35}', '{"id":40,"n":40}']);
  const more = new Set(await keptOf({ rate: 0.2, by: "id" }, records));
  expect(kept.every((record) => more.has(record))).toBe(true);
  expect(await keptOf({ rate: 0.1, by: "id", salt: "other" }, records)).not.toEqual(kept);
});

test("sample - an event without a key is kept; without `by` the whole event is the key", async () => {
  const others = ['{"other":1}', "text", '"a string"'];
  expect(await keptOf({ rate: 0.000001, by: ["id", "name"] }, others)).toEqual(others);
  const texts = Array.from({ length: 500 }, (_, n) => `line ${n}`);
  const kept = await keptOf({ rate: 0.5 }, texts);
  expect(kept.length).toBeGreaterThan(150);
  expect(kept.length).toBeLessThan(350);
});

test("sample - what it ends is filtered, in the name of the step", async () => {
  const chain = await makeChain([{ sample: { rate: 0.000001, by: "id" }, name: "a_few" }]);
  expect(runChain(chain, '{"id":1}').outcome).toBe("filtered a_few");
  expect(chain.steps[0]).toMatchObject({ received: 1, filtered: 1 });
});

test.each([
  [{}, ["rate"], /./],
  [{ rate: 0 }, ["rate"], /use `filter`/],
  [{ rate: 1 }, ["rate"], /below 1/],
  [{ rate: 10 }, ["rate"], /below 1/],
  [{ rate: 0.1, by: [] }, ["by"], /at least 1/],
  [{ rate: 0.1, by: ["a", "b c"] }, ["by", 1], /path is wrong/],
])("sample - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ sample: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "sample", ...place]);
  expect(complaint?.message).toMatch(message);
});
