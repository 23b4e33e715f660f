/** `set`: constant values at paths, whether there was one or not. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

test.each([
  ['{"a":1}', { b: "x" }, '{"a":1,"b":"x"}'],
  ['{ "a" : 1 , "b" : 2.0 }', { a: "x" }, '{ "a" : "x" , "b" : 2.0 }'],
  ["{}", { "a.b": null }, '{"a":{"b":null}}'],
  ["{}", { a: { b: [1, true, "x"] } }, '{"a":{"b":[1,true,"x"]}}'],
  ['{"a":1,"a":2}', { a: 3 }, '{"a":3,"a":3}'],
  ['{"l":[{"t":1},{"u":2}]}', { "l[*].t": 0 }, '{"l":[{"t":0},{"u":2}]}'],
  ["{}", { "*.t": 0 }, "{}"],
  ["{}", { a: 1, b: 2 }, '{"a":1,"b":2}'],
])("set - in %s, %j gives %s", async (record, fields, expected) => {
  const chain = await makeChain([{ set: { fields } }]);
  expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: expected });
});

test("set - only what is missing, on request", async () => {
  const chain = await makeChain([{ set: { fields: { site: "berlin" }, only_if_missing: true } }]);
  expect(runChain(chain, '{"site":"paris"}').text).toBe('{"site":"paris"}');
  expect(runChain(chain, '{"site":null}').text).toBe('{"site":null}');
  expect(runChain(chain, '{"a":1}').text).toBe('{"a":1,"site":"berlin"}');
});

test("set - fails where a value is on the way, and on what is not JSON", async () => {
  const chain = await makeChain([{ set: { fields: { "a.b": 1 } } }]);
  expect(runChain(chain, '{"a":"text"}').outcome).toBe("quarantined step_failed:set");
  expect(runChain(chain, "text").outcome).toBe("quarantined unreadable:set");
});

const circular: { self?: unknown } = {};
circular.self = circular;

test.each([
  [{ fields: {} }, ["fields"], /at least one path/],
  [{ fields: { "a b": 1 } }, ["fields", "a b"], /path is wrong/],
  [{ fields: { a: Number.NaN } }, ["fields", "a"], /as JSON has them/],
  [{ fields: { a: [2 ** 53] } }, ["fields", "a"], /in quotes/],
  [{ fields: { a: circular } }, ["fields", "a"], /as JSON has them/],
  [{ fields: { "*.a": 1 }, only_if_missing: true }, ["fields", "*.a"], /one value/],
])("set - %o is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ set: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "set", ...place]);
  expect(complaint?.message).toMatch(message);
});
