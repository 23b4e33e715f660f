/** `rename`: a value is found at its new path with the bytes that it had, and none is lost on the way. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

test.each([
  ['{"a":1,"b":2}', { a: "c" }, '{"b":2,"c":1}'],
  ['{ "a" : 1.0e0 , "b" : 2 }', { a: "c" }, '{ "b" : 2,"c":1.0e0 }'],
  ['{"a":9007199254740993}', { a: "b" }, '{"b":9007199254740993}'],
  ['{"a":"\\u0041\\/"}', { a: "b" }, '{"b":"\\u0041\\/"}'],
  ['{"a":{ "x" : [1, 2] }}', { a: "b" }, '{"b":{ "x" : [1, 2] }}'],
  ['{"a":{"b":1}}', { "a.b": "c.d" }, '{"a":{},"c":{"d":1}}'],
  ['{"a":{"b":1}}', { "a.b": "a.c" }, '{"a":{"c":1}}'],
  ['{"a":1,"a":2}', { a: "b" }, '{"b":2}'],
  ['{"l":[1,2]}', { "l[0]": "first" }, '{"l":[2],"first":1}'],
  ['{"b":1}', { a: "c" }, '{"b":1}'],
  // One after the other.
  ['{"a":1}', { a: "b", b: "c" }, '{"c":1}'],
  // What is there stays.
  ['{"a":1,"c":2}', { a: "c" }, '{"a":1,"c":2}'],
  ['{"a":1,"c":null}', { a: "c" }, '{"a":1,"c":null}'],
])("rename - in %s, %j gives %s", async (record, fields, expected) => {
  const chain = await makeChain([{ rename: { fields } }]);
  expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: expected });
});

test.each([
  ['{"a":1,"c":2}', { a: "c" }, '{"c":1}'],
  ['{"a":1,"c":{"d":2}}', { a: "c" }, '{"c":1}'],
  // An envelope is taken off.
  ['{"event":{"event":1,"b":2}}', { "event.event": "event" }, '{"event":1}'],
])("rename - in %s, %j replaces what is there on request", async (record, fields, expected) => {
  const chain = await makeChain([{ rename: { fields, if_exists: "replace" } }]);
  expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: expected });
});

test("rename - fails where the new path leads through a value, and the event stays whole", async () => {
  const chain = await makeChain([{ rename: { fields: { a: "b.c" } } }]);
  expect(runChain(chain, '{"a":1,"b":"text"}')).toMatchObject({
    outcome: "quarantined step_failed:rename",
    text: '{"a":1,"b":"text"}',
  });
  expect(runChain(chain, "oops").outcome).toBe("quarantined unreadable:rename");
});

test("rename - later steps find the value at its new path", async () => {
  const steps = [{ rename: { fields: { a: "b" } } }, { redact: { fields: ["b"] } }];
  expect(runChain(await makeChain(steps), '{"a":"secret"}').text).toBe('{"b":"[REDACTED]"}');
});

test.each([
  [{ fields: {} }, ["fields"], /at least one path/],
  [{ fields: { a: "a" } }, ["fields", "a"], /another path/],
  [{ fields: { a: "a.b" } }, ["fields", "a"], /"a.b" is inside of "a"/],
  [{ fields: { a: "c", b: "c" } }, ["fields", "b"], /another value is moved there/],
  [{ fields: { "a.*": "c" } }, ["fields", "a.*"], /one value \(column 3\)/],
  [{ fields: { a: "**.c" } }, ["fields", "a"], /one value \(column 2\)/],
  [{ fields: { "$.a": "c" } }, ["fields", "$.a"], /write a/],
  [{ fields: ["a"] }, ["fields"], /map/],
  [{ fields: { a: "b" }, if_exists: "overwrite" }, ["if_exists"], /replace/],
])("rename - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ rename: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "rename", ...place]);
  expect(complaint?.message).toMatch(message);
});
