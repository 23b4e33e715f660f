/** `select`: what is kept keeps its order and bytes, and all else is gone. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

test.each([
  ['{"a":1,"b":2,"c":3}', ["b"], '{"b":2}'],
  ['{"a":1,"b":2,"c":3}', ["c", "a"], '{"a":1,"c":3}'],
  ['{ "a" : 1.0 , "b" : 2 , "c" : "\\u0041" }', ["a", "c"], '{ "a" : 1.0 , "c" : "\\u0041" }'],
  ['{"a":{"b":1,"c":2},"d":3}', ["a.c"], '{"a":{"c":2}}'],
  ['{"a":{"b":1},"d":3}', ["d", "a.x"], '{"d":3}'],
  ['{"a":{ "b" : [1, {"c":2}] },"d":3}', ["a"], '{"a":{ "b" : [1, {"c":2}] }}'],
  ['{"l":[{"t":1,"u":2},{"u":3},{"t":4}]}', ["l[*].t"], '{"l":[{"t":1},{"t":4}]}'],
  ['{"l":[1,2,3]}', ["l[1]"], '{"l":[2]}'],
  ['{"x":{"id":1},"y":[{"id":2,"z":3}],"z":4}', ["**.id"], '{"x":{"id":1},"y":[{"id":2}]}'],
  ['{"\\u0061":1,"b":2}', ["a"], '{"\\u0061":1}'],
  ['{"a":1,"b":2,"a":3}', ["a"], '{"a":1,"a":3}'],
  ['{"tôken":1,"b":{"tôken":"}]\\"{"},"s":"a,\\"b"}', ["*.tôken"], '{"b":{"tôken":"}]\\"{"}}'],
  ['[{"a":1},{"b":2}]', ["[*].b"], '[{"b":2}]'],
  ['{"a":1}', ["**"], '{"a":1}'],
])("select - of %s, %j keeps %s", async (record, fields, expected) => {
  const chain = await makeChain([{ select: { fields } }]);
  expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: expected });
});

test("select - keys match in any case on request", async () => {
  const chain = await makeChain([{ select: { fields: ["user-agent"], ignore_case: true } }]);
  expect(runChain(chain, '{"User-Agent":1,"b":2}').text).toBe('{"User-Agent":1}');
});

test("select - keeps what earlier steps made, and later ones see only what is left", async () => {
  const steps = [
    { set: { fields: { site: "berlin", a: { b: 1, c: 2 } } } },
    { redact: { fields: ["t"] } },
    { select: { fields: ["site", "t", "a.c"] } },
    { set: { fields: { gone: true } }, when: "has(event.b)" },
  ];
  const chain = await makeChain(steps);
  expect(runChain(chain, '{"b":1,"t":"secret"}').text).toBe(
    '{"t":"[REDACTED]","site":"berlin","a":{"c":2}}',
  );
});

test("select - an event of which nothing is left goes to quarantine whole", async () => {
  const chain = await makeChain([{ select: { fields: ["usre"] } }]);
  expect(runChain(chain, '{"user":"a"}')).toMatchObject({
    outcome: "quarantined nothing_selected",
    text: '{"user":"a"}',
  });
  expect(runChain(chain, '"text"').outcome).toBe("quarantined nothing_selected");
  expect(runChain(chain, "text").outcome).toBe("quarantined unreadable:select");
});

test.each([
  [{}, ["fields"], /./],
  [{ fields: [] }, ["fields"], /at least one path/],
  [{ fields: ["a", "b..c"] }, ["fields", 1], /path is wrong/],
  [{ fields: "a" }, ["fields"], /list/],
])("select - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ select: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "select", ...place]);
  expect(complaint?.message).toMatch(message);
});
