/** `redact` in what strings hold: percent-encoding and base64, with JSON or text in them, and each in the other. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EncodedSecrets } from "../../../../src/event/strings/encoded-secrets.ts";
import { encodedInJson } from "../../../../src/event/strings/encoded.ts";
import { complaintsAbout, makeChain, makeEvent, runChain } from "../../../support/events/chains.ts";

const all = { keys: ["*passw*"], within: ["json", "url", "base64"] };
const secret = '{"user":"ann","password":"S3cret","n":1}';
const masked = '{"user":"ann","password":"[REDACTED]","n":1}';
const bearer = ["Bearer", "abcdefghijklmnop0123456789"].join(" ");

async function redact(options: object, record: string): Promise<string> {
  const { outcome, text } = runChain(await makeChain([{ redact: options }]), record);
  expect(outcome).toBe("kept");
  return text;
}

async function redactedString(text: string, options: object = all): Promise<string> {
  const record = await redact(options, JSON.stringify({ a: 1, log: text, z: "é" }));
  const { log, ...others } = JSON.parse(record) as { log: string };
  expect(others).toEqual({ a: 1, z: "é" });
  return log;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

const url = encodeURIComponent;

/** As forms and strict encoders write it. */
function form(text: string): string {
  return new URLSearchParams([["v", text]]).toString().slice(2);
}

describe("levels", () => {
  test.each([
    ["base64", base64(secret), base64(masked)],
    ["base64url", base64url(secret), base64url(masked)],
    ["a value of a query", `/x?q=${url(secret)}&b=1`, `/x?q=${url(masked)}&b=1`],
    [
      "a form",
      `q=${form('{"a": "b c", "password": "x+y z"}')}`,
      `q=${form('{"a": "b c", "password": "[REDACTED]"}')}`,
    ],
    [
      "encodeURI",
      encodeURI(`/x?${secret}`),
      encodeURI(`/x?${masked.replace("[REDACTED]", "#")}`).replace("#", "%5BREDACTED%5D"),
    ],
    ["a path", `https://h/cb/${base64url(secret)}/x`, `https://h/cb/${base64url(masked)}/x`],
    ["base64 in a text", `got ${base64(secret)} from ann`, `got ${base64(masked)} from ann`],
    ["base64 in a query", `s=${url(base64(secret))}&x=%20`, `s=${url(base64(masked))}&x=%20`],
    [
      "JSON in base64 in JSON in url",
      url(JSON.stringify({ b: base64(secret) })),
      url(JSON.stringify({ b: base64(masked) })),
    ],
    ["url in base64", base64(`q=${url(secret)}&c=d`), base64(`q=${url(masked)}&c=d`)],
    ["url twice", url(url(secret)), url(url(masked))],
    ["base64 twice", base64(base64(secret)), base64(base64(masked))],
    [
      "JSON in a string in base64",
      base64(JSON.stringify({ l: secret })),
      base64(JSON.stringify({ l: masked })),
    ],
    [
      "base64 in JSON in a string",
      JSON.stringify({ l: base64(secret) }),
      JSON.stringify({ l: base64(masked) }),
    ],
    [
      "a list of names and values",
      base64('[{"name":"password","value":"x"}]'),
      base64('[{"name":"password","value":"[REDACTED]"}]'),
    ],
  ])("redact - takes secrets out of %s", async (_, text, expected) => {
    expect(await redactedString(text, { ...all, name_value: true })).toBe(expected);
  });

  test("redact - looks into no third encoding", async () => {
    const deep = base64(base64(base64(secret)));
    expect(await redactedString(deep)).toBe(deep);
  });

  test("redact - fields begin at the top of what was decoded", async () => {
    expect(await redactedString(base64(secret), { fields: ["user"], within: ["base64"] })).toBe(
      base64(secret.replace("ann", "[REDACTED]")),
    );
  });

  test.each([
    ["base64", ["base64"], base64(secret), url(secret)],
    ["url", ["json", "url"], url(secret), base64(secret)],
    ["neither", ["json"], "", base64(secret)],
  ])("redact - looks into %s alone where the option says so", async (_, within, found, left) => {
    if (found !== "") expect(await redactedString(found, { ...all, within })).not.toBe(found);
    expect(await redactedString(left, { ...all, within })).toBe(left);
  });

  test("redact - refuses an encoding that it does not know", async () => {
    expect(await complaintsAbout([{ redact: { ...all, within: ["gzip"] } }])).not.toEqual([]);
  });
});

describe("rules", () => {
  test.each([
    ["base64", base64],
    ["url", url],
  ])("redact - detectors and patterns look into text in %s", async (_, encode) => {
    const options = {
      detect: ["email"],
      patterns: [{ name: "ticket", match: "TKT [0-9]{8}" }],
      within: ["url", "base64"],
    };
    const log = await redactedString(encode('from ann@example.com, see "TKT 12345678"'), options);
    expect(log).toBe(encode('from [REDACTED], see "[REDACTED]"'));
  });

  test("redact - what identifies stays in there, too, where the action is partial", async () => {
    const options = { detect: ["credentials"], action: "partial", within: ["base64"] };
    expect(await redactedString(base64(`sent as ${bearer}, twice`), options)).toBe(
      base64("sent as Bearer [REDACTED], twice"),
    );
  });

  test("redact - JSON that is cut off is masked as text", async () => {
    const log = await redactedString(base64(secret.slice(0, -12)));
    expect(Buffer.from(log, "base64").toString()).not.toContain("S3c");
  });

  test("redact - what is no UTF-8 cannot be encoded again, and is masked whole", async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"password":"S3cret","x":"'),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ]);
    expect(await redactedString(`a ${bytes.toString("base64")} b`)).toBe("a [REDACTED] b");
  });

  test("redact - other actions hold in there, too", async () => {
    const options = { ...all, action: "remove" };
    expect(await redactedString(base64(secret), options)).toBe(base64('{"user":"ann","n":1}'));
  });

  test("redact - keys that hold something encoded are redacted", async () => {
    expect(await redact(all, JSON.stringify({ [base64(secret)]: 1 }))).toBe(
      JSON.stringify({ [base64(masked)]: 1 }),
    );
  });

  test("redact - a value that another rule takes out is not looked into", async () => {
    expect(await redact(all, JSON.stringify({ password: base64(secret) }))).toBe(
      '{"password":"[REDACTED]"}',
    );
  });

  test("redact - a path that finds something only in there is not reported", async () => {
    const chain = await makeChain([{ redact: all }]);
    runChain(chain, JSON.stringify({ log: base64(secret) }));
    const [path] = chain.scanner.walker.paths;
    expect(chain.scanner.hasFound(path!)).toBe(true);
  });

  test("redact - looks into text events and indexed fields", async () => {
    const chain = await makeChain([{ redact: { ...all, on_unreadable: "text" } }]);
    // With a blank, it does not look like a token.
    const [text, hidden] = [base64(` ${secret}`), base64(` ${masked}`)];
    expect(runChain(chain, `got ${text}!`).text).toBe(`got ${hidden}!`);
    const event = makeEvent('{"a":1}', chain.scanner);
    event.fields = { a: 1, state: text };
    chain.run(event);
    expect(event.fields).toEqual({ a: 1, state: hidden });
  });

  test("redact - the last look finds what a later step has put back", async () => {
    const steps = [
      { redact: { ...all, verify: true } },
      { set: { fields: { b: base64(secret) } } },
    ];
    const { outcome } = runChain(await makeChain(steps), '{"a":1}');
    expect(outcome).toContain("quarantined");
    const clean = [{ redact: { ...all, verify: true } }];
    expect(runChain(await makeChain(clean), JSON.stringify({ b: base64(secret) })).outcome).toBe(
      "kept",
    );
  });
});

describe("bytes", () => {
  test("redact - all bytes outside of what is replaced stay, in any spelling", async () => {
    const lower = url(secret).toLowerCase().replace("s3cret", "S3cret");
    const record = `{ "\\u0061" : "\\/x?%zz&q=${lower}&r=%c3%A9\\u0025c3%a9" ,"b":[1.0, 1e2 ] }`;
    const expected = record.replace("S3cret", "%5BREDACTED%5D");
    expect(await redact(all, record)).toBe(expected);
  });

  test("redact - characters of several bytes stay whole, raw, encoded and escaped", async () => {
    const log = `à à?q=${url("à")}é%7B"é`;
    const held = (value: string): string => `?ü=%7B%22é%22:%22à${value}é\u00e9%22%7D`;
    const record = `{"à":${JSON.stringify(log)},"l":"${held("ann%40é.é")}&à"}`;
    const options = { patterns: [{ name: "a", match: "ann@[^à]" }], with: "è", within: ["url"] };
    const [text, hidden] = [record, record.replace("ann%40é", "%C3%A8")];
    expect(await redact(options, text)).toBe(hidden);
  });

  test("redact - escapes in the string of base64 do not hide it", async () => {
    const text = base64('{"password":"S3cret","x":"???>>>"}');
    expect(text).toMatch(/[/+]/);
    const spelled = text.replaceAll("/", "\\/").replaceAll("+", "\\u002b").replace("e", "\\u0065");
    const record = await redact(all, `{"log":"${spelled}"}`);
    expect(JSON.parse(record)).toEqual({ log: base64('{"password":"[REDACTED]","x":"???>>>"}') });
    expect(await redact(all, `{"log":"${url(secret).replaceAll("%", "\\u0025")}"}`)).not.toContain(
      "S3cret",
    );
  });

  test("redact - padding stays as it was", async () => {
    for (const pad of ["", "x", "xx"]) {
      const held = `{"password":"S3cret","p":"${pad}"}`;
      const hidden = held.replace("S3cret", "[REDACTED]");
      expect(await redactedString(base64(held))).toBe(base64(hidden));
      const [of_url, hidden_of_url] = [held, hidden].map((each) =>
        base64url(`${each.slice(0, -1)},"?":"ü>?>?"}`),
      );
      expect(of_url).toMatch(/[-_]/);
      expect(await redactedString(of_url!)).toBe(hidden_of_url);
    }
  });

  test("redact - what holds no secret stays byte for byte", async () => {
    const bytes = Buffer.concat([
      Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
      ...Array.from({ length: 64 }, (_, each) => createHash("sha256").update(`${each}`).digest()),
    ]);
    const hashes = Array.from({ length: 300 }, (_, each) =>
      createHash("sha256").update(`h${each}`),
    );
    const strings = [
      bytes.toString("base64"),
      `data:image/png;base64,${bytes.toString("base64")}`,
      bytes.toString("base64url"),
      'W/"d41d8cd98f00b204e9800998ecf8427e-12"',
      "/usr/share/locale/en/LC_MESSAGES/some_thing-or/other",
      base64('{"user":"ann","n":[1, 2]}'),
      `q=${url('{"user": "ann"}')}&r=a+b%20c%`,
      "100%25 of %41%zz",
      ...hashes.map((hash, at) => hash.digest(at % 2 === 0 ? "base64" : "hex")),
    ];
    const options = { ...all, detect: ["credentials"], pack: ["s3_audit", "http_headers"] };
    const record = `{"l": [${strings.map((each) => JSON.stringify(each).replaceAll("/", "\\/")).join(" , ")}]}`;
    expect(await redact(options, record)).toBe(record);
  });
});

describe("work", () => {
  /** Bytes that the rules were asked to look at, and how often they were. */
  function workOf(text: string): { bytes: number; calls: number; decoded: number } {
    const work = { bytes: 0, calls: 0, decoded: 0 };
    const secrets: EncodedSecrets = {
      encodings: new Set(["url", "base64"]),
      replacement: "#",
      paths: [],
      hasFound: () => false,
      mask(masked_text) {
        work.decoded += masked_text.length;
        return masked_text;
      },
      redactJson(json) {
        work.calls += 1;
        work.decoded += json.length;
        return json;
      },
      detected: {
        partial: false,
        replace: () => "#",
        search: {
          mayFind(_, start, end) {
            work.bytes += end - start;
            return true;
          },
          mayFindIn: () => () => true,
          find(_, start, end) {
            work.calls += 1;
            work.decoded += end - start;
            return [];
          },
        },
      },
    };
    const record = Buffer.from(JSON.stringify({ log: text }));
    encodedInJson(record, { start: 0, end: record.length }, secrets);
    return work;
  }

  test.each([
    ["one run of base64", (size: number) => "A".repeat(size)],
    ["base64 of base64", (size: number) => base64(base64("a ".repeat(size / 4)))],
    ["slashes", (size: number) => `${"Y".repeat(23)}/`.repeat(size / 24)],
    ["many runs", (size: number) => `${base64('{"aaaaaaaaaaaa":1}')} `.repeat(size / 25)],
    ["percents", (size: number) => "%25".repeat(size / 3)],
    ["percents that are none", (size: number) => "%".repeat(size)],
    ["braces", (size: number) => "%7B".repeat(size / 3)],
    ["many values", (size: number) => "a=%7B&".repeat(size / 6)],
    ["blanks", (size: number) => `%7B${"+".repeat(size)}`],
  ])("redact - a hostile string of %s takes linear work, and few calls", (_, make) => {
    const size = 1_000_000;
    const work = workOf(make(size));
    expect(work.bytes).toBeLessThanOrEqual(2 * size);
    expect(work.decoded).toBeLessThanOrEqual(3 * size);
    expect(work.calls).toBeLessThanOrEqual(2002);
  });

  test("redact - what is beyond the bound is masked whole, not left", async () => {
    const many = Array.from({ length: 1200 }, () => base64(secret));
    const record = await redact(all, JSON.stringify({ many }));
    expect(record).not.toContain(base64(secret));
    expect((JSON.parse(record) as { many: string[] }).many.at(-1)).toBe("[REDACTED]");
  });
});
