/** `redact` on lines as they were found in the field: the secret is gone, and the rest of the line is still there. */
import { describe, expect, test } from "vitest";
import { complaintsAbout, makeChain, makeEvent, runChain } from "../../../support/events/chains.ts";
import { sampled } from "../../../support/effort.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { plantedSecrets } from "../../../support/secrets/planted.ts";
import { seed } from "../../../support/seed.ts";

const secret = ["s3cr3t", "example"].join("-");
/** As version 2 of AWS has it. */
const signature = `${["0aB/", "1cD+", "2eF9"].join("").repeat(3).slice(0, 27)}=`;
const mask = "[REDACTED]";

async function shipped(options: object, line: string): Promise<string> {
  const chain = await makeChain([{ redact: options }]);
  const { outcome, text } = runChain(chain, line);
  expect(outcome).toBe("kept");
  return text;
}

describe("coloured console output", () => {
  const options = { fields: ["password"] };

  test.each([
    [
      `\u001b[36mINFO\u001b[0m[0001] login \u001b[36mpassword\u001b[0m=${secret} \u001b[36muser\u001b[0m=ann`,
      "user",
    ],
    [`    \u001b[35mpassword\u001b[39m: "${secret}"`, "password"],
    [`INFO login password=${secret} user=ann`, "user=ann"],
  ])("redact - %j is masked where it is shipped and in quarantine", async (line, left) => {
    const text = await shipped({ ...options, on_unreadable: "text" }, line);
    expect(text).not.toContain(secret);
    expect(text).toContain(left);
    const chain = await makeChain([{ redact: options }]);
    expect(runChain(chain, line).outcome).toBe("quarantined unreadable:redact");
    expect(chain.maskText(line)).toBe(text);
  });
});

test("redact - text with a NUL between any two letters is masked whole", async () => {
  const line = Buffer.from(`{"user":"x","password":"${secret}"}`, "utf16le").toString();
  expect(await shipped({ fields: ["password"], on_unreadable: "text" }, line)).toBe(mask);
});

test("redact - a path leads to a key of that very name, dots and all", async () => {
  const line = `{"event.action":"authentication_success","user.name":"ann","request.body":"${secret}"}`;
  expect(await shipped({ fields: ["request.body"] }, line)).toBe(line.replace(secret, mask));
});

test("redact - a top-level name with a dot can be asked for in its condition", async () => {
  const chain = await makeChain([
    { redact: { fields: ["n"] }, when: 'event["log.level"] == "debug" && !has(event.user)' },
  ]);
  const line = `{"log.level":"debug","namespace":"kube-system","n":"${secret}"}`;
  expect(runChain(chain, line).text).toBe(line.replace(secret, mask));
  expect(runChain(chain, line.replace("debug", "info")).text).toContain(secret);
});

test.each(["$.requestHeader.Authorization", "/requestHeader/Authorization"])(
  "redact - refuses %s with the right spelling",
  async (path) => {
    const [complaint] = await complaintsAbout([{ redact: { fields: [path] } }]);
    expect(complaint?.message).toContain("requestHeader.Authorization");
  },
);

test("redact - refuses a header without quotes in a condition, with the right spelling", async () => {
  const when = 'requestHeader.User-Agent == "aws-sdk"';
  const [complaint] = await complaintsAbout([{ redact: { fields: ["a"] }, when }]);
  expect(complaint?.message).toContain('requestHeader["User-Agent"]');
});

test("redact - parts of values and keys by a pattern, with hashes that keep events of one user together", async () => {
  const card = ["4111", "1111", "1111", "1111"].join(" ");
  const line = JSON.stringify({
    requestURI: `/api/login?user=x&access_token=${secret}`,
    client_secret_token: secret,
    message: `card ${card} declined for Bearer ${secret}`,
  });
  const rules = { keys: ["*token*"], detect: ["credentials", "card"] };
  expect(JSON.parse(await shipped(rules, line))).toEqual({
    requestURI: `/api/login?user=x&access_token=${mask}`,
    client_secret_token: mask,
    message: `card ${mask} declined for Bearer ${mask}`,
  });
  const key = "sixteen characters or more";
  const hashed = await shipped({ ...rules, action: "hash", key }, line);
  const hashes = hashed.match(/hmac-sha256:[\w-]{22}/g)!;
  expect(hashes).toHaveLength(4);
  expect(new Set(hashes).size).toBe(2);
});

test("redact - the value of a header in a list of names and values", async () => {
  const line = `{"httpRequest": {"headers": [{"name": "Host", "value": "h"}, {"name": "Authorization", "value": "Bearer ${secret}"}]}}`;
  const options = { fields: ["**.Authorization"], ignore_case: true, name_value: true };
  expect(await shipped(options, line)).toBe(line.replace(`Bearer ${secret}`, mask));
});

test.each([
  { keys: ["*token*"], detect: ["credentials"] },
  { keys: ["*token*", "client*"] },
  { fields: ["client_token", "**.client_token"] },
  { fields: ["client_token"], keys: ["*token*"], pack: ["s3_audit"], name_value: true },
])("redact - %j, of which several lead to a value, change it once", async (rules) => {
  const key = "sixteen characters or more";
  const line = `{"client_token":"${secret}"}`;
  const alone = { fields: ["client_token"] };
  for (const action of [
    { action: "hash", key },
    { action: "truncate", length: 6 },
  ]) {
    const expected = await shipped({ ...alone, ...action }, line);
    expect(await shipped({ ...rules, ...action, verify: true }, line)).toBe(expected);
  }
  // A sender could have written the hash, as the name of somebody else.
  const chain = await makeChain([{ redact: { ...rules, action: "hash", key } }]);
  const hashed = runChain(chain, line).text;
  expect(runChain(chain, hashed).text).not.toBe(hashed);
});

test("redact - an object with a number that is too great for a number has a hash, equal for equal objects", async () => {
  const hashOf = (written: string): Promise<string> =>
    shipped(
      { fields: ["o"], action: "hash", key: "sixteen characters or more" },
      `{"o":${written}}`,
    );
  const hash = await hashOf('{"n":[1e400]}');
  expect(hash).toMatch(/^\{"o":"hmac-sha256:[\w-]{22}"\}$/);
  expect(await hashOf('{ "n": [10E+399] }')).toBe(hash);
  for (const other of ['{"n":[-1e400]}', '{"n":["Infinity"]}', '{"n":["1e400"]}', '{"n":[null]}']) {
    expect(await hashOf(other)).not.toBe(hash);
  }
});

describe("secrets that are spelled twice, or that other rules cut", () => {
  const dsn = `postgres:\\/\\/ann:${secret}7@db\\/x`;

  test.each([
    ["slashes with backslashes", `INFO body={"dsn":"${dsn}"}`],
    ["numbers of characters", `INFO body={"h":"B\\u0065arer ${secret}\\u0037abcdefgh"} done`],
    ["broken JSON", `{"h":"\\u0042earer ${secret}7abcdefgh","cut":[`],
  ])("redact - by %s, in text in a string", async (_, text) => {
    for (const line of [JSON.stringify({ log: text, n: 1 }), JSON.stringify([{ [text]: text }])]) {
      const left = await shipped({ detect: ["credentials"], verify: true }, line);
      expect(left).not.toContain(secret);
      expect(left).toContain(mask);
      expect(() => JSON.parse(left) as unknown).not.toThrow();
      const chain = await makeChain([{ redact: { detect: ["credentials"] } }]);
      expect(chain.maskText(line)).not.toContain(secret);
    }
  });

  test.each([
    ["pin", `pin=Cookie: theme=; session=${secret}0123456789`],
    ["a", `{"b":"a AWS AKIAEXAMPLE7EXAMPLE2:${signature}"}`],
    [
      "a",
      `x {"b":"see \\u0061 AWS AKIAEXAMPLE7EXAMPLE2:${signature}"} \u{1f600} Bearer ${secret}012345`,
    ],
  ])("redact - the name %s in text does not hide a credential behind it", async (name, line) => {
    const options = { fields: [name], detect: ["credentials"] };
    const chain = await makeChain([{ redact: options }]);
    const masked = chain.maskText(line);
    expect(masked).not.toContain(secret);
    expect(masked).not.toContain(signature);
    expect(masked).toContain(mask);
  });
});

describe("every action in every place", () => {
  const json = JSON.stringify;
  const escaped = (text: string): string =>
    `"${Array.from(Buffer.from(text, "utf16le").swap16().toString("hex").matchAll(/.{4}/g), ([unit]) => `\\u${unit}`).join("")}"`;
  const places: readonly ((text: string) => string)[] = [
    (text) => json({ a: 1, b: text, [text]: { c: [`in a sentence: ${text}`] } }),
    (text) => json({ headers: [{ name: "X", value: text }], h: { x: [text, "k"] } }),
    (text) => json({ log: json({ message: text, inner: json({ t: json({ text }) }) }) }),
    (text) => `{"a":${escaped(text)},"log":${escaped(`{"a":${escaped(text)}}`)}}`,
    (text) => json({ log: `INFO body={"m":${escaped(text)}, "cut": [` }),
    (text) => `{"a.b":${json(text)},"a":{"b":${json(text)}},"a.b":"ok"}`,
    (text) => json(json({ a: text })),
    (text) => `ts host {"m":${escaped(text)}, "cut": [${json(text)}`,
  ];
  const actions = [
    {},
    { action: "remove" },
    { action: "hash", key: "sixteen characters or more" },
    { action: "partial" },
    { action: "truncate", length: 5 },
  ];
  const rules = [{}, { fields: ["a", "log", "**.c", "x"], keys: ["*t*"], name_value: true }];
  const decoded = (text: string): string =>
    text.replaceAll(/\\+u([0-9a-f]{4})/g, (_, unit: string) =>
      String.fromCharCode(Number.parseInt(unit, 16)),
    );

  sampled("redact - leaves no planted secret", { sample: 1, all: 10 }, async (runs) => {
    const random = new RandomSource(seed);
    for (let run = 0; run < runs; run += 1) {
      for (const [number, action] of actions.entries()) {
        const options = { detect: ["credentials"], ...rules[(run + number) % 2], ...action };
        const chain = await makeChain([{ redact: { ...options, on_unreadable: "text" } }]);
        for (const { text, secret: planted } of plantedSecrets(random)) {
          const line = random.one(places)(text);
          const shown = runChain(chain, line).text;
          const event = makeEvent("{}", chain.scanner);
          event.fields = { f: line, [text]: [line, 1] };
          chain.run(event);
          for (const left of [shown, chain.maskText(line), json(event.fields)]) {
            const all = `${left}\n${decoded(left)}\n${decoded(left).replaceAll(/\\+/g, "")}`;
            expect(all.includes(planted), `${json(options)}\n${line}\n${left}`).toBe(false);
          }
          if (isJson(line)) expect(isJson(shown), shown).toBe(true);
        }
      }
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
