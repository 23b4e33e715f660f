/** A plugin that calls tallyman's interface wrongly is shown what tallyman says, and nothing of the event. */
import { expect, test } from "vitest";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";

const secret = "hunter2";
const record = `{"a":{"b":1},"password":"${secret}"}`;

function plugin(body: string): Record<string, string> {
  const text = `let kept;
export default { name: "p", create: (options, context) => (event) => {
  const password = event.get("password"); ${body}; return event; } };`;
  return { "p.mjs": text };
}

const not_json = "is not a JSON value";
const no_path = "a path must be text or of context.path()";

/** What the body does, and what is said of it. */
const wrong: [body: string, said: string][] = [
  ["event.time = 1752480000.5", "time must be text of digits: epoch seconds, with up to nine"],
  ["event.time = password", "time must be text of digits"],
  ["event.text = 5", "text must be a string"],
  ["event.index = 5", "index must be a string, not number"],
  ["event.host = { password }", "host must be a string, not object"],
  ["event.source = null", "source must be a string, not object"],
  ["event.sourcetype = true", "sourcetype must be a string, not boolean"],
  ["event.output = password", "output must be a name that context.output() was given"],
  ["event.fields = { [password]: { nested: 1 } }", "each of fields must be a string, a finite"],
  ["event.fields = { a: [[1]] }", "each of fields must be a string, a finite"],
  ["event.fields = { a: NaN }", "each of fields must be a string, a finite"],
  ["event.fields = null", "fields must be an object"],
  ["event.fields = password", "fields must be an object"],
  ["event.fields = [password]", "fields must be an object"],
  ['event.set("x", undefined)', `undefined ${not_json}`],
  ['event.set("x", () => 1)', `function ${not_json}`],
  ['event.replace("password", NaN)', `NaN ${not_json}`],
  ['event.replace("password", undefined)', `undefined ${not_json}`],
  ["event.record = undefined", `undefined ${not_json}`],
  ["const ring = { [password]: 1 }; ring[password] = ring; event.record = ring", "contains itself"],
  ['event.set("password.x", 1)', "cannot set a value at this path: what holds it is not an object"],
  ["event.set(`password.${password}`, 1)", "cannot set a value at this path"],
  ['event.set("list[3]", 1)', "cannot set a value at this path: an array grows only by its next"],
  ["event.get(`..${password}`)", "a path given as text is wrong at column"],
  ["event.get(`$.${password}`)", "a path given as text is wrong at column 1"],
  ["event.get(undefined)", no_path],
  ["event.has(5)", no_path],
  ["event.delete({ text: password })", no_path],
  ['context.path("a")', "context.path() may be called only while the step is created"],
];

test.each(wrong)("wrong calls - %s is told", async (body, said) => {
  const log = new CollectedLog();
  const chain = await makeChain([{ p: {} }], { files: plugin(body), log });
  const { outcome, detail } = runChain(chain, record);
  expect(outcome).toBe("quarantined step_failed:p");
  expect(detail).toContain(said);
  expect(detail).not.toContain(secret);
  expect(log.at("error")[0]).toMatchObject({ facts: { step: "p", plugin: "p", detail } });
  expect(log.text).not.toContain(secret);
});

test("wrong calls - what a step leaves in the record is told when it is written back", async () => {
  const chain = await makeChain([{ p: {} }], { files: plugin("event.record.x = Infinity") });
  expect(runChain(chain, record).detail).toBe("Infinity is not a JSON value");
});

test.each([
  ["writes into its message", "e.message += password; throw e"],
  ["wraps it", "throw new Error(e.message + password, { cause: e })"],
  ["inherits from it", "throw Object.assign(Object.create(e), { message: password })"],
  ["keeps it", "kept = Object.assign(e, { name: password, stack: password }); throw kept"],
])("wrong calls - a step that %s tells nothing of the event by it", async (_what, body) => {
  const log = new CollectedLog();
  const files = plugin(`try { event.time = 5 } catch (e) { ${body} }`);
  const chain = await makeChain([{ p: {} }], { files, log });
  const { outcome, detail } = runChain(chain, record);
  expect(outcome).toBe("quarantined step_failed:p");
  expect(detail).not.toContain(secret);
  expect(log.text).not.toContain(secret);
});
