/** What would be sent although it looks like a secret: where it is, and the line that masks it. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import { Hiding } from "../../../../src/preview/secrets/hiding.ts";
import { ShapedSecrets } from "../../../../src/preview/secrets/shaped-secrets.ts";
import { UnmaskedSecrets } from "../../../../src/preview/secrets/unmasked-secrets.ts";
import { mayHoldUnmasked } from "../../../../src/preview/secrets/secret-names.ts";
import { makeChain, runChain } from "../../../support/events/chains.ts";

const shaped = await ShapedSecrets.create();
/** Of a chain that masks nothing. */
const hidden = (text: string): string => text;
const planted = ["Pl4nted", "Secr3t", "9x"].join("-");

const events: [path: string, record: unknown][] = [
  ["password", { password: planted }],
  ["a.b.client_secret", { a: { b: { client_secret: planted } } }],
  ["users[*].token", { users: [{ name: "ann" }, { token: planted }] }],
  ['headers["x.api-key"]', { headers: { "x.api-key": planted } }],
  ["body.password", { body: JSON.stringify({ password: planted }) }],
  ["tokens", { tokens: [planted] }],
];

test.each(events)(
  "unmasked secrets - %s is found, and what is pasted masks it",
  async (path, record) => {
    const text = JSON.stringify(record);
    const unmasked = new UnmaskedSecrets(shaped, hidden);
    unmasked.add(text, () => text);
    unmasked.add(text, () => text);
    const paste = `- redact: { fields: [${JSON.stringify(path)}] }`;
    expect(unmasked.findings).toEqual([{ path, events: 2, paste }]);
    const masked = runChain(await makeChain([{ redact: { fields: [path] } }]), text).text;
    expect(masked).not.toContain(planted);
  },
);

/** Each with a secret that is found by a name beside it, above it or before it, or by nothing but that. */
function placesOf(secret: string): unknown[] {
  const headers = (name: string, value: unknown) => [
    { name: "Accept", value: "text/html" },
    { name, value },
  ];
  const held = JSON.stringify({ password: secret });
  return [
    { headers: headers("Authorization", secret) },
    { headers: headers("x-api-key", [secret]) },
    { headers: [...headers("Cookie", secret), { name: "password", value: secret }] },
    { h: [{ Key: "Set-Cookie", Value: secret }] },
    { h: [{ value: secret, name: "client.secret" }] },
    { h: [{ header: "Authorization", data: secret }] },
    { h: [{ name: "token", values: ["x", secret] }] },
    { h: [{ name: "!token", value: secret }] },
    { name: "password", value: "password" },
    [{ name: "Authorization", value: secret }],
    { body: JSON.stringify({ headers: headers("Authorization", secret) }) },
    { password: { value: secret } },
    { "api-key": { v: secret } },
    { client_secret: [{ data: secret }] },
    { list: [`password=${secret}`] },
    [`login token=${secret}`, 1],
    [[`login token=${secret}`]],
    { one: JSON.stringify({ two: JSON.stringify({ three: held }) }) },
    { ["k".repeat(150)]: { ["l".repeat(30)]: { password: secret } } },
    { "a b": { 'c"d': { token: secret } } },
    { url: `https://x.example/?token=${secret}&a=1` },
    `user=ann password=${secret}`,
  ];
}

test.each(placesOf(planted).map((record) => [JSON.stringify(record), record]))(
  "unmasked secrets - the lines for %s mask all that was found, and nothing is found after that",
  async (_name, record) => {
    const text = typeof record === "string" ? record : JSON.stringify(record);
    const unmasked = new UnmaskedSecrets(shaped, hidden);
    unmasked.add(text, () => text);
    expect(unmasked.findings).not.toEqual([]);
    const pasted = unmasked.findings.map(({ paste }) => paste).join("\n");
    const { outcome, text: masked } = runChain(await makeChain(parse(pasted)), text);
    expect(outcome).toBe("kept");
    expect(masked).not.toContain(planted);
    const again = new UnmaskedSecrets(shaped, hidden);
    again.add(masked, () => text);
    expect(again.findings).toEqual([]);
  },
);

test("unmasked secrets - a value that has a harmless name beside it is not found", () => {
  const unmasked = new UnmaskedSecrets(shaped, hidden);
  for (const record of [
    { headers: [{ name: "Accept", value: planted }] },
    { h: [{ name: "Authorization", value: "[REDACTED]" }] },
    { h: [{ name: "token_type", value: "bearer" }] },
    { h: [{ name: "Authorization", other: planted }] },
    { name: "token", value: true },
  ]) {
    const text = JSON.stringify(record);
    unmasked.add(text, () => text);
  }
  expect(unmasked.findings).toEqual([]);
});

test("unmasked secrets - what a rule has masked is not found, whatever stands there now", () => {
  const unmasked = new UnmaskedSecrets(shaped, hidden);
  unmasked.add('{"password":"gone"}', () => `{"password":"${planted}"}`);
  unmasked.add('{"Authorization":"[REDACTED]"}', () => '{"Authorization":"[REDACTED]"}');
  expect(unmasked.findings).toEqual([]);
});

test("unmasked secrets - a record whose secrets are all masked is not parsed, and one beside them is found", () => {
  for (const text of [
    '{"Authorization":"[REDACTED]","x":{"client_password" : "[REDACTED]"}}',
    '{"n":1}',
  ]) {
    expect(mayHoldUnmasked(text)).toBe(false);
  }
  const found = [
    `{"password":"[REDACTED]","token":"${planted}"}`,
    `{"password":"[REDACTED] ${planted}"}`,
    `{"password":"[x]${planted}"}`,
    `{"p\\u0061ssword":"${planted}"}`,
    `{"passwords":["[REDACTED]","${planted}"]}`,
    JSON.stringify({ body: JSON.stringify({ password: planted }) }),
  ];
  for (const text of found) {
    const unmasked = new UnmaskedSecrets(shaped, hidden);
    unmasked.add(text, () => text);
    expect(unmasked.findings, text).toHaveLength(1);
  }
});

test("unmasked secrets - text and indexed fields are looked at, too", () => {
  const unmasked = new UnmaskedSecrets(shaped, hidden);
  unmasked.add(`user=ann password=${planted}`, () => `user=ann password=${planted}`);
  unmasked.addField("token", planted);
  expect(unmasked.findings.map(({ path }) => path)).toEqual(["password", "token"]);
});

test("unmasked secrets - what has the shape of a secret is found in values, keys and text, and masked by what is pasted", async () => {
  const token = ["ghp", "a1B2".repeat(9)].join("_");
  const records = [
    { note: `pushed with ${token}` },
    { by: { [token]: 1 } },
    { log: JSON.stringify({ x: [token] }) },
  ];
  const unmasked = new UnmaskedSecrets(shaped, hidden);
  for (const each of records.map((record) => JSON.stringify(record)))
    unmasked.add(each, () => each);
  unmasked.add(`x ${token}`, () => `x ${token}`);
  expect(unmasked.findings.map(({ path }) => path)).toEqual([
    "note",
    "by[*]",
    "log.x",
    "(github in text)",
  ]);
  expect(JSON.stringify(unmasked.findings)).not.toContain(token);
  const { paste } = unmasked.findings[0]!;
  const chain = await makeChain(parse(paste));
  for (const record of records) {
    expect(runChain(chain, JSON.stringify(record)).text).not.toContain(token);
  }
});

/** What `redact` of the chain masks in text by names alone, in places where its paths do not lead. */
const beside: [name: string, text: string, path: string | undefined][] = [
  ["a sentence", `{"message":"the password is ${planted}"}`, "message"],
  ["a sentence in a list", `{"lines":[1,"password is ${planted}"]}`, "lines"],
  ["JSON in a string", `{"body":"{\\"ssn\\":\\"${planted}\\"}"}`, "body.ssn"],
  ["the key elsewhere", `{"user":{"ssn":"${planted}"}}`, "user.ssn"],
  ["a number under the key", `{"user":{"ssn":123456789}}`, "user.ssn"],
  ["text", `my ssn is ${planted}`, "(text)"],
  ["a sentence beside a named value", `{"m":"token=${planted} and the password is x"}`, "m"],
  ["nothing", `{"message":"the door is open","n":1}`, undefined],
  [
    "what is masked",
    `{"password":"[REDACTED]","ssn":"[REDACTED]","m":"password [REDACTED]"}`,
    undefined,
  ],
];

test.each(beside)(
  "unmasked secrets - what a preview hides of what is sent is listed: %s",
  async (_name, text, path) => {
    const chain = await makeChain([{ redact: { fields: ["password", "ssn"] } }]);
    const mask = (of: string): string => chain.maskText(of);
    const hiding = new Hiding({ key: Buffer.from("key"), mask, shaped, reveals: false });
    const is_hidden = hiding.hide(text) !== text;
    const unmasked = new UnmaskedSecrets(shaped, mask);
    unmasked.add(text, () => text);
    expect(is_hidden).toBe(path !== undefined);
    const paths = new Set(unmasked.findings.map((each) => each.path));
    expect([...paths]).toEqual(path === undefined ? [] : [path]);
    if (path === undefined) return;
    const pasted = parse(unmasked.findings.map(({ paste }) => paste).join("\n")) as object[];
    const redacted = await makeChain([
      { redact: { fields: ["password", "ssn"], on_unreadable: "text" } },
      ...pasted,
    ]);
    const after = runChain(redacted, text).text;
    const again = new UnmaskedSecrets(shaped, (of) => redacted.maskText(of));
    again.add(after, () => text);
    expect(again.findings).toEqual([]);
  },
);

test("unmasked secrets - an indexed field that a preview hides is listed", () => {
  const unmasked = new UnmaskedSecrets(shaped, (text) => text.replace("is x", "[REDACTED]"));
  unmasked.addField("note", "the ssn is x");
  unmasked.addField("other", "the door is open");
  expect(unmasked.findings.map(({ path }) => path)).toEqual(["note"]);
});
