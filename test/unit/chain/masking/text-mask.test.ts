/** The text mask: secrets in every spelling and in every kind of text are gone, and strict JSON stays JSON. */
import { describe, expect, test } from "vitest";
import { textMask } from "../../../../src/chain/masking/text-mask.ts";
import { is_long, long } from "../../../support/effort.ts";

const secret = "S3cr3t/Value+9==";
const mask = textMask(
  [
    { name: "Authorization", replacement: "[REDACTED]" },
    { name: "token", replacement: "***" },
    { name: 'odd "key"\\', replacement: "-" },
  ],
  "[GONE]",
);

describe("names", () => {
  test.each([
    // JSON that is broken elsewhere.
    ['{"token":"S","a":1,}', '{"token":"***","a":1,}'],
    ['{"TOKEN" : "S", "x":}', '{"TOKEN" : "***", "x":}'],
    ['{"\\u0074ok\\u0065N":"S","x":}', '{"\\u0074ok\\u0065N":"***","x":}'],
    ['{"token":"a\\"S","x":}', '{"token":"***","x":}'],
    ['{"token":"S","token":"S","x":}', '{"token":"***","token":"***","x":}'],
    ['{"a":{"b":[{"token":"S"}]},}', '{"a":{"b":[{"token":"***"}]},}'],
    ['{"token":["a","S"],"x":1', '{"token":"***","x":1'],
    ['{"token":{"a":"S"}, "x":1', '{"token":"***", "x":1'],
    ['{"token":12345,"x":1,}', '{"token":"***","x":1,}'],
    ['{"token":null,"x":1,}', '{"token":"***","x":1,}'],
    ['{"odd \\"key\\"\\\\":"S","x":}', '{"odd \\"key\\"\\\\":"-","x":}'],
    // JSON that is broken here: what is not certain to be another value is masked.
    ['{"token":"S', '{"token":"***'],
    ['{"token":"my"S","user":"x"}', '{"token":"***","user":"x"}'],
    ['{"token":"my",S","user":"x"}', '{"token":"***","user":"x"}'],
    ['{"token":"S\\","user":"x"}', '{"token":"***"}'],
    ['{"token":{"a":"x}","b"c}","d":"S"}', '{"token":"***"'],
    ['{"token":["S"', '{"token":"***"'],
    ['{"token":hunter, S,"x":1}', '{"token":"***"'],
    ['{"token" "S"}', '{"token" "***"}'],
    ['{"token"x:"S"}', '{"token""***"'],
    ['{"token:"S"}', '{"token:"***"}'],
    // What looks like an end, and something goes on behind it.
    ['{"token":""}S","a":1}', '{"token":"***","a":1}'],
    ['{"token":0}S","a":1}', '{"token":"***"'],
    ['{"token":[]]}S","a":1}', '{"token":"***"'],
    // JSON in a JSON string, to any depth.
    ['{"b":"{\\"token\\":\\"S\\",\\"x\\":1}"}', '{"b":"{\\"token\\":\\"***\\",\\"x\\":1}"}'],
    ['{"b":"{\\"token\\":\\"a\\\\\\"S\\"}"}', '{"b":"{\\"token\\":\\"***\\"}"}'],
    [
      '"\\"{\\\\\\"token\\\\\\":\\\\\\"S\\\\\\"}\\""',
      '"\\"{\\\\\\"token\\\\\\":\\\\\\"***\\\\\\"}\\""',
    ],
    // Lists of names and values.
    ['["Host","x","Authorization","S"]', '["Host","x","Authorization","[REDACTED]"]'],
    ["{'Authorization': 'S', 'x': 1}", "{'Authorization': '[REDACTED]', 'x': 1}"],
    // Lists and objects that are written flat.
    ["token[0]=S&b=2", "token[0]=***&b=2"],
    ["token[]: S", "token[]: ***"],
    // A number outside of strings: what takes its place is one, in strict JSON.
    ['{"sig":123456,"b":{"sig":true}}', '{"sig":"[GONE]","b":{"sig":"[GONE]"}}'],
    ["event.token.0.value: S", "event.token.0.value: ***"],
    ["see token.txt", "see token.txt"],
    // The target of an HTTP request ends before the version.
    ['"PUT /oauth/token HTTP/1.1" 200 "-"', '"PUT /oauth/token HTTP/1.1" 200 "-"'],
    ['"GET /token/S HTTP/1.1" 200 "-"', '"GET /token/*** HTTP/1.1" 200 "-"'],
    ['"GET /?a=1&token=S HTTP/2" 200 "-"', '"GET /?a=1&token=*** HTTP/2" 200 "-"'],
    ["Authorization: a HTTP/1.1 S", "Authorization: [REDACTED]"],
    // A comma separates in some formats, so it does in all.
    ['{"m":"the token, then","id":5}', '{"m":"the token, ***","id":5}'],
    // Headers, URLs, log lines, elements.
    ["&#x22;token&#x22;:&#x22;S&#x22;", "&#x22;token&#x22;:***"],
    [
      "Host: x\nAuthorization: Digest S, b=S\nAccept: y",
      "Host: x\nAuthorization: [REDACTED]\nAccept: y",
    ],
    ["proxy-authorization:S", "proxy-authorization:[REDACTED]"],
    ["GET /x?a=1&token=S&b=2", "GET /x?a=1&token=***&b=2"],
    ["token=S user=bob", "token=*** user=bob"],
    ["token=a S; path=/", "token=***; path=/"],
    ['token="a S" user=bob', 'token="***" user=bob'],
    ['headers["Authorization"] = "S"', 'headers["Authorization"] = "[REDACTED]"'],
    ["<token>S</token>", "<token>***</token>"],
    ["--token S --verbose", "--token *** --verbose"],
    ["%22token%22%3A%22S%22", "%22token%22%3A***"],
    ["a%2526%74oken%253DS", "a%2526%74oken%253D***"],
    ["&quot;token&quot;:&quot;S&quot;", "&quot;token&quot;:***"],
    ["C:\\token=S", "C:\\token=***"],
    ['{"m":"x\\nAuthorization: S"', '{"m":"x\\nAuthorization: [REDACTED]'],
  ])("text mask - %s", (template, expected) => {
    const masked = mask(template.replaceAll("S", secret));
    expect(masked).toBe(expected);
    expect(masked).not.toContain(secret);
  });

  test.each([
    '{"tokens":"x","token_count":3,"action":"token","id":5}',
    '{"token_type":"x", "a": "token"',
    "SignedHeaders=host;authorization;x-amz-date",
    "",
    "{",
    "token",
    "token:",
    '"token":',
    "AKIAIOSFODNN7EXAMPLE",
    "\\",
    "a\\\\\\",
  ])("text mask - %s has nothing to mask", (text) => {
    expect(mask(text)).toBe(text);
  });
});

test("text mask - a short name is not looked for inside words", () => {
  const pin = textMask([{ name: "pin", replacement: "***" }], "x");
  expect(pin("spin: x, ping: x, x-pin=1 _pin=2")).toBe("spin: x, ping: x, x-pin=*** _pin=***");
  // The n of an escape is not part of the word after it.
  expect(pin("a\\npin=3")).toBe("a\\npin=***");
});

describe("strict JSON", () => {
  test.each([
    ['{"token":"S","a":[1,{"token":{"x":"S"}}],"b":"token=S, x","c":1}'],
    [
      '{"m":"Authorization: Bearer S","n":"<token>S","o":"\\"token\\":[\\"S","p":"token=\'S","q":2}',
    ],
    [
      '{"m":"Basic S","n":"eyJhbGciOiJIUzI1NiJ9.e30.S","o":"-----BEGIN PRIVATE KEY-----\\nS","q":2}',
    ],
    ['["token","S",{"q":2}]'],
    ['"token:S"'],
    // In a string, what reads like the end of a member's name is none.
    ['["token","S“://",{"q":2}]'],
    ['["token","a:b“: S",{"q":2}]'],
    ['{"token":"S","token":["S"],"Authorization":{"a":{"b":"S"}},"token":1e5,"token":true}'],
  ])("text mask - %s stays JSON, and what is not secret stays", (template) => {
    const text = template.replaceAll("S", secret);
    const masked = mask(text);
    expect(masked).not.toContain(secret);
    expect(() => JSON.parse(masked) as unknown).not.toThrow();
    if (text.includes('"q":2')) expect(masked).toContain('"q":2');
  });
});

describe("credentials", () => {
  test.each([
    ["Bearer S", "Bearer [GONE]"],
    ["basic S, x", "basic [GONE], x"],
    ["Splunk 0123-4567 x", "Splunk [GONE] x"],
    ["Digest username=x, response=S\nnext", "Digest [GONE]\nnext"],
    [
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250321/us/s3/aws4_request, SignedHeaders=host, Signature=S",
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250321/us/s3/aws4_request, SignedHeaders=host, Signature=[GONE]",
    ],
    ["?X-Amz-Signature=S", "?X-Amz-Signature=[GONE]"],
    ["X-Amz-Security-Token%3DS", "X-Amz-Security-Token%3D[GONE]"],
    ['{"x-amz-security-TOKEN":"S",}', '{"x-amz-security-TOKEN":"[GONE]",}'],
    ["keyId=1,signature='S'", "keyId=1,signature='[GONE]'"],
    ["a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.S b", "a [GONE] b"],
    ["x-----BEGIN EC PRIVATE KEY-----\nS\n-----END EC PRIVATE KEY-----y", "x[GONE]y"],
    ["-----BEGIN PRIVATE KEY-----\\nS", "[GONE]"],
    ["postgres://user:S@db/x", "postgres://user:[GONE]@db/x"],
    ["-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc"],
    ["https://example.com:8088/a@b", "https://example.com:8088/a@b"],
  ])("text mask - %s is known by its shape", (template, expected) => {
    const plain = textMask([], "[GONE]");
    // An @ or / in a password of a URL is percent-encoded, and a token of a JWT has neither.
    const value = template.includes("://") || template.includes("eyJ") ? "S3cr3tValue9" : secret;
    const masked = plain(template.replaceAll(/S(?![\w-])/g, value));
    const tail = value === secret ? /\[GONE\]==?/g : /$^/g;
    expect(masked.replaceAll(tail, "[GONE]")).toBe(expected);
    expect(masked).not.toContain("S3cr3t");
  });
});

describe("spellings in spellings", () => {
  const percent = (text: string): string => text.replaceAll("%", "%25");
  const escaped = (text: string): string => text.replaceAll("\\", "\\u005c");
  const layers: Record<string, [first: string, again: (text: string) => string]> = {
    "percent-encoding": ["%74%6f%6b%65%6e", percent],
    "escapes of escapes": ["\\u0074ok\\u0065n", escaped],
    entities: ["&#116;oken", (text) => text.replaceAll("&", "&#38;")],
  };

  test.each(Object.entries(layers))(
    "text mask - %s hides no name, however deep",
    (_, [first, again]) => {
      let name = first;
      // Strict JSON stays so where the layers are too many and all is masked.
      for (let depth = 1; depth <= 24; depth += 1) {
        expect(mask(`${name}: ${secret}`)).not.toContain(secret);
        const json = mask(JSON.stringify({ a: `${name}=${secret}` }));
        expect(json).not.toContain(secret);
        expect(() => JSON.parse(json) as unknown).not.toThrow();
        name = again(name);
      }
    },
  );
});

describe("replacements", () => {
  test("text mask - one that holds quotes or escapes is not used in text", () => {
    const odd = textMask([{ name: "token", replacement: 'a"b\\' }], "x");
    expect(odd('{"token":"S","x":1}')).toBe('{"token":"[REDACTED]","x":1}');
  });

  test("text mask - a name of no characters masks everything", () => {
    expect(textMask([{ name: "", replacement: "-" }], "x")("anything")).toBe("-");
  });
});

describe("cost", () => {
  /** Each of them took minutes with one search that looks ahead again and again. */
  const hostile: Record<string, (length: number) => string> = {
    "names that open a list": (length) => '"token":['.repeat(length / 9),
    "strings that open a list": (length) => `["${'\\"token\\":[","'.repeat(length / 14)}"]`,
    "strings that open a quote": (length) => `["${'token=\'","'.repeat(length / 10)}"]`,
    "strings that open an element": (length) => `["${'token>","'.repeat(length / 9)}"]`,
    "names alone": (length) => "token ".repeat(length / 6),
    "names with empty values": (length) => "token=;".repeat(length / 7),
    "names in a list": (length) => '"token",'.repeat(length / 8),
    "names and blanks": (length) => `token${" ".repeat(99)}`.repeat(length / 104),
    "a value of separators": (length) => `token=${" ;".repeat(length / 2)}`,
    "a value of words": (length) => `token=${" a".repeat(length / 2)}`,
    "a value of quotes": (length) => `token="${'" '.repeat(length / 2)}`,
    "a value of escapes": (length) => `"token":"${'\\"'.repeat(length / 2)}`,
    "a nested value": (length) => `{"token":${"[".repeat(length / 2)}${"]".repeat(length / 2)}}`,
    backslashes: (length) => "\\".repeat(length),
    percents: (length) => "%25".repeat(length / 3),
    tokens: (length) => "eyJ".repeat(length / 3),
    keys: (length) => "-----begin private key".repeat(length / 22),
    URLs: (length) => "://:".repeat(length / 4),
    schemes: (length) => "bearer ".repeat(length / 7),
    signatures: (length) => `signature${" ".repeat(50)}`.repeat(length / 59),
  };

  const kib = is_long ? 1024 : 256;

  test.each(Object.keys(hostile))(
    `text mask - ${kib} KiB of %s are masked in good time`,
    long,
    (name) => {
      const text = hostile[name]!(kib * 1024);
      expect(text.length).toBeGreaterThan(kib * 1000);
      expect(mask(text)).toEqual(expect.any(String));
    },
  );
});

describe("the rest of a private key", () => {
  // Each line of a log is an event, and groups of lines are cut.
  const line = (length: number): string =>
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC/+7x".repeat(3).slice(0, length);
  const maskKeys = textMask([], "[GONE]");

  test.each([
    [line(64), "[GONE]"],
    [`  ${line(70)}\r`, "[GONE]"],
    [`${line(76)}\n${line(64)}\nx9==\n`, "[GONE]\n"],
    [`${line(64)}\n-----END RSA PRIVATE KEY-----\nbehind it`, "[GONE]\nbehind it"],
    [`x9/+==\n-----END PRIVATE KEY-----`, "[GONE]"],
    [`${line(64)}\nbehind it password: ${line(20)}`, "[GONE]\nbehind it password: [GONE]"],
  ])("%j", (text, expected) => {
    expect(textMask([{ name: "password", replacement: "[GONE]" }], "[GONE]")(text)).toBe(expected);
  });

  test.each([
    "0123456789abcdef".repeat(4),
    "0123456789ABCDEF".repeat(4),
    line(63),
    `a ${line(64)}`,
    "a\nb\nc",
    "-----END PRIVATE KEY-----",
    "abc\n-----END CERTIFICATE-----",
  ])("not %j", (text) => {
    expect(maskKeys(text)).toBe(text);
  });

  test("of any length", () => {
    expect(maskKeys(`${line(64)}\n`.repeat(10_000))).toBe("[GONE]\n");
  });
});
