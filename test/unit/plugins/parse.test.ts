/** `parse`: the fields of a text in each format, where they go, and that what is not of the format stays as it is. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

async function parsed(options: object, record: string): Promise<unknown> {
  const chain = await makeChain([{ parse: options }]);
  const { outcome, text, event } = runChain(chain, record);
  expect(outcome).toBe("kept");
  if (event.fields !== undefined) {
    expect({ text, fields: event.fields }).toEqual({
      text: record,
      fields: { parse_failed: "parse" },
    });
    return "failed";
  }
  return JSON.parse(text) as unknown;
}

describe("key_value", () => {
  test.each([
    ["a=1 b=two", { a: "1", b: "two" }],
    ['a="x y" b=\'x "y"\' c=""', { a: "x y", b: 'x "y"', c: "" }],
    ['a="say \\"hi\\" \\\\ \\n"', { a: 'say "hi" \\ \\n' }],
    ["a=1, b=2; c=", { a: "1", b: "2", c: "" }],
    ["user=bob user=root user=eve", { user: ["bob", "root", "eve"] }],
    ["Jan 1 kernel: IN=eth0 SYN", { IN: "eth0", unparsed: "Jan 1 kernel: SYN" }],
    ["url=http://a/?b=c", { url: "http://a/?b=c" }],
    ['a="not closed b=2', { a: '"not', unparsed: "closed", b: "2" }],
    ["__proto__=x constructor=y", JSON.parse('{"__proto__":"x","constructor":"y"}')],
    ["no pairs", "failed"],
    ["=x", "failed"],
    ["   ", "failed"],
    [Array.from({ length: 1001 }, (_, n) => `k${n}=1`).join(" "), "failed"],
  ])("parse - key=value pairs of %s", async (text, expected) => {
    expect(await parsed({ format: "key_value" }, text)).toEqual(expected);
  });
});

describe("csv", () => {
  const columns = ["a", "b", "c"];
  test.each([
    ["1,2,3", { a: "1", b: "2", c: "3" }],
    ['"x,y","say ""hi""",', { a: "x,y", b: 'say "hi"', c: "" }],
    ["1,2", "failed"],
    ["1,2,3,4", "failed"],
    ["1,2,3,", "failed"],
    ['"not closed,2,3', "failed"],
    ['"', "failed"],
    ['1,2,"x"y', "failed"],
  ])("parse - separated values of %s", async (text, expected) => {
    expect(await parsed({ format: "csv", columns }, text)).toEqual(expected);
  });

  test("parse - with a separator of their own", async () => {
    const options = { format: "csv", columns, separator: "\t" };
    expect(await parsed(options, "1,5\t2\t")).toEqual({ a: "1,5", b: "2", c: "" });
  });
});

describe("regex", () => {
  test("parse - takes the named groups of the first match", async () => {
    const options = { format: "regex", pattern: "user (?<user>\\w+)(?: from (?P<ip>[0-9.]+))?" };
    expect(await parsed(options, "login: user bob from 192.0.2.1 user eve")).toEqual({
      user: "bob",
      ip: "192.0.2.1",
    });
    expect(await parsed(options, "user bob")).toEqual({ user: "bob" });
    expect(await parsed(options, "nobody")).toBe("failed");
  });
});

describe("access logs", () => {
  const line = '192.0.2.1 - bob [10/Oct/2025:13:55:36 +0000] "GET /a?b=c HTTP/1.1" 200 2326';
  const fields = {
    client: "192.0.2.1",
    identity: null,
    user: "bob",
    time: "10/Oct/2025:13:55:36 +0000",
    request: "GET /a?b=c HTTP/1.1",
    status: 200,
    bytes: 2326,
  };
  test.each([
    [line, fields],
    [`${line} "-" "curl/8"`, { ...fields, referer: null, user_agent: "curl/8" }],
    [
      `${line} "x" "a \\"b\\" \\x22" 0.001 "up"`,
      { ...fields, referer: "x", user_agent: 'a \\"b\\" \\x22', more: ["0.001", "up"] },
    ],
    [line.replace("2326", "-"), { ...fields, bytes: null }],
    [line.replace("200", "OK"), "failed"],
    [line.replace('"GET', "GET"), "failed"],
    [line.replace("[", "").replace("]", ""), "failed"],
    // Quotes that a server did not escape would make fields of a client's choice.
    [`${line} "-" "a" b"`, "failed"],
    ["a line", "failed"],
  ])("parse - the combined format of %s", async (text, expected) => {
    expect(await parsed({ format: "combined" }, text)).toEqual(expected);
  });

  const s3 = readFileSync("examples/s3-access-log/access.log", "utf8").trim().split("\n");

  test("parse - S3 server access logs, with more fields at the end, and with fewer", async () => {
    const options = { format: "s3_access_log" };
    expect(await parsed(options, s3[0]!)).toMatchObject({
      bucket_name: "reports",
      requestdatetime: "13/Jul/2025:23:59:58 +0000",
      operation: "REST.PUT.OBJECT",
      request_uri: "PUT /2025/q2.pdf HTTP/1.1",
      httpstatus: 200,
      errorcode: null,
      objectsize: 48213,
      useragent: "aws-cli/2.15.30",
      tlsversion: "TLSv1.3",
      aclrequired: null,
    });
    expect(await parsed(options, `${s3[0]!} new 1`)).toMatchObject({ more: ["new", "1"] });
    const old = s3[0]!.split(" ").slice(0, -8).join(" ");
    expect(await parsed(options, old)).not.toHaveProperty("endpoint");
    expect(await parsed(options, s3.at(-1)!)).toBe("failed");
  });

  test.each(['x" - "y', 'x" - - -"', '" "', 'a"', '" - REST "'])(
    "parse - a user agent with the quotes of %s moves no other field",
    async (agent) => {
      const text = s3[0]!.replace("aws-cli/2.15.30", agent);
      expect(await parsed({ format: "s3_access_log" }, text)).toBe("failed");
    },
  );
});

describe("json", () => {
  test("parse - puts JSON in a string in its place, as it is written", async () => {
    const chain = await makeChain([{ parse: { format: "json", from: "log" } }]);
    const text = '{ "log" : "{\\"id\\": 9007199254740993, \\"n\\": 1.0}" , "a":1}';
    expect(runChain(chain, text).text).toBe(
      '{ "log" : {"id": 9007199254740993, "n": 1.0} , "a":1}',
    );
  });

  test.each([
    ['{"log":"text"}'],
    ['{"log":"{\\"a\\":1"}'],
    ['{"log":"12"}'],
    ['{"log":"{\\"a\\":\\"\\\\ud800"}'],
  ])("parse - %s stays as it is", async (record) => {
    expect(await parsed({ format: "json", from: "log" }, record)).toBe("failed");
  });

  test("parse - an event that is a string is what the string holds", async () => {
    expect(await parsed({ format: "json" }, '"{\\"a\\":1}"')).toEqual({ a: 1 });
    expect(await parsed({ format: "json", into: "b" }, '"[1]"')).toEqual({ b: [1] });
    expect(await parsed({ format: "json" }, '"{\\"a\\":"')).toBe("failed");
    expect(await parsed({ format: "json", into: "b" }, '"{\\"a\\":"')).toBe("failed");
    expect(await parsed({ format: "json" }, "{broken")).toBe("failed");
  });
});

describe("places", () => {
  const format = "key_value";

  test.each([
    [{ from: "log" }, '{"a":1.0,"log":{"u":"bob"}}'],
    [{ from: "log", into: "p.q" }, '{"a":1.0,"p":{"q":{"u":"bob"}}}'],
    [{ from: "log", into: "a" }, '{"a":{"u":"bob"}}'],
    [{ from: "log", into: "p", keep_source: true }, '{"a":1.0,"log":"u=bob","p":{"u":"bob"}}'],
    [{ from: "other" }, '{"a":1.0,"log":"u=bob"}'],
    [{ from: "a" }, '{"a":1.0,"log":"u=bob"}'],
    [{}, '{"a":1.0,"log":"u=bob"}'],
  ])("parse - with %j the event is %s", async (places, expected) => {
    const chain = await makeChain([{ parse: { format, ...places } }]);
    expect(runChain(chain, '{"a":1.0,"log":"u=bob"}')).toMatchObject({
      outcome: "kept",
      text: expected,
    });
  });

  test("parse - makes a record of an event that is text, and of a JSON string", async () => {
    const chain = await makeChain([{ parse: { format, into: "p" } }]);
    expect(runChain(chain, "u=bob").text).toBe('{"p":{"u":"bob"}}');
    expect(await parsed({ format }, '"u=b\\u006fb"')).toEqual({ u: "bob" });
    expect(await parsed({ format }, '"no p\\u0061irs"')).toBe("failed");
  });

  test("parse - leaves no secret where redact does not look", async () => {
    const steps = [
      { parse: { format, from: "log" } },
      { redact: { fields: ["log.password"], on_unreadable: "text" } },
    ];
    const chain = await makeChain(steps);
    expect(runChain(chain, '{"log":"user=bob password=hunter2"}').text).toBe(
      '{"log":{"user":"bob","password":"[REDACTED]"}}',
    );
  });

  test("parse - what fails is kept and marked, or ended", async () => {
    const outcomeOf = async (on_failure: string): Promise<string> =>
      runChain(await makeChain([{ parse: { format, on_failure }, name: "kv" }]), "text").outcome;
    expect(await outcomeOf("keep")).toBe("kept");
    expect(await outcomeOf("drop")).toBe("dropped unparsed:kv");
    expect(await outcomeOf("quarantine")).toBe("quarantined unparsed:kv");
  });
});

const formats = [
  { format: "key_value" },
  { format: "csv", columns: ["a", "b"] },
  { format: "combined" },
  { format: "s3_access_log" },
  { format: "json", into: "b" },
];

test.each(formats)("parse - with %j any text is parsed or stays", async (options) => {
  const chain = await makeChain([{ parse: { from: "a", ...options } }]);
  const texts = fc.string({
    unit: fc.constantFrom(...Array.from("ab=\"'\\,; []{}-1:é")),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(texts, fc.string()), (text) => {
      fc.pre(text.isWellFormed());
      const record = JSON.stringify({ n: 1, a: text, z: "é" });
      const { outcome, text: written, event } = runChain(chain, record);
      expect(outcome).toBe("kept");
      if (event.fields !== undefined) expect(written).toBe(record);
      expect(JSON.parse(written)).toMatchObject({ n: 1, z: "é" });
    }),
    { numRuns: 300 },
  );
});

test.each([
  [{}, ["format"], /./],
  [{ format: "kv" }, ["format"], /key_value/],
  [{ format: "regex" }, ["format"], /needs `pattern`/],
  [{ format: "csv" }, ["format"], /needs `columns`/],
  [{ format: "json", pattern: "a" }, ["pattern"], /is for `format: regex`/],
  [{ format: "json", separator: ";" }, ["separator"], /is for `format: csv`/],
  [{ format: "csv", columns: ["a", "a"] }, ["columns"], /repeated/],
  [{ format: "csv", columns: ["a"], separator: '"' }, ["separator"], /one character/],
  [{ format: "regex", pattern: "(" }, ["pattern"], /pattern is wrong/],
  [{ format: "regex", pattern: "a(b)" }, ["pattern"], /no named group/],
  [{ format: "json", from: "*.a" }, ["from"], /one value/],
  [{ format: "json", from: "a", into: "a.b" }, ["into"], /inside of the other/],
  [{ format: "json", from: "a.b", into: "a" }, ["into"], /inside of the other/],
  [{ format: "json", from: "a", keep_source: true }, ["keep_source"], /goes elsewhere/],
])("parse - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ parse: options }]);
  expect({ path: complaint?.path, message: complaint?.message }).toEqual({
    path: ["chain", 0, "parse", ...place],
    message: expect.stringMatching(message),
  });
});
