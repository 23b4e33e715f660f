/** Compiling a chain: every mistake is told at once, with its place; names, plugins' options and their limits. */
import { describe, expect, test } from "vitest";
import { chainOptions } from "../../../src/chain/options.ts";
import { TallymanError } from "../../../src/platform/errors.ts";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";
import { fastClock } from "../../support/clocks/fast-clock.ts";

const authorization = { redact: { fields: ["requestHeader.Authorization"] } };

describe("steps", () => {
  test.each([
    [[{}], /found none/],
    [[{ name: "x" }], /found none/],
    [[{ redact: {}, filter: {} }], /found redact, filter/],
    [[{ redact: {}, name: "Bad Name" }], /snake_case/],
    [[{ redact: {}, on_error: "ignore" }], /quarantine/],
    [[{ redact: {}, when: 5 }], /string/],
    ["redact", /array/],
    [Array.from({ length: 101 }, () => ({ redact: {} })), /100/],
  ])("chain options - %j are refused", (steps, message) => {
    const result = chainOptions.safeParse(steps);
    expect(result.error?.message).toMatch(message);
  });

  test("chain - names steps after their plugins, and numbers them", async () => {
    const chain = await makeChain([
      authorization,
      { ...authorization, name: "redact_3" },
      authorization,
      authorization,
      { ...authorization, name: "mine" },
    ]);
    const names = chain.steps.map((step) => step.name);
    expect(names).toEqual(["redact", "redact_3", "redact_2", "redact_4", "mine"]);
  });
});

describe("complaints", () => {
  test("chain - all mistakes are told at once, each at the value that holds it", async () => {
    const complaints = await complaintsAbout([
      { filtr: {} },
      { redact: { fields: ["ok", "a..b", "c["] } },
      { filter: { drop: ["a == 1", "b =="] } },
      { filter: {} },
      { redact: { fields: ["x"], with: 5, feilds: [] } },
      { redact: null },
      { ...authorization, name: "redact", when: "1 + 1" },
    ]);
    expect(complaints.map(({ path }) => path.join("."))).toEqual([
      "chain.0.filtr",
      "chain.1.redact.fields.1",
      "chain.1.redact.fields.2",
      "chain.2.filter.drop.1",
      "chain.3.filter",
      "chain.4.redact.with",
      "chain.4.redact.feilds",
      "chain.5.redact",
      "chain.6.name",
      "chain.6.when",
    ]);
    expect(complaints[0]?.message).toContain('did you mean "filter"?');
    expect(complaints[3]?.message).toMatch(/character 5/);
  });

  test("chain - the error is config_invalid and names every place", async () => {
    const failure = makeChain([{ nope: {} }, { filter: {} }]);
    await expect(failure).rejects.toThrow(TallymanError);
    await expect(failure).rejects.toMatchObject({ code: "config_invalid" });
    await expect(failure).rejects.toThrow(/chain\.0\.nope: .*\nchain\.1\.filter: /);
  });
});

describe("drop-ins", () => {
  test.each([
    ["create() { throw new Error('value is needed'); }", /refuses its options: value is needed/],
    ["async create() { throw new Error('later'); }", /refuses its options: later/],
    ["create() {}", /synchronous function/],
    ["create() { return { handle() {} }; }", /synchronous function/],
    ["create() { return { step: async (e) => e, dispose() {} }; }", /synchronous function/],
    ["create() { return { step: (e) => e, dispose: 5 }; }", /a function as `dispose`/],
    ["create() { return { step: 5, dispose() {} }; }", /synchronous function/],
    ["create(o, context) { context.path('a..b'); return (e) => e; }", /this path is wrong/],
    [
      "create(o, context) { context.condition('1 +'); return (e) => e; }",
      /this condition is wrong/,
    ],
    ["create() { return new Promise(() => {}); }", /has not answered within 30 seconds/],
    [
      "options: { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: 'no', path: ['a', { key: 0 }] }] }) } }, create() {}",
      /^no$/,
    ],
    [
      "options: { '~standard': { version: 1, vendor: 'x', validate() { throw new Error('odd'); } } }, create() {}",
      /odd/,
    ],
  ])("chain - a plugin with %s is refused with its reason", async (body, message) => {
    const files = { "p.mjs": `export default { name: "p", ${body} };` };
    const clock = fastClock(1000);
    const complaints = await complaintsAbout([{ p: {} }], { files, clock });
    expect(complaints).toHaveLength(1);
    expect(complaints[0]?.path.slice(0, 3)).toEqual(["chain", 0, "p"]);
    expect(complaints[0]?.message).toMatch(message);
  });

  test("chain - gives a plugin its own copy of its options, checked and with defaults", async () => {
    const shared = { list: [1] };
    const files = {
      "p.mjs": `export default {
        name: "p",
        options: { "~standard": { version: 1, vendor: "x",
          validate: async (value) => ({ value: { ...value, added: true } }) } },
        async create(options) {
          const text = JSON.stringify(options);
          options.list.push(2);
          return (event) => (event.set("options", text), event);
        },
      };`,
    };
    const chain = await makeChain([{ p: shared }, { p: shared }], { files });
    expect(shared.list).toEqual([1]);
    expect(runChain(chain, "{}").text).toBe(
      `{"options":${JSON.stringify('{"list":[1],"added":true}')}}`,
    );
  });

  test("chain - a plugin without options gets an empty object, and may log under its step's name", async () => {
    const log = new CollectedLog();
    const files = {
      "p.mjs": `export default { name: "p", create(options, context) {
        context.log.info({ keys: Object.keys(options), step: "forged", code: "stopped", level: 60 }, "made");
        context.log.warn(undefined, "odd");
        return (event) => event;
      } };`,
    };
    await makeChain([{ p: null, name: "mine" }], { files, log });
    expect(log.lines).toEqual([
      {
        level: "info",
        code: "plugin_message",
        facts: {
          keys: [],
          plugin_step: "forged",
          plugin_code: "stopped",
          plugin_level: 60,
          step: "mine",
        },
        message: "made",
      },
      { level: "warn", code: "plugin_warning", facts: { step: "mine" }, message: "odd" },
    ]);
  });

  test("chain - the context's calls are over when create is", async () => {
    const files = {
      "p.mjs": `export default { name: "p", create(options, context) {
        return (event) => (event.get(context.path("late")), event);
      } };`,
    };
    const chain = await makeChain([{ p: {} }], { files });
    expect(runChain(chain, "{}").outcome).toBe("quarantined step_failed:p");
  });
});
