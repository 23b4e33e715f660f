/** `redact` by other rules than paths, and with other actions than masking: in values, strings, keys, lists and text. */
import { describe, expect, test } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import type { FieldValue } from "../../../../src/plugin.ts";
import { complaintsAbout, makeChain, makeEvent, runChain } from "../../../support/events/chains.ts";

const hash_key = ["a key of", "sixteen or more"].join(" ");
const token = ["Bearer", "abcdefghijklmnop0123456789"].join(" ");

async function redact(options: object, record: string): Promise<string> {
  const chain = await makeChain([{ redact: options }]);
  const { outcome, text } = runChain(chain, record);
  expect(outcome).toBe("kept");
  return text;
}

async function redactedFields(
  options: object,
  fields: Record<string, FieldValue>,
): Promise<unknown> {
  const chain = await makeChain([{ redact: options }]);
  const event = makeEvent('{"a":1}', chain.scanner);
  event.fields = fields;
  chain.run(event);
  return event.fields;
}

/** JSON text in a string, as it stands in JSON. */
function held(text: string): string {
  return JSON.stringify(text);
}

describe("actions", () => {
  test.each([
    ['{"a":1,"t":"S","b":2}', '{"a":1,"b":2}'],
    ['{"t":"S"}', "{}"],
    ['{ "t" : {"x":1} , "t":2 }', "{  }"],
    ['[{"t":1},{"t":2,"b":[]}]', '[{},{"b":[]}]'],
    [`{"log":${held('{"a":1,"t":"S"}')}}`, `{"log":${held('{"a":1}')}}`],
    [`{"log":${held('{"l":"{\\"t\\":1,\\"u\\":2}"}')}}`, `{"log":${held('{"l":"{\\"u\\":2}"}')}}`],
  ])("redact - removes from %s", async (record, expected) => {
    expect(await redact({ fields: ["**.t"], action: "remove" }, record)).toBe(expected);
  });

  test("redact - removes items, and the values that later steps find are at their new places", async () => {
    const chain = await makeChain([
      { redact: { fields: ["l[0]"], action: "remove" } },
      { redact: { fields: ["l[0]"] } },
    ]);
    expect(runChain(chain, '{"l":["a","b","c"]}').text).toBe('{"l":["[REDACTED]","c"]}');
  });

  test("redact - a record that cannot be removed is null", async () => {
    expect(await redact({ fields: ["**"], action: "remove" }, "12")).toBe("null");
  });

  test("redact - hashes are equal for equal values, in other steps and places, and for no others", async () => {
    const options = { fields: ["**.user"], action: "hash", key: hash_key };
    const records = [
      '{"user":"ann"}',
      '{"x":[{"user":"\\u0061nn"}]}',
      `{"log":${held('{"user":"ann"}')}}`,
      '{"user":"bob"}',
      '{"user":7}',
      '{"user":"7"}',
    ];
    const hashes: string[] = [];
    for (const record of records) {
      const [hash] = /hmac-sha256:[\w-]{22}/.exec(await redact(options, record))!;
      hashes.push(hash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).toBe(hashes[0]);
    expect(hashes[3]).not.toBe(hashes[0]);
    expect(hashes[5]).toBe(hashes[4]);
    const other = await redact({ ...options, key: `${hash_key}!` }, records[0]!);
    expect(other).not.toContain(hashes[0]);
    expect(await redactedFields(options, { user: "ann", a: 1 })).toEqual({ user: hashes[0], a: 1 });
  });

  test.each([
    ["abcdefgh", "abc…"],
    ["abcd", "ab…"],
    ["a", "…"],
    ["😀😀😀😀", "😀😀…"],
  ])("redact - truncates %s to a part of at most half of it", async (value, expected) => {
    const text = await redact(
      { fields: ["t"], action: "truncate", length: 3 },
      JSON.stringify({ t: value }),
    );
    expect(JSON.parse(text)).toEqual({ t: expected });
  });

  test("redact - what cannot be truncated is masked", async () => {
    const options = { fields: ["t"], action: "truncate", length: 3 };
    expect(await redact(options, '{"t":123456}')).toBe('{"t":"[REDACTED]"}');
    expect(await redact(options, '{"t":{"a":"abcdef"}}')).toBe('{"t":"[REDACTED]"}');
  });

  test("redact - in text that is no JSON every action masks", async () => {
    for (const more of [{ action: "remove" }, { action: "hash", key: hash_key }]) {
      const options = { fields: ["password"], on_unreadable: "text", ...more };
      expect(await redact(options, "login password=hunter22 ok=1")).toBe(
        "login password=[REDACTED] ok=1",
      );
    }
  });

  test("redact - removes indexed fields", async () => {
    const options = { fields: ["user"], action: "remove" };
    expect(await redactedFields(options, { user: "ann", a: ["x"] })).toEqual({ a: ["x"] });
  });

  test.each([
    [{ fields: ["a"], action: "hash" }, /a `key` for the action `hash`/],
    [{ fields: ["a"], key: hash_key }, /a `key` for the action `hash`/],
    [{ fields: ["a"], action: "hash", key: "short" }, /at least 16 characters/],
    [{ fields: ["a"], action: "truncate" }, /a `length` for the action/],
    [{}, /at least one of `fields`/],
  ])("redact - refuses %j", async (options, message) => {
    const complaints = await complaintsAbout([{ redact: options }]);
    expect(complaints.map((each) => each.message).join()).toMatch(message);
  });
});

describe("partial", () => {
  const signature = "0123456789abcdef".repeat(4);
  const identity =
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE7EXAMPLE2/20250321/us-east-1/s3/aws4_request, SignedHeaders=host";

  test.each([
    [{ fields: ["h.Authorization"] }],
    [{ keys: ["authorization"] }],
    [{ detect: ["credentials"] }],
    [{ detect: ["aws-sigv4"] }],
  ])("redact - %j keeps who has signed, and hides the signature", async (rule) => {
    const record = JSON.stringify({ h: { Authorization: `${identity}, Signature=${signature}` } });
    const text = await redact({ ...rule, action: "partial" }, record);
    expect(text).toContain(identity);
    expect(text).not.toContain(signature);
    expect(text).toContain("[REDACTED]");
  });

  test("redact - keeps the names of cookies, and hides a value of which nothing is known", async () => {
    const options = { fields: ["cookie", "x"], action: "partial", with: "-" };
    const record = '{"cookie":"session=abcdef12; theme=dark","x":"AKIA abc"}';
    expect(JSON.parse(await redact(options, record))).toEqual({
      cookie: "session=-; theme=-",
      x: "-",
    });
  });
});

describe("keys", () => {
  test.each([
    ['{"password":"S","a":{"DB_PASSWD":"S","pass":1}}', ["*passw*"]],
    ['{"l":[{"x-secret-x":"S"}],"Secret":"S"}', ["*secret*"]],
    ['{"k1":"S","k2":"S","k22":1}', ["k?"]],
    ['{"my.token":"S","a.token.b":"S","tokens":1}', ["token"]],
    ['{"t\\u006fken":"S","étoken":"S"}', ["*token"]],
    ['{"token_id":7,"token_name":"n","token":"S"}', ["*token*", "!*_id", "!*_name"]],
  ])("redact - in %s, %j take theirs", async (template, keys) => {
    const text = await redact({ keys }, template);
    expect(text).toBe(template.replaceAll('"S"', '"[REDACTED]"'));
  });

  test("redact - booleans and null stay, numbers and containers go", async () => {
    const record = '{"has_token":true,"token":null,"token1":5,"token2":{"a":true},"token3":["x"]}';
    expect(await redact({ keys: ["*token*"], with: "-" }, record)).toBe(
      '{"has_token":true,"token":null,"token1":"-","token2":"-","token3":"-"}',
    );
  });

  test("redact - match in any case unless that is refused", async () => {
    const record = '{"Token":"S","token":"S"}';
    expect(await redact({ keys: ["tok*"], with: "-" }, record)).toBe('{"Token":"-","token":"-"}');
    const exact = { keys: ["tok*"], with: "-", ignore_case: false };
    expect(await redact(exact, record)).toBe('{"Token":"S","token":"-"}');
  });

  test("redact - in JSON inside strings, indexed fields and text", async () => {
    const options = { keys: ["*passw*", "!passwordless"], with: "-", on_unreadable: "text" };
    expect(await redact(options, `{"log":${held('{"my_password":"S"}')}}`)).toBe(
      `{"log":${held('{"my_password":"-"}')}}`,
    );
    expect(await redactedFields(options, { db_passwd: "S", a: 1 })).toEqual({
      db_passwd: "-",
      a: 1,
    });
    expect(await redact(options, "user=ann db_passwd_new=hunter22 n=1")).toBe(
      "user=ann db_passwd_new=- n=1",
    );
    expect(await redact(options, 'passwordless=1 "Pass\\u0077ord": "hunter22"')).toBe(
      'passwordless=1 "Pass\\u0077ord": "-"',
    );
  });

  test("redact - very many different keys are found as the first", async () => {
    const chain = await makeChain([{ redact: { keys: ["*token*"], with: "-" } }]);
    for (let number = 0; number < 5000; number += 1) {
      const { text } = runChain(chain, `{"k${number}token":1,"k${number}":2}`);
      expect(text).toBe(`{"k${number}token":"-","k${number}":2}`);
    }
  });
});

describe("patterns and detectors", () => {
  const options = { patterns: [{ name: "ticket", match: "TKT-[0-9]{8}" }], with: "-" };
  const ticket = "TKT-12345678";

  test.each([
    [`{"a":"see ${ticket}, ok"}`, '{"a":"see -, ok"}'],
    [`{"${ticket}":1,"l":["${ticket}${ticket}"]}`, '{"-":1,"l":["--"]}'],
    ['{"a":"\\u0054KT-1234567\\u0038!","n":1.0}', '{"a":"-!","n":1.0}'],
    [
      `{"log":${held(`{"x":"\\u0054KT-12345678","é":"${ticket}"}`)}}`,
      `{"log":${held('{"x":"-","é":"-"}')}}`,
    ],
    [`{"log":${held(`[${ticket} "cut`)}}`, `{"log":${held('[- "cut')}}`],
    ['{"a":"TKT-1234567","b":12345678}', '{"a":"TKT-1234567","b":12345678}'],
    [`{ "a" : "é\\n\\ud83d\\ude00 ${ticket} \\/" }`, '{ "a" : "é\\n\\ud83d\\ude00 - \\/" }'],
  ])("redact - a pattern in %s", async (record, expected) => {
    expect(await redact(options, record)).toBe(expected);
  });

  test("redact - a pattern in what earlier steps have put in, beside what they have masked", async () => {
    const chain = await makeChain([
      { redact: { fields: ["t"] } },
      { set: { fields: { note: ticket } } },
      { redact: options },
      { rename: { fields: { "-": "moved" } } },
    ]);
    expect(runChain(chain, `{"t":"${ticket}","a":1}`).text).toBe(
      '{"t":"[REDACTED]","a":1,"note":"-"}',
    );
    expect(runChain(chain, `{"${ticket}":1}`).text).toBe('{"note":"-","moved":1}');
  });

  test("redact - patterns in text, in indexed fields and in what goes to quarantine", async () => {
    expect(await redact({ ...options, on_unreadable: "text" }, `no json: ${ticket}`)).toBe(
      "no json: -",
    );
    expect(await redact({ ...options, on_unreadable: "text" }, "no json: TKT-1234\\u0035678")).toBe(
      "no json: -",
    );
    expect(await redact({ ...options, on_unreadable: "text" }, "no json: TKT-1234\u200b5678")).toBe(
      "no json: -",
    );
    expect(
      await redactedFields(options, { a: `x ${ticket}`, b: [ticket, 1], [ticket]: 2 }),
    ).toEqual({
      a: "x -",
      b: ["-", 1],
      "-": 2,
    });
    const chain = await makeChain([{ redact: options }]);
    expect(chain.maskText(`{"a":"\\u0054KT-12345678"}`)).toBe('{"a":"-"}');
  });

  test("redact - equal secrets have equal hashes, wherever they are", async () => {
    const hashing = { patterns: options.patterns, action: "hash", key: hash_key };
    const text = await redact(hashing, `{"a":"${ticket}","b":"x ${ticket}"}`);
    const [one, other] = text.match(/hmac-sha256:[\w-]{22}/g)!;
    expect(text).toBe(`{"a":"${one}","b":"x ${one}"}`);
    expect(other).toBe(one);
  });

  test("redact - detectors by group and name", async () => {
    for (const detect of [["credentials"], ["bearer"]]) {
      const text = await redact({ detect }, `{"h":"x ${token}","l":["${token}"]}`);
      expect(text).not.toContain("abcdefghijklmnop");
    }
  });

  test.each([
    [{ detect: ["credential"] }, /there is no detector or group "credential"/],
    [{ patterns: [{ name: "a", match: "(" }] }, /this pattern is wrong/],
    [{ patterns: [{ name: "a", match: "x(?=y)" }] }, /have no look-ahead, look-behind or back-/],
  ])("redact - refuses %j at its place", async (wrong, message) => {
    const [complaint] = await complaintsAbout([{ redact: wrong }]);
    expect(complaint?.message).toMatch(message);
    expect(complaint?.path.slice(0, 3)).toEqual(["chain", 0, "redact"]);
    expect(complaint?.path.length).toBeGreaterThan(3);
  });
});

describe("lists of names and values", () => {
  const options = { fields: ["**.Authorization"], keys: ["*secret*"], name_value: true, with: "-" };

  test.each([
    ['{"headers":[{"name":"Host","value":"h"},{"name":"Authorization","value":"S"}]}'],
    ['{"headers":[{"value":"S","x":[{"name":1}],"NAME":"authorization"}]}'],
    ['{"h":[{"Key":"my-Secret","n":1,"Value":"S"},{"key":"other","value":"x"}]}'],
    ['{"h":[{"key":"http.request.header.authorization","value":"S"}]}'],
    ['{"h":{"name":"\\u0041uthorization","value":"S","value":"S"}}'],
    ['[{"value":"x"},{"name":"Authorization"}]'],
    ['{"name":"Host","value":{"name":"Authorization","value":"S"}}'],
  ])("redact - in %s", async (template) => {
    expect(await redact(options, template)).toBe(template.replaceAll('"S"', '"-"'));
    const inside = `{"log":${held(template)}}`;
    const expected = `{"log":${held(template.replaceAll('"S"', '"-"'))}}`;
    expect(await redact(options, inside)).toBe(expected);
  });

  test("redact - a value of any type goes, and the action is done with it", async () => {
    const record = '{"h":[{"name":"Authorization","value":{"stringValue":"S"}}]}';
    expect(await redact(options, record)).toBe('{"h":[{"name":"Authorization","value":"-"}]}');
    const removing = { fields: ["**.authorization"], name_value: true, action: "remove" };
    expect(await redact(removing, record)).toBe('{"h":[{"name":"Authorization","value":null}]}');
  });

  test("redact - without the option they stay", async () => {
    const record = '{"headers":[{"name":"Authorization","value":"S"}]}';
    expect(await redact({ fields: ["**.Authorization"] }, record)).toBe(record);
  });
});

describe("a last look behind the chain", () => {
  const verifying = async (options: object, ...steps: object[]): Promise<Chain> =>
    makeChain([{ redact: { ...options, verify: true } }, ...steps]);

  test.each([
    [{ fields: ["**.password"] }],
    [{ keys: ["*passw*"] }],
    [{ patterns: [{ name: "p", match: "hunter[0-9]+" }] }],
    [{ fields: ["**.password"], action: "hash", key: hash_key }],
    [{ fields: ["**.password"], action: "truncate", length: 2 }],
    [{ fields: ["**.password"], action: "remove" }],
    [{ fields: ["**.authorization"], action: "partial" }],
    [{ detect: ["credentials"], action: "hash", key: hash_key }],
    [{ detect: ["credentials"], action: "partial" }],
    [{ detect: ["credentials"], name_value: true }],
  ])("redact - %j leaves nothing that it would find itself", async (options) => {
    const chain = await verifying(options);
    const record = {
      password: "hunter22",
      has_password: true,
      log: JSON.stringify({ password: "hunter22" }),
      authorization: token,
      note: `x ${token}`,
      headers: [{ name: "Authorization", value: token }],
    };
    expect(runChain(chain, JSON.stringify(record)).outcome).toBe("kept");
  });

  test("redact - an event into which a later step has put a secret goes to quarantine", async () => {
    const set = { set: { fields: { "a.password": "hunter22" } } };
    for (const options of [{ fields: ["**.password"] }, { keys: ["*passw*"] }]) {
      const chain = await verifying(options, set);
      const { outcome, detail } = runChain(chain, '{"b":1}');
      expect({ outcome, detail }).toEqual({
        outcome: "quarantined verify:redact",
        detail: "a secret was left",
      });
      expect(chain.steps[0]).toMatchObject({ quarantined: 1, failed: 0 });
    }
    const detecting = await verifying({ detect: ["bearer"] }, { set: { fields: { note: token } } });
    expect(runChain(detecting, '{"b":1}').outcome).toBe("quarantined verify:redact");
  });

  test("redact - looks at indexed fields, in each event, and only where the step's condition holds", async () => {
    const chain = await makeChain([
      { redact: { fields: ["user"], verify: true }, when: "a == 1" },
      { metadata: { fields: { user: "ann" } } },
    ]);
    for (let time = 0; time < 3; time += 1) {
      expect(runChain(chain, '{"a":1}').outcome).toBe("quarantined verify:redact");
    }
    expect(runChain(chain, '{"a":2}').outcome).toBe("kept");
  });
});
