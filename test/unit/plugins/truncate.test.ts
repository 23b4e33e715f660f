/** `truncate`: long texts are cut between two characters, and nothing else changes. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

test.each([
  ['{ "a" : "0123456789" , "n" : 1.0 }', {}, '{ "a" : "01234…" , "n" : 1.0 }'],
  ['{"a":"012345"}', {}, '{"a":"012345"}'],
  ['{"a":"0123456"}', {}, '{"a":"01234…"}'],
  ['{"a":["0123456",{"b":"0123456"}]}', {}, '{"a":["01234…",{"b":"01234…"}]}'],
  ['{"a":"0123456","b":"0123456"}', { fields: ["b"] }, '{"a":"0123456","b":"01234…"}'],
  ['{"A":"0123456"}', { fields: ["a"], ignore_case: true }, '{"A":"01234…"}'],
  ['{"a":{"b":"0123456"}}', { fields: ["a"] }, '{"a":{"b":"0123456"}}'],
  // Longer in bytes, not in characters.
  ['{"a":"\\u0041\\u0041"}', {}, '{"a":"\\u0041\\u0041"}'],
  ['{"a":"éééééé"}', {}, '{"a":"éééééé"}'],
  // Not between the halves of a character.
  ['{"a":"0123😀😀😀"}', {}, '{"a":"0123…"}'],
  ['{"a":"012😀😀😀"}', {}, '{"a":"012😀…"}'],
  ['{"a":"01\\"\\n\\\\5678"}', {}, '{"a":"01\\"\\n\\\\…"}'],
  ['{"a":"0123456","mark":"-"}', { mark: "" }, '{"a":"012345","mark":"-"}'],
  ['{"0123456789":12345678901234567890}', {}, '{"0123456789":12345678901234567890}'],
  ['"0123456"', {}, '"01234…"'],
  ["text 0123456", {}, "text …"],
  ["text 0123456", { fields: ["a"] }, "text 0123456"],
])("truncate - %s with %j is %s", async (record, options, expected) => {
  const chain = await makeChain([{ truncate: { max_length: 6, mark: "…", ...options } }]);
  const { outcome, text } = runChain(chain, record);
  expect({ outcome, text }).toEqual({ outcome: "kept", text: expected });
  // What was cut is not cut further, as when an event passes the chain twice.
  expect(runChain(chain, text).text).toBe(text);
});

test("truncate - sees what earlier steps put in, and not what they took out", async () => {
  const steps = [
    { set: { fields: { a: "long text", b: { c: "long text" } } } },
    { remove: { fields: ["d"] } },
    { redact: { fields: ["t"], with: "[masked by us]" } },
    { truncate: { max_length: 6, mark: "…" } },
  ];
  expect(
    runChain(await makeChain(steps), '{"d":"long text","t":1,"a":2,"e":"12345678"}').text,
  ).toBe('{"t":"[mask…","a":"long …","e":"12345…","b":{"c":"long …"}}');
});

test.each([
  [{}, ["max_length"], /./],
  [{ max_length: 0 }, ["max_length"], /./],
  [{ max_length: 12 }, ["max_length"], /above the length of the mark/],
  [{ max_length: 100, fields: ["a", "$"] }, ["fields", 1], /path is wrong/],
])("truncate - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ truncate: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "truncate", ...place]);
  expect(complaint?.message).toMatch(message);
});
