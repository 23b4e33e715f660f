/** What plugins log themselves holds no secret of an event or of the configuration, whatever they log, and has a bound. */
import { expect, test } from "vitest";
import { compileChain } from "../../../../src/chain/compile.ts";
import { chainOptions } from "../../../../src/chain/options.ts";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import {
  complaintsAbout,
  makeChain,
  pluginsDirectory,
  runChain,
} from "../../../support/events/chains.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

/** A plugin that logs what the code says of each event. */
function logging(code: string): Record<string, string> {
  return {
    "p.mjs": `export default { name: "p", create: (options, { log }) => (event) => { ${code}; return event; } };`,
  };
}

const event = JSON.stringify({
  user: { password: "hunter-two-4711", pin: 908172 },
  header: "Authorization: Bearer abcdefghijklmnop0123456789",
  text: JSON.stringify({ session_id: "inner-secret-77" }),
  seen: "fine",
});
const secrets = ["hunter-two-4711", "908172", "abcdefghijklmnop0123456789", "inner-secret-77"];
const redact = { redact: { fields: ["**.password", "**.pin", "**.session_id"] } };

const ways: [string, string][] = [
  ["its text as the message", "log.warn({}, event.text)"],
  ["its text as a fact", "log.info({ text: event.text }, 'Seen.')"],
  ["its text instead of facts", "log.info(event.text)"],
  ["its record as the facts", "log.info(event.record, 'Seen.')"],
  ["its record at some depth", "log.info({ a: [{ b: { c: event.record } }] }, 'Seen.')"],
  ["its record as the message", "log.info({}, event.record)"],
  ["its text as a name", "log.info({ [event.text]: 1 }, 'Seen.')"],
  ["an error with its text", "log.warn({ err: new Error(event.text) }, 'Failed.')"],
  ["an error with its text as the facts", "log.warn(new Error(event.text), 'Failed.')"],
  [
    "its bytes",
    "log.warn({ bytes: Buffer.from(event.text), more: new Uint16Array([1]) }, 'Seen.')",
  ],
  ["what makes it of itself", "log.warn({ own: { toJSON: () => event.text } }, 'Seen.')"],
];

test.each(
  ways.flatMap(([how, code]) => [[how, code, undefined] as const, [how, code, true] as const]),
)(
  "plugin log - a plugin that logs %s logs no secret (%s, isolate: %s)",
  async (_, code, isolate) => {
    const log = new CollectedLog();
    const step = isolate === undefined ? { p: {} } : { p: {}, isolate: { timeout: "10s" } };
    const chain = await makeChain([step, redact], { files: logging(code), log });
    runChain(chain, event);
    await chain.dispose();
    expect(log.lines).toHaveLength(1);
    for (const secret of secrets) expect(log.text).not.toContain(secret);
    expect(log.text).not.toContain(Buffer.from("hunter-two").join(", "));
  },
);

test("plugin log - what is no secret is logged as it is", async () => {
  const log = new CollectedLog();
  const code = `log.info({ n: 1, big: 2n ** 64n, ok: true, none: null, left: undefined, call() {}, list: [1, "two", NaN],
    at: new Date(0), deep: { name: "x" } }, "Made %s.")`;
  const chain = await makeChain([{ p: {} }], { files: logging(code), log });
  runChain(chain, "{}");
  const facts = {
    n: 1,
    big: "18446744073709551616",
    ok: true,
    none: null,
    list: [1, "two", "NaN"],
    at: "1970-01-01T00:00:00.000Z",
    deep: { name: "x" },
    step: "p",
  };
  expect(log.lines).toEqual([
    { level: "info", code: "plugin_message", facts, message: "Made %s." },
  ]);
});

test("plugin log - what an error says is there, masked, with where it was thrown", async () => {
  const log = new CollectedLog();
  const code = `try { JSON.parse('["hunter2-l",' + "x".repeat(event.text.length)) }
    catch (error) { log.warn({ error }, error + " in password=hunter2-l") }`;
  const chain = await makeChain([{ p: {} }, redact], { files: logging(code), log });
  for (const length of [2, 30, 100]) runChain(chain, JSON.stringify("y".repeat(length)));
  expect(log.lines).toHaveLength(3);
  for (const { facts, message } of log.lines) {
    expect(facts["error"]).toMatch(/^SyntaxError: .* is not valid JSON\n *at JSON.parse/);
    expect(message).toMatch(/^SyntaxError: .* is not valid JSON in password=\[REDACTED\]$/);
  }
  expect(log.text).not.toContain("ter2");
});

test("plugin log - what a plugin logs while steps behind it are not made yet is masked by these, too", async () => {
  const files = {
    "p.mjs": `export default { name: "p", create(options, { log }) {
      log.info({ password: "early-secret" }, "Made with pin=1234567.");
      return (event) => event;
    } };`,
  };
  const log = new CollectedLog();
  await makeChain([{ p: {} }, redact], { files, log });
  const masked = {
    facts: { password: "[REDACTED]", step: "p" },
    message: "Made with pin=[REDACTED]",
  };
  expect(log.lines).toMatchObject([masked]);
  const refused = new CollectedLog();
  const complaints = await complaintsAbout([{ p: {} }, redact, { nobody: {} }], {
    files,
    log: refused,
  });
  expect(complaints).toHaveLength(1);
  expect(refused.lines).toMatchObject([masked]);
});

test.each([undefined, { timeout: 10_000, memory: 128 * 1024 * 1024 }])(
  "plugin log - secrets of the configuration are hidden (isolate: %j)",
  async (isolate) => {
    const source = `export default { name: "p", secret_options: ["key"], create: ({ key, other }, { log }) => {
      log.info({ made: { [key]: other }, n: 98765432 }, "Made with " + key + " and " + other);
      return (event) => { log.warn({ key }, other); return event; };
    } };`;
    const log = new CollectedLog();
    const plugins = await loadPlugins(pluginsDirectory({ "p.mjs": source }), {
      used: new Set(["p"]),
    });
    const steps = chainOptions.parse([{ p: { key: "option-secret", other: "token-of-output" } }]);
    const values = {
      isInserted: () => false,
      isSecret: () => false,
      confinedAt: () => undefined,
      hide: (text: string) => text.replaceAll(/token-of-output|98765432/g, "***"),
    };
    const chain = await compileChain(
      steps.map((step) => ({ ...step, isolate })),
      plugins,
      { log, values },
    );
    runChain(chain, "{}");
    await chain.dispose();
    expect(log.lines).toMatchObject([
      { facts: { made: { "***": "***" }, n: "***" }, message: "Made with *** and ***" },
      { facts: { key: "***" }, message: "***" },
    ]);
  },
);

test("plugin log - a secret at the place of the cut is not cut before it is masked", async () => {
  const log = new CollectedLog();
  const code = `for (let n = 480; n < 500; n += 1) log.info({ text: "x".repeat(n) + " eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXNpZw is a token" }, "Seen.")`;
  const jwt = { redact: { detect: ["jwt"] } };
  const chain = await makeChain([{ p: {} }, jwt], { files: logging(code), log });
  runChain(chain, "{}");
  expect(log.lines).toHaveLength(20);
  expect(log.text).not.toContain("eyJ");
});

test("plugin log - texts are cut, and neither long, deep nor many facts make a long line", async () => {
  const log = new CollectedLog();
  const code = `
    const loop = {}; loop.own = loop;
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => ["n" + n, "x".repeat(50)]));
    log.info({ long: "y".repeat(1000) }, "z".repeat(1000));
    log.info({ longer: "y".repeat(1e6), ["k".repeat(1e6)]: 1 }, "z".repeat(1e6));
    log.info({ loop, many, list: Array(1e6).fill(7) }, "Many.");
    log.info({ get bad() { throw new Error() }, proxy: new Proxy({}, { ownKeys() { throw 1 } }) }, Symbol("x"));
  `;
  const chain = await makeChain([{ p: {} }], { files: logging(code), log });
  runChain(chain, "{}");
  const [long, longer, many, bad] = log.lines;
  expect(long).toMatchObject({
    facts: { long: `${"y".repeat(500)}…` },
    message: `${"z".repeat(500)}…`,
  });
  expect(longer).toMatchObject({
    facts: { longer: "(1000000 characters)", "(1000000 characters)": 1 },
    message: "(1000000 characters)",
  });
  expect(JSON.stringify(many).length).toBeLessThan(10_000);
  expect(many?.facts["many"]).toMatchObject({
    n0: "x".repeat(50),
    "…": expect.stringMatching(/^\(\d+ more\)$/),
  });
  expect(bad).toMatchObject({ facts: { facts: "(cannot be read)" }, message: "" });
});

test("plugin log - secrets of the configuration are looked for once a line, however many texts it has", async () => {
  const log = new CollectedLog();
  const code = `log.info({ a: ["own-secret", 1, { "own-secret": "b" }] }, event.text)`;
  const plugins = await loadPlugins(pluginsDirectory(logging(code)), { used: new Set(["p"]) });
  let looks = 0;
  const values = {
    isInserted: () => false,
    isSecret: () => false,
    confinedAt: () => undefined,
    hide: (text: string) => {
      looks += 1;
      return text.replaceAll("own-secret", "***");
    },
  };
  const steps = chainOptions.parse([{ p: {} }]);
  const chain = await compileChain(steps, plugins, { log, values });
  looks = 0;
  runChain(chain, '"seen"');
  expect(looks).toBe(1);
  // What stands between the texts may be in one of them.
  runChain(chain, '"\n\u{f8ff}\n own-secret"');
  const facts = { a: ["***", 1, { "***": "b" }] };
  expect(log.lines).toMatchObject([
    { facts, message: '"seen"' },
    { facts, message: '"\n\u{f8ff}\n ***"' },
  ]);
});

test("plugin log - a plugin that logs a line for each event logs so many a minute, and says how many it left out", async () => {
  const log = new CollectedLog();
  const clock = new ManualClock();
  const chain = await makeChain([{ p: {} }], {
    files: logging("log.info({}, 'Seen.')"),
    log,
    clock,
  });
  for (let n = 0; n < 1000; n += 1) runChain(chain, "{}");
  expect(log.of("plugin_message")).toHaveLength(100);
  expect(log.of("plugin_lines_left_out")).toMatchObject([{ facts: { step: "p", lines: 1 } }]);
  clock.pass(60_000);
  for (let n = 0; n < 101; n += 1) runChain(chain, "{}");
  expect(log.of("plugin_message")).toHaveLength(200);
  expect(log.of("plugin_lines_left_out")).toMatchObject([{}, { facts: { step: "p", lines: 900 } }]);
});

test("plugin log - the process of an isolated step passes on no more", async () => {
  const log = new CollectedLog();
  const code = "for (let n = 0; n < 10_000; n += 1) log.info({}, 'Seen.')";
  const step = { p: {}, isolate: { timeout: "10s" } };
  const chain = await makeChain([step], { files: logging(code), log });
  runChain(chain, "{}");
  await chain.dispose();
  expect(log.of("plugin_message")).toHaveLength(100);
  expect(log.of("plugin_lines_left_out")).toMatchObject([{ facts: { step: "p", lines: 1 } }]);
});
