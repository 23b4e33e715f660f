/** `remove`: what it takes out is gone with its key, and no other byte changes. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

test.each([
  ['{"a":1,"b":2}', ["a"], '{"b":2}'],
  ['{"a":1,"b":2}', ["b"], '{"a":1}'],
  ['{ "a" : 1 }', ["a"], "{  }"],
  ['{"a":1,"a":2,"b":9007199254740993}', ["a"], '{"b":9007199254740993}'],
  ['{"\\u0061":1,"b":1.0}', ["a"], '{"b":1.0}'],
  ['{"a":{"b":1,"c":2},"d":{"b":3}}', ["a.b"], '{"a":{"c":2},"d":{"b":3}}'],
  ['{"a":{"b":1,"c":2},"d":{"b":3}}', ["*.b"], '{"a":{"c":2},"d":{}}'],
  ['{"a":{"b":1,"c":{"b":[1]}},"b":3}', ["**.b"], '{"a":{"c":{}}}'],
  ['{"l":[{"t":1,"u":2},{"t":3}]}', ["l[*].t"], '{"l":[{"u":2},{}]}'],
  ['{"l":[1,2,3]}', ["l[1]"], '{"l":[1,3]}'],
  ['{"a":1,"b":2,"c":3}', ["a", "c"], '{"b":2}'],
  ['{"a":{"b":1}}', ["a", "a.b"], "{}"],
  ['{"A":1}', ["a"], '{"A":1}'],
])("remove - from %s, %j leaves %s", async (record, fields, expected) => {
  const chain = await makeChain([{ remove: { fields } }]);
  expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: expected });
});

test("remove - keys match in any case on request", async () => {
  const chain = await makeChain([{ remove: { fields: ["headers.cookie"], ignore_case: true } }]);
  expect(runChain(chain, '{"Headers":{"COOKIE":1,"b":2}}').text).toBe('{"Headers":{"b":2}}');
});

test("remove - counts what it changed, and fails on what it cannot read", async () => {
  const chain = await makeChain([{ remove: { fields: ["a"] }, name: "no_a" }]);
  for (const record of ['{"a":1}', '{"b":1}']) runChain(chain, record);
  expect(runChain(chain, "a=1").outcome).toBe("quarantined unreadable:no_a");
  expect(chain.steps[0]).toMatchObject({ name: "no_a", received: 3, changed: 1, quarantined: 1 });
});

test.each([
  [{}, ["fields"], /./],
  [{ fields: [] }, ["fields"], /at least one path/],
  [{ fields: ["a", "$.b"] }, ["fields", 1], /write b/],
  [{ fields: ["a"], feilds: [] }, ["feilds"], /did you mean "fields"/],
])("remove - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ remove: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "remove", ...place]);
  expect(complaint?.message).toMatch(message);
});
