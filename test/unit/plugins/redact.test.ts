/** `redact`: secrets planted in every spelling are gone from what would be sent, and nothing else has changed. */
import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../../src/plugin.ts";
import { complaintsAbout, makeChain, makeEvent, runChain } from "../../support/events/chains.ts";

const secret = "AWS4-HMAC-SHA256 Credential=AKIA, Signature=fe5f80f77d5fa3beca038a248ff027";

async function redact(options: object, record: string): Promise<string> {
  const chain = await makeChain([{ redact: options }]);
  const { outcome, text } = runChain(chain, record);
  expect(outcome).toBe("kept");
  return text;
}

describe("values", () => {
  test.each([
    ['{"h":{"A":"S"}}', ["h.A"], '{"h":{"A":"-"}}'],
    ['{ "h" : {\t"A" :  "S" } , "n" : 1.0 }', ["h.A"], '{ "h" : {\t"A" :  "-" } , "n" : 1.0 }'],
    ['{"h":{"\\u0041":"S"}}', ["h.A"], '{"h":{"\\u0041":"-"}}'],
    ['{"h":{"A":"S","A":"S"},"h":{"A":"S"}}', ["h.A"], '{"h":{"A":"-","A":"-"},"h":{"A":"-"}}'],
    ['{"h":{"A":["S",{"x":"S"}]}}', ["h.A"], '{"h":{"A":"-"}}'],
    ['{"h":{"A":{"x":"S"}}}', ["h.A"], '{"h":{"A":"-"}}'],
    ['{"h":{"A":12}}', ["h.A"], '{"h":{"A":"-"}}'],
    ['{"h":{"A":null}}', ["h.A"], '{"h":{"A":"-"}}'],
    ['{"l":[{"t":"S"},{"t":"S"},{"u":1}]}', ["l[*].t"], '{"l":[{"t":"-"},{"t":"-"},{"u":1}]}'],
    ['{"a":{"t":"S"},"b":[{"c":{"t":"S"}}]}', ["**.t"], '{"a":{"t":"-"},"b":[{"c":{"t":"-"}}]}'],
    ['{"a.b":{"c d":"S"}}', ['["a.b"]["c d"]'], '{"a.b":{"c d":"-"}}'],
    ['{"a":{"t":{"t":"S"}}}', ["**.t", "a.t.t"], '{"a":{"t":"-"}}'],
    [
      '{"id":9007199254740993,"e":"\\u00e9","t":"S"}',
      ["t"],
      '{"id":9007199254740993,"e":"\\u00e9","t":"-"}',
    ],
    ['{"h":{"a":"x"}}', ["h.A"], '{"h":{"a":"x"}}'],
    ['{"h":1}', ["h.A", "nope", "l[3]"], '{"h":1}'],
    ['["S","x"]', ["[0]"], '["-","x"]'],
  ])("redact - %s by %j", async (template, fields, expected) => {
    const text = await redact({ fields, with: "-" }, template.replaceAll("S", secret));
    expect(text).toBe(expected);
    expect(text).not.toContain(secret);
  });

  test.each(["authorization", "AUTHORIZATION", "Authorization", "\\u0041uthORIZATION"])(
    "redact - ignore_case finds %s, whatever case the path is in",
    async (key) => {
      for (const field of ["requestHeader.Authorization", "REQUESTHEADER.authorization"]) {
        const record = `{"requestHeader":{"${key}":"${secret}"}}`;
        const options = { fields: [field], ignore_case: true };
        expect(await redact(options, record)).toBe(`{"requestHeader":{"${key}":"[REDACTED]"}}`);
      }
    },
  );

  test("redact - a replacement is written as JSON", async () => {
    expect(await redact({ fields: ["t"], with: 'a"\\\u0001é' }, '{"t":1}')).toBe(
      '{"t":"a\\"\\\\\\u0001é"}',
    );
  });

  test("redact - changes one value of a real audit event, and no other byte", async () => {
    const record =
      '{"api":{"name":"PutObject","statusCode":200},"requestHeader":{"Authorization":"S","User-Agent":"aws-sdk"},"time":"2025-03-21T06:37:27.915055685Z"}';
    const text = await redact(
      { fields: ["requestHeader.Authorization"] },
      record.replace('"S"', `"${secret}"`),
    );
    expect(text).toBe(record.replace('"S"', '"[REDACTED]"'));
  });
});

describe("keys with dots", () => {
  test.each([
    ['{"a.b":{"c":"S"},"a":{"b.c":"S"},"a.b.c":"S"}', ["a.b.c"]],
    ['{"a\\u002eb":{"c":"S"},"\\u0061.b.c":"S"}', ["a.b.c"]],
    ['{"a.b.c.d":"S","a":{"b.c.d":"S"},"a.b":{"c.d":"S"}}', ["a.b.c"]],
    ['{"x.y.t":"S","t":"S","x":[{"y.t":"S"}]}', ["**.t"]],
    ['{"x.y.t.z":"S","x.t.y.z":"S"}', ["**.t.**.z"]],
    ['{"a.x.b":"S","a.x.y.b":"S","a":{"x.b":"S"}}', ["a.*.b"]],
    ['{"l":[{"a.b":"S"}]}', ["l[0].a.b"]],
    ['{"event.a.b":"S"}', ["a.b"]],
    ['{"a.b":{"c":"S"}}', ['["a.b"].c']],
    [`{"${"t.".repeat(70)}":"S"}`, ["a.b"]],
  ])("redact - in %s, %j takes those that spell it", async (template, fields) => {
    const text = await redact({ fields, with: "-" }, template.replaceAll("S", secret));
    expect(text).toBe(template.replaceAll('"S"', '"-"'));
  });

  test.each([
    ['{"a.bc":1,"xa.b":1,"a..b":1,".a.b":1,"a.b":1}', ['["a"]["bx"]', "a.b.c"]],
    ['{"A.b":1}', ["a.b"]],
    ['{"x.yt":1,"tx.y":1}', ["**.t"]],
  ])("redact - in %s, %j takes none of those that do not", async (record, fields) => {
    expect(await redact({ fields }, record)).toBe(record);
  });

  test("redact - with ignore_case they match in any case", async () => {
    const options = { fields: ["request.BODY"], ignore_case: true, with: "-" };
    expect(await redact(options, '{"Request.body":1}')).toBe('{"Request.body":"-"}');
  });

  test("redact - very many different ones are found as the first", async () => {
    const chain = await makeChain([{ redact: { fields: ["**.token"], with: "-" } }]);
    for (let number = 0; number < 5000; number += 1) {
      const { text } = runChain(chain, `{"k${number}.token":1,"k${number}.other":2}`);
      expect(text).toBe(`{"k${number}.token":"-","k${number}.other":2}`);
    }
  });
});

describe("levels around an event", () => {
  const held = '{"h":{"A":"S"}}';
  test.each([
    `{"event":${held},"foo":1}`,
    `{"event":${held},"event":${held}}`,
    `{ "\\u0065vent" : ${held} }`,
    `{"event":{"event":[${held}]},"time":1}`,
    `[[${held}],${held},[[{"event":${held}}]]]`,
    ` [ ${held} ] `,
    `{"event":${JSON.stringify(held)},"foo":1}`,
    `[${JSON.stringify(held)}]`,
    `{"event.h.A":"S"}`,
  ])("redact - an exact path is found in %s", async (template) => {
    const text = await redact({ fields: ["h.A"] }, template.replaceAll("S", secret));
    expect(text).toBe(template.replaceAll("S", "[REDACTED]"));
  });

  test("redact - they are levels at the top only", async () => {
    for (const record of ['{"x":{"h":{"A":1}}}', '{"x":[{"h":{"A":1}}]}', '{"Event":{"h":1}}']) {
      expect(await redact({ fields: ["h.A", "h"] }, record)).toBe(record);
    }
  });

  test("redact - a path that begins with the envelope is found where that was taken away", async () => {
    const options = { fields: ["event.h.A", "fields.token"], with: "-" };
    expect(await redact(options, '{"h":{"A":1}}')).toBe('{"h":{"A":"-"}}');
    expect(await redact(options, '{"event":{"h":{"A":1}}}')).toBe('{"event":{"h":{"A":"-"}}}');
    const chain = await makeChain([{ redact: options }]);
    const event = makeEvent('{"a":1}', chain.scanner);
    event.fields = { token: "x", tokens: "x" };
    chain.run(event);
    expect(event.fields).toEqual({ token: "-", tokens: "x" });
  });

  test("redact - a path that is no more than a key of the envelope means the value of that key", async () => {
    const options = { fields: ["event", "fields"], with: "-" };
    const record = '{"a":1,"event":"x","fields":{"b":2}}';
    expect(await redact(options, record)).toBe('{"a":1,"event":"-","fields":"-"}');
  });
});

describe("JSON in strings of indexed fields", () => {
  const held = (value: string): string => JSON.stringify({ requestHeader: { A: value }, n: 1 });
  const redactField = async (field: string, name: string, value: FieldValue) => {
    const chain = await makeChain([{ redact: { fields: [field] } }]);
    const event = makeEvent('{"a":1}', chain.scanner);
    event.fields = { [name]: value, other: held("S") };
    chain.run(event);
    return event.fields;
  };

  test.each([
    ["**.A", held("S"), held("[REDACTED]")],
    ["log.requestHeader.A", held("S"), held("[REDACTED]")],
    ["fields.log.requestHeader.A", held("S"), held("[REDACTED]")],
    ["**.A", ` \t\ufeff\u200b${held("S")}`, ` \t\ufeff\u200b${held("[REDACTED]")}`],
    ["**.A", ["x", held("S"), 1], ["x", held("[REDACTED]"), 1]],
  ])("redact - %s is found in %j", async (path, value, expected) => {
    const fields = await redactField(path, "log", value);
    expect(fields["log"]).toEqual(expected);
    expect(fields["other"]).toBe(path.startsWith("**") ? held("[REDACTED]") : held("S"));
  });

  test("redact - fields into which no path leads, or without JSON, stay as they are", async () => {
    for (const [path, value] of [
      ["requestHeader.A", held("S")],
      ["log.requestHeader.B", held("S")],
      ["**.A", "A: S"],
      ["**.A", 5],
      ["**.A", [1, true, "x"]],
    ] as const) {
      const given = value as FieldValue;
      expect((await redactField(path, "log", given))["log"]).toEqual(given);
    }
  });
});

describe("JSON in strings", () => {
  const inner = '{"requestHeader":{"Authorization":"S"},"n":9007199254740993,"e":"é\\u00e9😀"}';
  const fields = ["**.Authorization"];
  const quoted = (text: string): string => JSON.stringify(text);

  test.each([
    ["a line of a log", `{"log":${quoted(inner)},"id":1.0}`],
    ["with its line end", `{"log":${quoted(`${inner}\n`)},"stream":"stdout"}`],
    ["after blanks", `{"log":${quoted(` \t\r\n${inner}`)}}`],
    ["an array", `{"log":${quoted(`[${inner},[${inner}]]`)}}`],
    ["with a repeated key", `{"log":${quoted('{"Authorization":"S","Authorization":"S"}')}}`],
    ["two strings deep", `{"log":${quoted(`{"m":${quoted(inner)}}`)}}`],
    ["a string in a string", `{"log":${quoted(quoted(inner))}}`],
    ["in several places", `{"a":[${quoted(inner)},{"b":${quoted(inner)}}],"Authorization":"S"}`],
    ["with a key with dots", `{"log":${quoted('{"a.Authorization":"S"}')}}`],
    [
      "after blanks in a string in a string",
      `{"log":${quoted(quoted(` \n\ufeff\u001e[${inner}]`))}}`,
    ],
    ["with its opening escaped", String.raw`{"log":"\u007b\u0022Authorization\":\"S\"}"}`],
    [
      "with wide characters escaped",
      String.raw`{"log":"[\"\u00e9\u20ac\ud83d\ude00\ud800é\",{\"Authorization\":\"S\"}]"}`,
    ],
    ["with a key in escapes", `{"log":${quoted('{"\\u0041uthorization":"S"}')}}`],
  ])("redact - %s: the secret goes, and no other byte", async (_, template) => {
    const text = await redact({ fields }, template.replaceAll("S", "S3CR3T"));
    expect(text).toBe(template.replaceAll("S", "[REDACTED]"));
  });

  test.each([
    ["cut", `{"log":${quoted(inner.replace("S", secret).slice(0, -4))}}`],
    ["cut within the secret", `{"log":${quoted(inner.replace("S", secret).slice(0, 60))}}`],
    ["two in a row", `{"log":${quoted(`{"a":1}\n{"Authorization":"${secret}"}`)}}`],
    ["after a byte order mark", `{"log":${quoted(`\ufeff{"Authorization":"${secret}"}`)}}`],
    ["after what is not seen", `{"log":${quoted(`\u200b{"Authorization":"${secret}"}`)}}`],
    ["after blanks as escapes", `{"log":${quoted(`\\n\\u001e{"Authorization":"${secret}"}`)}}`],
    ["in Python's spelling", `{"log":${quoted(`{'Authorization': '${secret}'}`)}}`],
    ["nothing but plain characters", `{"log":"[Authorization=AWS4-AKIA]"}`],
    [
      "three strings deep",
      quoted(secret).replace(
        /.*/,
        `{"a":${quoted(`{"b":${quoted(`{"c":${quoted(inner.replace("S", secret))}}`)}}`)}}`,
      ),
    ],
  ])("redact - a string that only begins like JSON is masked as text: %s", async (_, record) => {
    const text = await redact({ fields }, record);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(text).not.toContain("AKIA");
    expect(text).not.toContain("AWS4");
  });

  test("redact - an exact path goes on where a string stands in its way", async () => {
    const record = `{"log":${quoted('{"h":{"A":"S3CR3T"}}')},"x":${quoted('{"h":{"A":1}}')}}`;
    const text = await redact({ fields: ["log.h.A"] }, record);
    expect(text).toBe(record.replace("S3CR3T", "[REDACTED]"));
  });

  test.each(["[INFO] started", "{}", "[]", "[REDACTED]", "{x", " ", "\\n", "é [1]", "\\"])(
    "redact - a string without secrets stays: %j",
    async (held) => {
      const record = `{"log":${quoted(held)}}`;
      expect(await redact({ fields }, record)).toBe(record);
    },
  );

  test("redact - several steps see what the others have left", async () => {
    const chain = await makeChain([
      { redact: { fields: ["**.a"], with: "A" } },
      { redact: { fields: ["**.b"], with: '{"c":"C"}' } },
      { redact: { fields: ["**.c", "**.log"], with: "-" }, when: "stop == true" },
      { redact: { fields: ["**.c"], with: "D" } },
    ]);
    const held = (a: string, b: string): string => JSON.stringify({ a, b });
    const b = '{"c":"D"}';
    const { text } = runChain(chain, JSON.stringify({ log: held("1", "2"), b: 3 }));
    expect(JSON.parse(text)).toEqual({ log: held("A", b), b });
  });

  test("redact - a string that a step puts in is looked into, too", async () => {
    const plugin =
      "export default { name: 'put', create: () => (event) => { event.replace('log', event.get('other')); return event; } };";
    const steps = [{ put: {} }, { redact: { fields, with: "-" } }];
    const chain = await makeChain(steps, { files: { "put.mjs": plugin } });
    const held = '{"Authorization":"S3CR3T"}';
    const { text } = runChain(chain, JSON.stringify({ log: 1, other: held }));
    expect(text).not.toContain("S3CR3T");
  });

  test("redact - a step whose condition does not hold masks no string", async () => {
    const steps = [
      { redact: { fields: ["h.a"] } },
      { redact: { fields: ["**.t"] }, when: "go == true" },
    ];
    const chain = await makeChain(steps);
    const record = JSON.stringify({ log: '{"t":1}', more: "{t=1" });
    expect(runChain(chain, record).text).toBe(record);
  });

  test("redact - of very many strings that only begin like JSON, most go whole", async () => {
    const strings = Array.from({ length: 2000 }, (_, at) => `{x${at}`);
    const held = JSON.parse(await redact({ fields, with: "-" }, JSON.stringify(strings)));
    const others = Array.from({ length: 1000 }, () => "-");
    expect(held).toEqual([...strings.slice(0, 1000), ...others]);
  });

  test("redact - a string that only begins like JSON is looked at once, however often it comes", async () => {
    const record = JSON.stringify(Array.from({ length: 2000 }, () => "{x"));
    expect(await redact({ fields, with: "-" }, record)).toBe(record);
  });

  test("redact - strings in strings cost work in proportion to their length", async () => {
    const chain = await makeChain([{ redact: { fields } }]);
    let scans = 0;
    for (let { inner: walker } = chain.scanner.walker, at = 0; at < 4; at += 1) {
      const scan = walker.scan.bind(walker);
      walker.scan = (bytes, start, end, root) => {
        scans += end - start;
        return scan(bytes, start, end, root);
      };
      walker = walker.inner;
    }
    let held = "1";
    while (held.length < 100_000) held = JSON.stringify([held]);
    const record = JSON.stringify({ held, many: Array.from({ length: 5000 }, () => "[[[") });
    expect(runChain(chain, record).outcome).toBe("kept");
    expect(scans).toBeLessThan(record.length * 2);
  });
});

describe("indexed fields", () => {
  test.each([
    [["t"], { t: "S", u: "x" }, { t: "-", u: "x" }],
    [["**.t"], { t: ["S", "x"], u: "x" }, { t: "-", u: "x" }],
    [["T"], { t: "S" }, { t: "-" }],
    [["h.t"], { "h.t": "S", t: "x" }, { "h.t": "-", t: "x" }],
    [["**.t"], { "h.t": 12 }, { "h.t": "-" }],
    [["*"], { a: "S", b: true }, { a: "-", b: "-" }],
    [["l[0]", "h.t", "t.u"], { l: "x", t: "x", u: "x" }, { l: "x", t: "x", u: "x" }],
  ])("redact - by %j, %j", async (paths, given, expected) => {
    const options = { fields: paths, with: "-", ignore_case: true, on_unreadable: "text" };
    const chain = await makeChain([{ redact: options }]);
    for (const record of ['{"a":1}', "no JSON"]) {
      const event = makeEvent(record, chain.scanner);
      event.fields = given;
      expect(chain.run(event)).toBeUndefined();
      expect(event.fields).toEqual(expected);
    }
  });

  test("redact - a field of a name with very many parts counts as secret", async () => {
    const chain = await makeChain([{ redact: { fields: ["**.t.**.u"], with: "-" } }]);
    const event = makeEvent('{"a":1}', chain.scanner);
    const [most, more] = ["t.".repeat(63), "t.".repeat(100_000)];
    event.fields = { [most]: "x", [more]: "x" };
    expect(chain.run(event)).toBeUndefined();
    expect(event.fields).toEqual({ [most]: "x", [more]: "-" });
  });

  test("redact - fields without a secret stay the same object", async () => {
    const chain = await makeChain([{ redact: { fields: ["**.t"] } }]);
    const event = makeEvent('{"t":1}', chain.scanner);
    event.fields = { site: "a" };
    const { metadata } = event;
    chain.run(event);
    expect(event.metadata).toBe(metadata);
  });
});

describe("events that are not JSON", () => {
  const broken = `{"a":1,"token":"${secret}","b":2,}`;

  test.each([
    [{}, "quarantined unreadable:redact"],
    [{ on_unreadable: "quarantine" }, "quarantined unreadable:redact"],
    [{ on_unreadable: "drop" }, "dropped unreadable:redact"],
    [{ on_unreadable: "text" }, "kept"],
  ])("redact - with %j, one is %s", async (options, outcome) => {
    const chain = await makeChain([{ redact: { fields: ["token"], ...options } }]);
    const result = runChain(chain, broken);
    expect(result.outcome).toBe(outcome);
    if (outcome === "kept") expect(result.text).toBe('{"a":1,"token":"[REDACTED]","b":2,}');
    else expect(result.detail ?? "").not.toContain(secret);
  });

  test("redact - text in which nothing is masked keeps its bytes, and is not counted as changed", async () => {
    const options = { fields: ["token"], detect: ["credentials"], on_unreadable: "text" };
    const chain = await makeChain([{ redact: options }]);
    const clean = ["login of ann", "a \xff\xc3( b", ' "a string \\u0061\\/"', "a: token"];
    for (const text of clean) {
      const event = makeEvent(Buffer.from(text, "latin1"), chain.scanner);
      expect(chain.run(event)).toBeUndefined();
      const bytes = Buffer.alloc(event.byteLength);
      event.copyTo(bytes, 0);
      expect(bytes.toString("latin1")).toBe(text);
    }
    expect(chain.steps[0]).toMatchObject({ received: clean.length, changed: 0 });
    for (const text of [`token=${secret} \xff`, JSON.stringify(`token=${secret}`)])
      runChain(chain, Buffer.from(text, "latin1"));
    expect(chain.steps[0]).toMatchObject({ changed: 2 });
  });

  test.each([`{"token":"${secret}"}`, `{\n "a": [{"token":"${secret}"}]}`, `token=${secret}`])(
    "redact - a string in JSON is text, whatever stands in it: %j",
    async (held) => {
      for (const record of [JSON.stringify(held), ` ${JSON.stringify(held)}`]) {
        const strict = await makeChain([{ redact: { fields: ["**.token"] } }]);
        const { outcome, detail } = runChain(strict, record);
        expect([outcome, detail]).toEqual(["quarantined unreadable:redact", "a JSON string"]);
        const text = await redact({ fields: ["**.token"], on_unreadable: "text" }, record);
        expect(JSON.parse(text)).toContain("[REDACTED]");
        expect(text).not.toContain(secret);
      }
    },
  );

  test.each(["utf16le", "utf16be"])(
    "redact - nothing of %s is shipped as text",
    async (encoding) => {
      const bytes = Buffer.from(`{"n":1,"token":"${secret}"}`, "utf16le");
      const record = (encoding === "utf16le" ? bytes : bytes.swap16()).toString();
      const text = await redact({ fields: ["token"], on_unreadable: "text" }, record);
      expect(text).toBe("[REDACTED]");
    },
  );

  test("redact - a text in a text in a text is masked, too", async () => {
    const record = JSON.stringify(JSON.stringify(JSON.stringify({ token: "hunter2", b: 1 })));
    const text = await redact({ fields: ["token"], on_unreadable: "text" }, record);
    expect(text).not.toContain("hunter2");
  });

  test("redact - the detail in quarantine says what is wrong and where", async () => {
    const chain = await makeChain([{ redact: { fields: ["token"] } }]);
    expect(runChain(chain, broken).detail).toMatch(/ at byte \d+$/);
  });

  test("redact - on_unreadable: text masks the secrets of later steps, too, in each one's own words", async () => {
    const chain = await makeChain([
      { redact: { fields: ["token"], with: "T", on_unreadable: "text" } },
      { redact: { fields: ["user.**.pin"], with: "P", on_unreadable: "text" } },
    ]);
    const { outcome, text } = runChain(chain, `{"pin":"${secret}","token":"${secret}"`);
    expect([outcome, text]).toEqual(["kept", '{"pin":"P","token":"T"']);
  });

  test("redact - a later step that does not take text still stops the event", async () => {
    const chain = await makeChain([
      { redact: { fields: ["token"], on_unreadable: "text" } },
      { redact: { fields: ["pin"] } },
    ]);
    expect(runChain(chain, broken).outcome).toBe("quarantined unreadable:redact_2");
  });

  test("redact - the chain's mask knows what redact steps redact, for all that goes to quarantine", async () => {
    const chain = await makeChain([{ redact: { fields: ["a.token", "b[0].pin"], with: "-" } }]);
    expect(chain.maskText(`{"token":"${secret}","pin":"${secret}"`)).toBe('{"token":"-","pin":"-"');
    const everything = await makeChain([{ redact: { fields: ["**"], with: "-" } }]);
    expect(everything.maskText(broken)).toBe("-");
  });
});

test.each([
  [{}],
  [{ fields: [] }],
  [{ fields: "token" }],
  [{ fields: [1] }],
  [{ fields: ["a."] }],
  [{ fields: ["a"], with: 5 }],
  [{ fields: ["a"], with: "x".repeat(300) }],
  [{ fields: ["a"], on_unreadable: "ship" }],
  [{ fields: ["a"], ignorecase: true }],
])("redact - %j is refused", async (options) => {
  expect(await complaintsAbout([{ redact: options }])).not.toEqual([]);
});
