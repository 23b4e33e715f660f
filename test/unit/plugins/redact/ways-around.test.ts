/**
 * Ways around the rules of `redact`: metadata beside the event, objects and lists around a secret, the rest of a key, and fields that
 * a later step sets.
 */
import { describe, expect, test } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import { makeChain, makeEvent, runChain } from "../../../support/events/chains.ts";

/** Put together, so that no scanner of repositories takes it for real. */
const secret = ["s3cret", "of", "nobody", "42"].join("-");
const bearer = ["Bearer", secret].join(" ");

const finding = { redact: { detect: ["credentials"], on_unreadable: "text" } };

interface Origin {
  host?: string;
  source?: string;
  sourcetype?: string;
  index?: string;
}

function originAfter(chain: Chain, record: string, origin: Origin): Origin {
  const event = makeEvent(record, chain.scanner);
  Object.assign(event, origin);
  expect(chain.run(event)).toBeUndefined();
  const { host, source, sourcetype, index } = event;
  return { host: host!, source: source!, sourcetype: sourcetype!, index: index! };
}

describe("metadata", () => {
  const given = {
    host: `token=${secret}`,
    source: `https://ann:${secret}@files.example.com/a`,
    sourcetype: bearer,
    index: "main",
  };
  const left = {
    host: "token=[REDACTED]",
    source: "https://ann:[REDACTED]@files.example.com/a",
    sourcetype: "Bearer [REDACTED]",
    index: "main",
  };

  test.each(['{"a":1}', "a text", '"a string"'])(
    "redact - takes secrets out of host, source and sourcetype of %s",
    async (record) => {
      const chain = await makeChain([
        { ...finding, redact: { ...finding.redact, action: "partial" } },
      ]);
      expect(originAfter(chain, record, given)).toEqual(left);
      // And again, when they are known.
      expect(originAfter(chain, record, given)).toEqual(left);
    },
  );

  test("redact - a template in front of it puts no secret of a known form there", async () => {
    const template = { metadata: { source: "{at}", host: "{by}" } };
    const chain = await makeChain([template, finding]);
    const record = JSON.stringify({ at: `sftp://ann:${secret}@h/x`, by: bearer });
    const { host, source } = originAfter(chain, record, {});
    expect(`${host} ${source}`).not.toContain(secret);
  });

  test("redact - own patterns hold there, and addresses stay: they say where an event is from", async () => {
    const patterns = [{ name: "ticket", match: "TKT-[0-9]{4}" }];
    const chain = await makeChain([{ redact: { detect: ["personal"], patterns } }]);
    const origin = { host: "10.1.2.3", source: "udp:[2001:db8::17]:514", sourcetype: "TKT-1234" };
    expect(originAfter(chain, '{"ip":"10.1.2.3"}', origin)).toMatchObject({
      host: "10.1.2.3",
      source: "udp:[2001:db8::17]:514",
      sourcetype: "[REDACTED]",
    });
  });

  test("redact - paths and keys alone leave them as they are", async () => {
    const chain = await makeChain([{ redact: { keys: ["*token*"] } }]);
    expect(originAfter(chain, '{"a":1}', given)).toEqual(given);
  });
});

describe("objects under a known key", () => {
  const cases: readonly (readonly [object, object])[] = [
    [{ password: { value: secret, errors: [] } }, { password: "[REDACTED]" }],
    [{ password: { old: secret, new: secret } }, { password: "[REDACTED]" }],
    [{ token: { $eq: secret } }, { token: "[REDACTED]" }],
    // What somebody types twice to choose a password.
    [
      { password1: secret, user: { password_confirmation: secret, passwordConfirmation: secret } },
      {
        password1: "[REDACTED]",
        user: { password_confirmation: "[REDACTED]", passwordConfirmation: "[REDACTED]" },
      },
    ],
    [
      { old: { passwords: [secret, secret] } },
      { old: { passwords: ["[REDACTED]", "[REDACTED]"] } },
    ],
    [{ authorization: { scheme: "Custom", parameter: secret } }, { authorization: "[REDACTED]" }],
    [{ request: { cookies: { sid: secret } } }, { request: { cookies: "[REDACTED]" } }],
    [{ cookies: [{ name: "sid", value: secret }] }, { cookies: ["[REDACTED]"] }],
    [{ "set-cookie": { 0: `sid=${secret}` } }, { "set-cookie": "[REDACTED]" }],
  ];
  test.each(cases)("redact - %j", async (record, expected) => {
    const chain = await makeChain([finding]);
    expect(JSON.parse(runChain(chain, JSON.stringify(record)).text)).toEqual(expected);
    const held = JSON.stringify({ log: JSON.stringify(record) });
    const { log } = JSON.parse(runChain(chain, held).text) as { log: string };
    expect(JSON.parse(log)).toEqual(expected);
  });

  test.each([
    { authorization: { action: "write", scope: "/subscriptions/1", evidence: { role: "Owner" } } },
    { secret: { secretName: "tls", optional: false, items: [{ key: "tls.crt", path: "crt" }] } },
    { token: { $ref: "#/components/schemas/Token" } },
    { cookie: { secure: true, maxAge: 3600, expires: null } },
    { password: { value: "", is_set: true } },
    { password: { value: "[REDACTED]" } },
  ])("redact - %j holds none", async (record) => {
    const chain = await makeChain([finding]);
    expect(JSON.parse(runChain(chain, JSON.stringify(record)).text)).toEqual(record);
  });
});

describe("lists of names and values", () => {
  const options = { fields: ["**.Authorization"], name_value: true, ignore_case: true, with: "-" };

  test.each([
    '{"headers":[["Host","h"],["authorization","S"]]}',
    '[["Authorization","S"]]',
    '{"headers":[ [ "Authorization" , "S" , true ], ["x"], [], [["Authorization","S"]] ]}',
    '{"rawHeaders":["Host","Authorization","Authorization","S","Accept","*/*"]}',
    '{"raw_headers":["authorization","S"]}',
    '{"h":[{"key":"Authorization","val":"S"},{"k":"authorization","v":"S"}]}',
    '{"h":[{"header":"Authorization","value":"S"},{"field":"Authorization","values":["S"]}]}',
  ])("redact - in %s", async (template) => {
    const expected = template.replaceAll('["S"]', '"-"').replaceAll('"S"', '"-"');
    const chain = await makeChain([{ redact: options }]);
    expect(runChain(chain, template).text).toBe(expected);
    const inside = `{"log":${JSON.stringify(template)}}`;
    expect(runChain(chain, inside).text).toBe(`{"log":${JSON.stringify(expected)}}`);
  });

  test.each([
    // What may be sent, and not what was.
    '{"allowedHeaders":["Authorization","Content-Type"]}',
    '{"required":["authorization","name"]}',
    '{"rows":[["Authorization","is","a","word"],["x","Authorization"]]}',
    '{"rawHeaders":["X","Authorization"]}',
  ])("redact - not in %s", async (record) => {
    const chain = await makeChain([{ redact: options }]);
    expect(runChain(chain, record).text).toBe(record);
  });
});

test("redact - the last look finds what a later step has put into indexed fields", async () => {
  const put = { metadata: { fields: { note: bearer } } };
  const verifying = { redact: { detect: ["credentials"], verify: true } };
  expect(runChain(await makeChain([verifying, put]), '{"a":1}').outcome).not.toBe("kept");
  expect(runChain(await makeChain([put, verifying]), '{"a":1}').outcome).toBe("kept");
});
