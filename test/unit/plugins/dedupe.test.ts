/** `dedupe`: which events are repetitions, for how long, and that its memory is bounded. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";

async function deduped(options: object): Promise<{
  outcome: (record: string) => string;
  pass: (ms: number) => void;
}> {
  const clock = new ManualClock();
  const chain = await makeChain([{ dedupe: options }], { clock });
  return { outcome: (record) => runChain(chain, record).outcome, pass: (ms) => clock.pass(ms) };
}

test("dedupe - filters repetitions out, until the window of the first is over", async () => {
  const { outcome, pass } = await deduped({ by: ["id", "kind"], window: "5s" });
  const record = '{"id":1,"kind":"a","n":1}';
  expect(outcome(record)).toBe("kept");
  expect(outcome('{ "kind":"a", "n":2, "id":1 }')).toBe("filtered dedupe");
  expect(outcome('{"id":1,"kind":"b"}')).toBe("kept");
  expect(outcome('{"id":"1","kind":"a"}')).toBe("kept");
  pass(4999);
  expect(outcome(record)).toBe("filtered dedupe");
  pass(1);
  expect(outcome(record)).toBe("kept");
  expect(outcome(record)).toBe("filtered dedupe");
});

test("dedupe - tells long integers apart, and lists and maps", async () => {
  const { outcome } = await deduped({ by: "id" });
  const ids = ["9007199254740993", "9007199254740992", '"9007199254740993"', "[1]", '{"a":1}'];
  for (const id of ids) expect(outcome(`{"id":${id}}`)).toBe("kept");
  for (const id of ids) expect(outcome(`{"id":${id}}`)).toBe("filtered dedupe");
});

test("dedupe - tells null from a number too great for a number, and from a value that is not there", async () => {
  const { outcome } = await deduped({ by: ["id", "kind"] });
  const records = ["null", "1e400", "-1e400", "[null]", "[1e400]", '{"a":-1e400}'].map(
    (id) => `{"id":${id},"kind":1}`,
  );
  const absent = ['{"kind":1}', '{"id":1,"kind":null}', '{"id":1}', '{"id":""}', '{"kind":""}'];
  for (const record of [...records, ...absent]) expect(outcome(record)).toBe("kept");
  for (const record of [...records, ...absent]) expect(outcome(record)).toBe("filtered dedupe");
});

test("dedupe - an event without a key is kept; without `by` the whole event is the key", async () => {
  const by_id = await deduped({ by: "id" });
  for (const record of ["{}", "{}", "text", "text"]) expect(by_id.outcome(record)).toBe("kept");
  const whole = await deduped({});
  expect(["text", "text", "{}", "{ }", "{}"].map(whole.outcome)).toEqual([
    "kept",
    "filtered dedupe",
    "kept",
    "kept",
    "filtered dedupe",
  ]);
});

test("dedupe - keeps no more keys than it may: a repetition passes, and no event is lost", async () => {
  const { outcome } = await deduped({ by: "id", keys_max: 2 });
  for (const id of [1, 2, 3, 1]) expect(outcome(`{"id":${id}}`)).toBe("kept");
  expect(outcome('{"id":3}')).toBe("filtered dedupe");
});

test.each([
  [{ window: "0s" }, ["window"], /more than 0/],
  [{ window: 60 }, ["window"], /60s/],
  [{ by: {} }, ["by"], /a path, or a list/],
  [{ by: ["a", "a["] }, ["by", 1], /path is wrong/],
  [{ keys_max: 0 }, ["keys_max"], /./],
])("dedupe - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ dedupe: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "dedupe", ...place]);
  expect(complaint?.message).toMatch(message);
});
