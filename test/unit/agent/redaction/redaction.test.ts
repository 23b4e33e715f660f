/** Redact steps for events that have been through a former chain: those that are new, and no others. */
import { expect, test } from "vitest";
import type { Redaction } from "../../../../src/agent/redaction/redaction.ts";
import { blockOf, redactionOf, textsOf } from "../../../support/events/waiting.ts";

const password = { redact: { fields: ["password"] } };
const key = "0123456789abcdef";
const hash = (...fields: string[]): unknown => ({ redact: { fields, action: "hash", key } });

/** What the new chain makes of a text that has been through the former one; the first of nothing. */
async function follow(text: string, ...chains: unknown[][]): Promise<string> {
  let [so_far, passed] = [text, ""];
  for (const chain of chains) {
    const redaction = await redactionOf(chain);
    await redaction.prepare();
    const steps = passed;
    [so_far] = textsOf(redaction.redact(blockOf([so_far]), () => steps).block) as [string];
    passed = redaction.steps;
  }
  return so_far;
}

async function ready(...chain: unknown[]): Promise<Redaction> {
  const redaction = await redactionOf(chain);
  await redaction.prepare();
  return redaction;
}

test("redaction - covers what has been through all of its steps, in whatever order, and under whatever names", async () => {
  const [none, one, both, other] = await Promise.all([
    redactionOf([]),
    redactionOf([{ ...password, name: "named" }, { filter: { drop: "n == 1" } }]),
    redactionOf([hash("user"), password]),
    redactionOf([{ ...password, when: "n == 1" }]),
  ]);
  expect(none.isCoveredBy("")).toBe(true);
  expect(one.isCoveredBy("")).toBe(false);
  expect(one.isCoveredBy(both.steps)).toBe(true);
  expect(both.isCoveredBy(one.steps)).toBe(false);
  expect(other.isCoveredBy(one.steps)).toBe(false);
});

test("redaction - another key of a hash is no other step, and each chain says its steps in 16 digits each", async () => {
  const [one, other] = await Promise.all([
    redactionOf([hash("user")]),
    redactionOf([{ redact: { fields: ["user"], action: "hash", key: `${key}${key}` } }]),
  ]);
  expect(one.steps).toMatch(/^[0-9a-f]{16}$/);
  expect(other.steps).toBe(one.steps);
});

test("redaction - masks in the bytes that wait, and leaves all others", async () => {
  const redaction = await ready(password);
  const texts = ['{"n":12345678901234567890, "password" : "a","x":[1 ]}', '{"n":2}'];
  const { block, changed } = redaction.redact(blockOf(texts), () => "");
  expect(changed).toBe(1);
  expect(textsOf(block)).toEqual([
    '{"n":12345678901234567890, "password" : "[REDACTED]","x":[1 ]}',
    '{"n":2}',
  ]);
});

test("redaction - has only those records through a step that have not been through it", async () => {
  const redaction = await ready(password);
  const texts = ['{"password":"a"}', '{"password":"b"}'];
  const { block, changed } = redaction.redact(blockOf(texts), (number) =>
    number === 0 ? redaction.steps : "",
  );
  expect(changed).toBe(1);
  expect(textsOf(block)).toEqual([texts[0], '{"password":"[REDACTED]"}']);
});

test("redaction - a hash stays one where its step has more fields, another key, or comes after a mask", async () => {
  const event = '{"user":"bob","who":"al","password":"x"}';
  const first = await follow(event, [hash("user")]);
  const more = await follow(event, [hash("user")], [hash("user", "who")]);
  expect(JSON.parse(more)).toEqual({
    ...(JSON.parse(await follow(event, [hash("user", "who")])) as object),
  });
  expect(JSON.parse(more)).toMatchObject({
    user: (JSON.parse(first) as { user: string }).user,
    password: "x",
  });
  expect(await follow(event, [password], [hash("password", "user")])).toContain(
    '"password":"[REDACTED]"',
  );
});

test("redaction - every action is done once: what it gives does not change when the step is widened", async () => {
  const event = '{"user":"bob-and-more","who":"al-and-more"}';
  for (const action of ["mask", "remove", "hash", "partial"]) {
    const step = (...fields: string[]): unknown => ({
      redact: { fields, action, ...(action === "hash" && { key }) },
    });
    const widened = await follow(event, [step("user")], [step("user", "who")]);
    expect(widened, action).toBe(await follow(event, [step("user", "who")]));
  }
});

test("redaction - what a step cannot read ends as it would in the chain, with the step's reason", async () => {
  const redaction = await ready(password);
  const { block, changed } = redaction.redact(blockOf(["password=a"]), () => "");
  expect(changed).toBe(1);
  expect(block.known?.[0]?.verdict).toMatchObject({
    fate: "quarantined",
    reason: "unreadable:redact",
  });
});

test("redaction - runs no step but redact steps, and a condition of theirs holds", async () => {
  const redaction = await ready(
    { filter: { drop: "true" } },
    { set: { fields: { a: 1 } } },
    { ...password, when: "n == 1" },
  );
  const texts = ['{"n":1,"password":"a"}', '{"n":2,"password":"b"}'];
  expect(textsOf(redaction.redact(blockOf(texts), () => "").block)).toEqual([
    '{"n":1,"password":"[REDACTED]"}',
    texts[1],
  ]);
});
