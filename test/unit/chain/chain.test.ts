/** The running chain: order, verdicts, counts, and that a step that fails never lets its event go on. */
import { describe, expect, test } from "vitest";
import { compileChain } from "../../../src/chain/compile.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { chainOptions } from "../../../src/chain/options.ts";
import { type Clock, systemClock } from "../../../src/platform/clock.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { makeChain, makeEvent, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";

const secret = "hunter2-and-more";
const record = `{"password":"${secret}","id":9007199254740993,"kind":"login"}`;

/** A drop-in called `p` whose handle has this body. */
function plugin(body: string): Record<string, string> {
  const create = `create(options, context) { return function handle(event) { ${body} }; }`;
  return { "p.mjs": `let calls = 0; export default { name: "p", ${create} };` };
}

describe("verdicts", () => {
  test("chain - without steps keeps every event, JSON or not", async () => {
    const chain = await makeChain([]);
    expect(runChain(chain, record)).toMatchObject({ outcome: "kept", text: record });
    expect(runChain(chain, "not json")).toMatchObject({ outcome: "kept", text: "not json" });
  });

  test.each([
    ["return event;", "kept"],
    ["return null;", "filtered p"],
    ['return event.drop("too_old");', "dropped too_old"],
    ['return event.quarantine("odd");', "quarantined odd"],
    ['return event.drop("unreadable:p");', "dropped unreadable:p"],
    [`return event.drop(event.get("password"));`, "dropped ended_by:p"],
    ['return event.drop("x".repeat(200));', "dropped ended_by:p"],
    ["return event.drop();", "quarantined step_failed:p"],
    ["return event.drop({ toString() { throw 1; } });", "quarantined step_failed:p"],
    ['const v = event.drop("x"); v.fate = "delivered"; return v;', "quarantined step_failed:p"],
    [
      `const v = event.drop("x"); Object.defineProperty(v, "reason", { get() { return calls++ ? "${secret}" : "x"; } }); return v;`,
      "dropped x",
    ],
  ])("chain - %s makes the event %s", async (body, outcome) => {
    const chain = await makeChain([{ p: {} }], { files: plugin(body) });
    const result = runChain(chain, record);
    expect(result.outcome).toBe(outcome);
    expect(result.detail ?? "").not.toContain(secret);
  });

  test("chain - gives the same verdict object for the same end, so that ending allocates nothing", async () => {
    const chain = await makeChain([{ filter: { drop: 'kind == "login"' } }]);
    const scanner = chain.scanner;
    const first = chain.run(makeEvent(record, scanner));
    expect(first).toMatchObject({ fate: "filtered", reason: "filter" });
    expect(chain.run(makeEvent(record, scanner))).toBe(first);
  });

  test("chain - counts reasons beyond a hundred together", async () => {
    const chain = await makeChain([{ p: {} }], {
      files: plugin("return event.drop(`reason_${calls++}`);"),
    });
    const seen = new Set(Array.from({ length: 500 }, () => runChain(chain, record).outcome));
    expect(seen.size).toBe(101);
    expect(seen).toContain("dropped ended_by:p");
  });

  test("chain - masks and cuts the detail that a plugin gives", async () => {
    const chain = await makeChain([{ p: {} }, { redact: { fields: ["password"] } }], {
      files: plugin('return event.quarantine("odd", event.text + "x".repeat(1000));'),
    });
    const { detail } = runChain(chain, record);
    expect(detail).toHaveLength(200);
    expect(detail).toContain('"password":"[REDACTED]"');
  });
});

describe("failures", () => {
  const hostile = [
    ["throws", `throw new Error("${secret}");`],
    ["throws what it looks at", `throw new TypeError(event.get("password"));`],
    ["throws a text", `throw event.get("password");`],
    ["throws null", "throw null;"],
    [
      "throws an error named after a secret",
      `const e = new Error("x"); e.name = "${secret}"; throw e;`,
    ],
    [
      "throws an error with a secret in its stack",
      `const e = new Error("x"); e.stack = "${secret}"; throw e;`,
    ],
    [
      "throws an error that throws",
      `throw Object.defineProperty(new Error(), "stack", { get() { throw new Error("${secret}"); } });`,
    ],
    [
      "throws a proxy",
      `throw new Proxy(new Error(), { get() { throw 1; }, getPrototypeOf() { throw 1; } });`,
    ],
    ["fails to parse", `JSON.parse("{" + event.get("password")); return event;`],
    ["overflows the stack", "return handle(event);"],
    ["returns nothing", ""],
    ["returns true", "return true;"],
    ["returns a copy", "return { ...event };"],
    ["returns the record", "return event.record;"],
    ["returns a promise", "return Promise.resolve(event);"],
    ["returns a promise that fails", `return Promise.reject(new Error("${secret}"));`],
    ["returns a false promise", "return { then() { throw 1; } };"],
    ["returns a proxy of the event", "return new Proxy(event, {});"],
    ["returns a proxy that throws", "return new Proxy({}, { getPrototypeOf() { throw 1; } });"],
    [
      "puts a function into the record",
      "event.record.f = 1n; event.record.g = { toJSON() { throw 1; } }; return event;",
    ],
    ["makes the record a circle", "event.record.self = event.record; return event;"],
    ["sets a wrong path", 'event.set("a..b", 1); return event;'],
    ["calls its context too late", "this_is_not_defined(); return event;"],
  ] as const;

  test.each(hostile)(
    "chain - a step that %s sends its event to quarantine",
    async (_what, body) => {
      const log = new CollectedLog();
      const chain = await makeChain([{ p: {} }], { files: plugin(body), log });
      const result = runChain(chain, record);
      expect(result.outcome).toBe("quarantined step_failed:p");
      expect(result.detail).toMatch(/\S/);
      expect(result.detail).not.toContain(secret);
      expect(log.text).not.toContain(secret);
      expect(log.at("error")).toHaveLength(1);
      expect(chain.steps[0]).toMatchObject({ received: 1, failed: 1, quarantined: 1, dropped: 0 });
    },
  );

  test("chain - on_error: drop drops instead, under the same reason", async () => {
    const steps = [{ p: {}, on_error: "drop", name: "mine" }];
    const chain = await makeChain(steps, { files: plugin("throw 1;") });
    expect(runChain(chain, record).outcome).toBe("dropped step_failed:mine");
    expect(chain.steps[0]).toMatchObject({ name: "mine", plugin: "p", failed: 1, dropped: 1 });
  });

  test("chain - tells where in its file a plugin threw", async () => {
    const chain = await makeChain([{ p: {} }], {
      files: {
        "p.mjs":
          "export default {\n  name: 'p',\n  create: () => (event) => {\n    throw new RangeError('x');\n  },\n};\n",
      },
    });
    expect(runChain(chain, record).detail).toMatch(/^the step threw RangeError/);
  });

  test("chain - a step that reads an event that is not JSON fails as unreadable, with reason and byte", async () => {
    const chain = await makeChain([{ p: {} }], { files: plugin('event.get("a"); return event;') });
    const { outcome, detail } = runChain(chain, `{"a": 1, "password": "${secret}" oops}`);
    expect(outcome).toBe("quarantined unreadable:p");
    expect(detail).toMatch(/ at byte 40$/);
    expect(detail).not.toContain(secret);
  });

  test("chain - an async handle is refused at start", async () => {
    const files = {
      "p.mjs": "export default { name: 'p', create: () => async (event) => event };",
    };
    await expect(makeChain([{ p: {} }], { files })).rejects.toThrow(/synchronous/);
  });

  test("chain - the steps after one that ended the event do not run", async () => {
    const chain = await makeChain([{ p: {} }, { redact: { fields: ["password"] } }], {
      files: plugin("throw 1;"),
    });
    runChain(chain, record);
    expect(chain.steps[1]).toMatchObject({ name: "redact", received: 0 });
  });

  test("chain - a step that fails on every event is logged once a minute, with the count", async () => {
    const log = new CollectedLog();
    let now_ms = 0;
    const clock: Clock = { ...systemClock, monotonic: () => now_ms };
    const chain = await makeChain([{ p: {} }], { files: plugin("throw 1;"), log, clock });
    for (let count = 0; count < 100; count += 1) runChain(chain, record);
    expect(log.at("error").map(({ facts }) => facts["failures"])).toEqual([1]);
    now_ms = 60_000;
    runChain(chain, record);
    expect(log.at("error").map(({ facts }) => facts["failures"])).toEqual([1, 100]);
    expect(chain.steps[0]?.failed).toBe(101);
  });
});

describe("when", () => {
  test("chain - a step runs only where its condition holds", async () => {
    const chain = await makeChain([{ redact: { fields: ["password"] }, when: 'kind == "login"' }]);
    expect(runChain(chain, record).text).toContain("[REDACTED]");
    expect(runChain(chain, record.replace("login", "read")).text).toContain(secret);
    expect(runChain(chain, "{}").outcome).toBe("kept");
    expect(chain.steps[0]?.received).toBe(1);
  });

  test.each([
    ["kind < 5", record, "quarantined step_failed:redact"],
    ["kind == 'login'", "{oops", "quarantined unreadable:redact"],
  ])(
    "chain - where the condition %s cannot be judged, the step has failed",
    async (when, text, outcome) => {
      const chain = await makeChain([{ redact: { fields: ["password"] }, when }]);
      expect(runChain(chain, text).outcome).toBe(outcome);
      expect(chain.steps[0]?.failed).toBe(1);
    },
  );
});

describe("edits", () => {
  test("chain - later steps see the edits of earlier ones, and the rest keeps its bytes", async () => {
    const chain = await makeChain(
      [{ p: {} }, { filter: { drop: 'kind == "changed" && n == 2' } }],
      {
        files: plugin('event.set("kind", "changed"); event.set("n", calls++); return event;'),
      },
    );
    const spaced = `{ "kind" : "login",\t"id":9007199254740993.0, "a":1,"a":2 }`;
    const { outcome, text } = runChain(chain, spaced);
    expect(outcome).toBe("kept");
    expect(text).toContain(`"id":9007199254740993.0, "a":1,"a":2`);
    runChain(chain, spaced);
    expect(runChain(chain, spaced).outcome).toBe("filtered filter");
  });

  test("chain - instances for several inputs share nothing", async () => {
    const plugins = await loadPlugins();
    const steps = chainOptions.parse([{ filter: { drop: "a == 1" } }]);
    const facts = { log: silentLogger };
    const [one, two] = [
      await compileChain(steps, plugins, facts),
      await compileChain(steps, plugins, facts),
    ];
    runChain(one, `{"a":1}`);
    expect(one.steps[0]?.filtered).toBe(1);
    expect(two.steps[0]?.filtered).toBe(0);
  });
});

describe("counts", () => {
  test.each([
    ["return event;", 0],
    ['event.get("id"); event.text; return event;', 0],
    ['event.replace("nowhere", 1); event.delete("nowhere"); return event;', 0],
    // It is written again then.
    ["event.record; return event;", 1],
    ["event.index = event.index; return event;", 0],
    ['event.replace("id", 1); return event;', 1],
    ['event.delete("id"); return event;', 1],
    ['event.set("new", 1); return event;', 1],
    ["event.record.id = 1; return event;", 1],
    ['event.text = "x"; return event;', 1],
    ['event.index = "other"; return event;', 1],
    ['event.fields = { a: "b" }; return event;', 1],
    ['event.time = "1742539047"; return event;', 1],
    // It has another fate then.
    ['event.set("new", 1); return null;', 0],
  ])("chain - after %s it counts %i changed events", async (body, changed) => {
    const chain = await makeChain([{ p: {} }], { files: plugin(body) });
    runChain(chain, record);
    expect(chain.steps[0]).toMatchObject({ received: 1, changed });
  });

  test("chain - a change is that of the step that made it", async () => {
    const chain = await makeChain([
      { redact: { fields: ["password"] } },
      { filter: { drop: "id == 1" } },
    ]);
    runChain(chain, record);
    expect(chain.steps.map(({ changed }) => changed)).toEqual([1, 0]);
    expect(chain.events).toBe(1);
  });

  test("chain - takes the time of one event in 251, that of the step's condition included", async () => {
    let now_ms = 0;
    const clock: Clock = { ...systemClock, monotonic: () => (now_ms += 5) };
    const steps = [{ filter: { drop: "id == 1" }, when: 'kind == "login"' }];
    const chain = await makeChain(steps, { clock });
    for (let event = 0; event < 502; event += 1) runChain(chain, record);
    expect(chain.steps[0]).toMatchObject({ received: 502, timed: 2, timed_ms: 10 });
  });

  test("chain - in the place of another it goes on counting for the steps that are the same", async () => {
    const redact = { redact: { fields: ["password"] } };
    const before = await makeChain([redact, { filter: { drop: "id == 1" } }]);
    runChain(before, record);
    const after = await makeChain([
      redact,
      { filter: { drop: "id == 2" } },
      { name: "new", ...redact },
    ]);
    after.countFrom(before);
    runChain(after, record);
    expect(after.steps.map(({ name, received }) => [name, received])).toEqual([
      ["redact", 2],
      ["filter", 1],
      ["new", 1],
    ]);
    expect(after.steps[0]).toMatchObject({ changed: 2 });
  });
});
