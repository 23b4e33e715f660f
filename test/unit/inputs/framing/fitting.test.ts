/** Which framing fits what is at the beginning of a file or stream. */
import { describe, expect, it } from "vitest";
import { misfitOf } from "../../../../src/inputs/framing/fitting.ts";
import type { BytesFrom } from "../../../../src/inputs/framing/contract/framing.ts";
import { framings } from "../../../../src/inputs/framing/framings.ts";

function fittingLines(text: string, from: BytesFrom = "file"): string | undefined {
  const framer = framings.lines.framer({}, from);
  return misfitOf(Buffer.from(text, "latin1"), framer, from)?.fitting;
}

const list = "{ json: { records: KEY } }, where KEY is the key of the list";
const mark = "\u00ef\u00bb\u00bf";

it.each([
  ['{"Records":[{"a":1}]}', "{ json: { records: Records } }"],
  [`${mark}{"Records":[{"a":1}]}`, "{ json: { records: Records } }"],
  [`{"Records":[{"a":"${"x".repeat(9000)}"}]}`, "{ json: { records: Records } }"],
  ['{\n    "Records": [\n    {\n', "{ json: { records: Records } }"],
  ['{"kind":"EventList","metadata":{},"items":[{"a":1}]}', "{ json: { records: items } }"],
  ['[{"a":1},{"b":2}]', '{ json: { records: "." } }'],
  ["[\r\n  {\r\n", '{ json: { records: "." } }'],
  ['{\n  "a": 1\n}\n', "json"],
  ['\x1e{"a":1}\n\x1e{"b":2}\n', "json"],
  ['{\n\t"secret-key": [\n\t\t{\n', list],
  ['{"secret-key":[{"a":1}]}\n', list],
  ['7 {"a":1}7 {"b":2}', "octet_counted"],
  ["3 a\nb\n4 <1>c\n10 more to c", "octet_counted"],
  ['{"a":1}\0{"b":2}\0', '{ lines: { separator: "\\0" } }'],
  ['{"a":1}\r{"b":2}\r{"c":', '{ lines: { separator: "\\r" } }'],
  ['2026-11-28T20:00:00.123456789Z stdout F {"a":1}\n', "cri"],
  ["2026-11-28T20:00:00.1+01:00 stderr P part\n", "cri"],
  ['{"log":"{\\"a\\":1}\\n","stream":"stdout","time":"2026-11-28T20:00:00Z"}\n', "docker"],
  ["type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e\n", "auditd"],
  ["node=db-1 type=EXECVE msg=audit(1364481363.243:24287): argc=1\n", "auditd"],
  ["__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1752480000123456\nMESSAGE=a\n\n", "journald"],
  ['<13>Nov 28 20:00:00 host app: {"a":1}\n', "syslog"],
  ['Nov 28 20:00:00 host app[7]: @cee: {"a":1}\n', "syslog"],
])("fitting framing - %j is not lines", (text, fitting) => {
  expect(fittingLines(text)).toBe(fitting);
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
  "10 %\r20 %\r30 %\ndone\n",
  "one\r\ntwo\r\n",
  "one\r",
  '200 {"path":"/"}\n404 {"path":"/a"}\n',
  "2 ab\n",
  "h\0i\0t\0h\0e\0r\0e\0",
  "one\n\0\0\0\0two\n",
  '\x1f\x8b{"a":1}\n',
])("fitting framing - %j may be lines", (text) => {
  expect(misfitOf(Buffer.from(text, "latin1"), framings.lines.framer({}, "file"), "file")).toBe(
    undefined,
  );
});

it.each(["6 <1>ab\n6 <1>cd\n", '{"a":1}\0{"b":2}\0'])(
  "fitting framing - %j is lines where it comes in over a stream",
  (text) => {
    expect(fittingLines(text)).not.toBe(undefined);
    expect(fittingLines(text, "stream")).toBe(undefined);
  },
);

it.each([
  '<134>Nov 28 12:00:00 host app: {"a":1}\n<134>Nov 28 12:00:01 host app: @cee: {"b":2}\n',
  '2026-11-28T12:00:00.123Z stdout {"a":1}\n',
  '2026-11-28 12:00:00,123 {"a":{"b":2}}\r\n',
  'Nov  8 12:00:00 host app[12]: {"a":1}\n',
])("fitting framing - %j has text before its JSON, which syslog takes off", (text) => {
  const misfit = misfitOf(Buffer.from(text), framings.lines.framer({}, "file"), "file");
  expect(misfit).toEqual({
    fitting: "syslog",
    seen: "has text before the JSON in each line, so that steps find no fields in it",
  });
});

it.each([
  "2026-11-28T12:00:00Z started\n",
  '2026-11-28T12:00:00Z {"a":1}\n{"b":2}\n',
  '{"time":"2026-11-28T12:00:00Z"}\n',
  '2026-11-28T12:00:00Z {"a":1}',
])("fitting framing - %j is text, or not all of it has JSON", (text) => {
  expect(misfitOf(Buffer.from(text), framings.lines.framer({}, "file"), "file")).toBe(undefined);
});

describe("fitting framing - another framing than lines", () => {
  const records = { records: "Records" };
  it.each([
    ["octet_counted", framings.octet_counted.framer({}, "file"), '{"a":1}\n{"b":2}\n', "lines"],
    [
      "octet_counted",
      framings.octet_counted.framer({}, "file"),
      '[{"a":1}]\n',
      '{ json: { records: "." } }',
    ],
    ["json", framings.json.framer({}, "file"), "one\ntwo\n{", "lines"],
    ["journald", framings.journald.framer({}, "file"), '{"MESSAGE":"a"}\n', "lines"],
    ["json", framings.json.framer(records, "file"), '{"a":1}\n{"b":2}\n', "lines"],
    ["json", framings.json.framer(records, "file"), '[{"a":1}]\n', '{ json: { records: "." } }'],
  ])("fitting framing - %s does not fit %#", (_, framer, text, fitting) => {
    expect(misfitOf(Buffer.from(text), framer, "file")?.fitting).toBe(fitting);
  });

  it.each([
    [framings.octet_counted.framer({}, "file"), '7 {"a":1}\nno length\n'],
    [framings.json.framer({}, "file"), '{"a":1}\n'],
    [framings.json.framer({}, "file"), `${mark}{\n"a":1}\n`],
    [framings.json.framer({}, "file"), '{"a":'],
    [framings.json.framer({}, "file"), ""],
    [framings.json.framer(records, "file"), '{"a":1,"Records":[{"a":1}]}'],
    [framings.json.framer(records, "file"), '{"a":1,"Records":[]}'],
    [framings.lines.framer({ separator: "\n\n" }, "file"), "[{"],
  ])("fitting framing - it may fit %#", (framer, text) => {
    expect(misfitOf(Buffer.from(text, "latin1"), framer, "file")).toBe(undefined);
  });
});
