/** `redact`: secrets planted in every spelling are gone from what would be sent, and nothing else has changed. */
import { describe, expect, test } from "vitest";
import { complaintsAbout, makeChain, makeEvent, runChain } from "../../support/chains.ts";

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

  test.each([`{"token":"${secret}"}`, `{\n "a": [{"token":"${secret}"}]}`, `token=${secret}`])(
    "redact - a string in JSON is text, whatever stands in it: %j",
    async (held) => {
      for (const record of [JSON.stringify(held), ` ${JSON.stringify(held)}`]) {
        const strict = await makeChain([{ redact: { fields: ["**.token"] } }]);
        const { outcome, detail } = runChain(strict, record);
        expect([outcome, detail]).toEqual(["quarantined unreadable:redact", "a string in JSON"]);
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
