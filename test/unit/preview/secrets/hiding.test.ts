/** What a preview shows has no secret in it, and equal secrets have equal tags. */
import { describe, expect, test } from "vitest";
import { ShapedSecrets } from "../../../../src/preview/secrets/shaped-secrets.ts";
import { Hiding } from "../../../../src/preview/secrets/hiding.ts";
import type { StepTrace } from "../../../../src/preview/run/outcome.ts";

const key = Buffer.alloc(16, 7);
const planted = ["Pl4nted", "Secr3t", "9x"].join("-");
const shaped = await ShapedSecrets.create();
const hiding = new Hiding({ key, mask: (text) => text, shaped, reveals: false });
const tag = hiding.tag(planted);
const quoted = JSON.stringify(planted);

const places: [place: string, text: string][] = [
  ["a value", `{"password":${quoted}}`],
  ["a nested value", `{"a":{"b":[{"client_secret" : ${quoted}}]}}`],
  ["an array", `{"tokens":["x-1",${quoted}]}`],
  ["a header in a list", `{"headers":[{"name":"x-api-key","value":${quoted}}]}`],
  ["the value in an object", `{"password":{"type":"text","value":[${quoted}]}}`],
  ["escaped keys", `{"p\\u0061ssword":${quoted}}`],
  ["JSON in a string", JSON.stringify({ body: JSON.stringify({ password: planted }) })],
  [
    "JSON in JSON in a string",
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ api_key: planted }) }) }),
  ],
  ["text in a string", JSON.stringify({ message: `login with password=${planted} failed` })],
  ["a query in a string", JSON.stringify({ url: `/p?x=1&access_token=${planted}&y=2` })],
  ["text", `level=info password=${planted} user=ann`],
  ["a header in text", `GET / Authorization: Bearer ${planted}`],
  ["broken JSON", `{"password":${quoted},`],
  ["JSON that ends in the secret", `{"x":1,"password":"${planted}`],
  ["JSON that ends in a string of JSON", `{"x":"{\\"password\\":\\"${planted}`],
  ["what only begins like JSON", `{'user': 'ann', 'password': '${planted}'}`],
  ["what begins like a list", `[info] login password=${planted}`],
];

describe.each(places)("hiding - %s", (_place, text) => {
  test("shows a tag instead of the secret", () => {
    const shown = hiding.hide(text);
    expect(shown).not.toContain(planted);
    expect(shown).toContain(tag);
  });

  test("shows it where that is asked for", () => {
    expect(new Hiding({ key, mask: () => "", shaped, reveals: true }).hide(text)).toBe(text);
  });
});

test("hiding - what a mask takes out of any text is a tag", () => {
  const masking = new Hiding({
    key,
    mask: (text) => text.replaceAll(planted, "[REDACTED]"),
    shaped,
    reveals: false,
  });
  expect(masking.hide(`{"note":${quoted}}`)).toBe(`{"note":"${tag}"}`);
  expect(masking.hide(`say ${planted} twice: ${planted}`)).toBe(`say ${tag} twice: ${tag}`);
});

test("hiding - what a masking step took away is hidden wherever else it is", () => {
  const state = (text: string) => ({ text, metadata: {} });
  const trace: StepTrace = {
    step: "redact",
    plugin: "redact",
    is_masking: true,
    before: state(`{"x":${quoted},"copy":"see ${planted}"}`),
    after: state(`{"x":"[REDACTED]","copy":"see ${planted}"}`),
  };
  const known = hiding.knownOf([trace]);
  expect(hiding.hide(trace.before.text, known)).toBe(`{"x":"${tag}","copy":"see ${tag}"}`);
  expect(hiding.hide(trace.after.text, known)).toBe(`{"x":"[REDACTED]","copy":"see ${tag}"}`);
});

test("hiding - a short value that was masked does not blot out the rest of the event", () => {
  const state = (text: string) => ({ text, metadata: {} });
  const before = state('{"pin":"1","n":1,"id":"a1b1"}');
  const after = state('{"pin":"*","n":1,"id":"a1b1"}');
  const known = hiding.knownOf([{ step: "r", plugin: "r", is_masking: true, before, after }]);
  expect(hiding.hide(before.text, known)).toBe(`{"pin":"${hiding.tag("1")}","n":1,"id":"a1b1"}`);
});

test.each([
  ["a value", { password: planted }],
  ["a value with escapes", { password: `${planted}"\n` }],
  ["a number", { password: 4_839_274_923 }],
  ["JSON in a string", { body: JSON.stringify({ password: planted }) }],
])("hiding - what a step copies to another name is hidden there, too: %s", (_, record) => {
  const { password: secret = planted } = record as { password?: string | number };
  const after = JSON.stringify({ pw: secret, z: `say ${secret}` });
  const trace: StepTrace = {
    step: "rename",
    plugin: "rename",
    is_masking: false,
    before: { text: JSON.stringify(record), metadata: {} },
    after: { text: after, metadata: { "fields.pw": secret } },
  };
  const known = hiding.knownOf([trace]);
  const shown = [hiding.hide(after, known), hiding.hideValue("pw", String(secret), known)];
  expect(shown.join()).not.toMatch(/Pl4nted|4839274923/);
});

test("hiding - a token that only begins like JSON is a tag, also at the end of what was cut", () => {
  const token = ["ghp", "a1B2".repeat(9)].join("_");
  for (const text of [`{"x":"${token}`, `{'x': '${token}'}`, `[${token}]`]) {
    expect(hiding.hide(text)).toContain(hiding.tag(token));
    expect(hiding.hide(text)).not.toContain("a1B2");
  }
});

test("hiding - another run has other tags", () => {
  const other = new Hiding({
    key: Buffer.alloc(16, 8),
    mask: (text) => text,
    shaped,
    reveals: false,
  });
  expect(other.tag(planted)).not.toBe(tag);
  expect(hiding.tag(planted)).toBe(tag);
});

test("hiding - leaves alone what only names a secret, or says something about it", () => {
  for (const text of [
    '{"secret_name":"db","tokenId":"t1","password":null,"has_token":true,"max_tokens":4096}',
    '{"Authorization":"[REDACTED]","password":"***","token":""}',
    "the password is missing",
  ]) {
    expect(hiding.hide(text)).toBe(text);
  }
});

test("hiding - what has the shape of a secret is a tag, in values, keys and text", () => {
  const token = ["ghp", "a1B2".repeat(9)].join("_");
  const escaped = JSON.stringify({ a: token }).replace("ghp", String.raw`\u0067hp`);
  for (const text of [`x ${token} y`, JSON.stringify({ [token]: [`é ${token}`] }), escaped]) {
    const hidden = hiding.hide(text);
    expect(hidden).toContain(hiding.tag(token));
    expect(hidden).not.toContain("a1B2");
  }
});
