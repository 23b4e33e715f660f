/** Which framing fits a file, by its first bytes. */
import { expect, it } from "vitest";
import { fittingFraming } from "../../../../src/inputs/framing/fitting.ts";

const list = "{ json: { records: KEY } }, where KEY is the key of the list";

it.each([
  ['{"Records":[{"a":1}]}', "{ json: { records: Records } }"],
  [`{"Records":[{"a":"${"x".repeat(9000)}"}]}`, "{ json: { records: Records } }"],
  ['{\n    "Records": [\n    {\n', "{ json: { records: Records } }"],
  ['{"kind":"EventList","metadata":{},"items":[{"a":1}]}', "{ json: { records: items } }"],
  ['[{"a":1},{"b":2}]', '{ json: { records: "." } }'],
  ["[\r\n  {\r\n", '{ json: { records: "." } }'],
  ['{\n  "a": 1\n}\n', "json"],
  ['{\n\t"secret-key": [\n\t\t{\n', list],
  ['{"secret-key":[{"a":1}]}\n', list],
])("fitting framing - %s is not lines", (text, fitting) => {
  expect(fittingFraming(Buffer.from(text))).toBe(fitting);
});

it.each([
  "",
  "hello\n",
  '{"a":1}\n{"b":2}\n',
  '{"resources":[{"a":1}],"time":1}\n',
  '{"order":1,"items":[{"a":1}]}\n',
  '{"items":[{"a":1}],"order":1}\n',
  '{"a":{"x":[1]}}\n',
  "[info] started\n",
  '["a",1]\n',
  "{\n",
  '{"a":',
])("fitting framing - %s may be lines", (text) => {
  expect(fittingFraming(Buffer.from(text))).toBeUndefined();
});
