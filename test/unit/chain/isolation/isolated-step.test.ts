/** A step with `isolate` does to an event what the same step without it does. */
import { expect, test, vi } from "vitest";
import { stepOptions } from "../../../../src/chain/options.ts";
import { watchdog } from "../../../../src/platform/watchdog/watchdog.ts";
import { complaintsAbout, makeChain, runChain } from "../../../support/events/chains.ts";
import { long, longTest, sampledCases } from "../../../support/effort.ts";

const source = `export default {
  name: "p",
  create({ output, path = "a" }, context) {
    if (path === "refuse") throw new Error("no such path");
    const own = context.path(path);
    if (output !== undefined) context.output(output);
    const secret = context.path("password", { secret: true });
    const mask = context.secrets([secret], "[hidden]");
    return (event) => {
      switch (event.is_text ? event.text : event.get("do")) {
        case "set": event.set("made.x", [1, 12345678901234567890n]); return event;
        case "head":
          event.index = "other"; event.host = undefined; event.time = "1700000000.5";
          event.fields = { f: ["a", 1] }; event.output = output;
          return event;
        case "text": event.text = "no JSON: \\u00e4"; return event;
        case "mask": event.text = mask(event.text); return event;
        case "replace": event.replace(own, event.get(own) + "+" + event.time.length); return event;
        case "null": return null;
        case "drop": return event.drop("too_old");
        case "quarantine": return event.quarantine("odd", "password=hunter2");
        case "bad reason": return event.drop("Not A Word");
        case "throw": throw new TypeError("secret");
        case "own": event.time = 7; return event;
        case "junk": return { event };
        case "promise": return Promise.resolve(event);
        case "read text": return event.get("x"), event;
      }
      return event;
    };
  },
};
`;
const files = { "p.mjs": source };
const options = { output: "second" };

const records = [
  '{"n":1,"do":"none"}',
  '{ "n": 12345678901234567890, "do":"set", "\\u0061":1 }',
  ...["head", "text", "replace", "null", "drop", "quarantine", "bad reason", "throw"].map(
    (each) => `{"a":"x","do":"${each}"}`,
  ),
  ...["own", "junk", "promise"].map((each) => `{"do":"${each}"}`),
  "mask",
  "read text",
  "plain \xe4 text",
  Buffer.from("broken \xff", "latin1"),
  '"a string"',
  // Both ways, longer than the buffers of the socket.
  `{"long":"${"x".repeat(10_000_000)}","do":"replace","a":"y"}`,
];

test("isolated step - what becomes of an event is the same as without isolation, byte for byte", async () => {
  const facts = { files, outputs: ["first", "second"] };
  const plain = await makeChain([{ p: options }], facts);
  const isolated = await makeChain([{ p: options, isolate: { timeout: "5s" } }], facts);
  expect(isolated.outputs).toEqual(plain.outputs);
  for (const record of records) {
    const [one, other] = [runChain(plain, record), runChain(isolated, record)];
    const seen = ({ outcome, detail, text, event }: typeof one): unknown => {
      const { time, metadata } = event;
      // The test runner changes the places in stacks of its own thread.
      const why = detail?.replace(/ at p\.mjs:\d+:\d+$/, "");
      return { outcome, why, text, time, metadata };
    };
    expect(seen(other)).toEqual(seen(one));
  }
  const [step] = isolated.steps;
  const { received, filtered, dropped, quarantined, failed } = plain.steps[0]!;
  expect(step).toMatchObject({ received, filtered, dropped, quarantined, failed });
  expect(isolated.maskText("password=hunter2")).toBe(plain.maskText("password=hunter2"));
  await Promise.all([plain.dispose(), isolated.dispose()]);
});

longTest("isolated step - mistakes are reported at the same options", async () => {
  for (const bad of [{ path: "a[" }, { path: "refuse" }, { output: "third" }]) {
    const facts = { files, outputs: ["first"] };
    const [plain] = await complaintsAbout([{ p: bad }], facts);
    const complaints = await complaintsAbout([{ p: bad, isolate: true }], facts);
    expect(complaints).toEqual([plain]);
  }
});

test("isolated step - a built-in step is not isolated", async () => {
  const [complaint] = await complaintsAbout([{ filter: { drop: "a == 1" }, isolate: true }]);
  expect(complaint).toMatchObject({
    path: ["chain", 0, "isolate"],
    message: "filter is built in, and need not be isolated",
  });
});

const failings = [
  [
    "throws",
    'setTimeout(() => { throw new Error("secret"); }, 1)',
    "it threw Error outside of an event",
  ],
  [
    "exits",
    "setTimeout(() => process.exit(0), 1)",
    "it threw ProcessCallRefused outside of an event",
  ],
  [
    "closes the socket",
    'setTimeout(() => process.getBuiltinModule("node:fs").closeSync(4), 1)',
    "its plugin failed outside of an event",
  ],
  [
    "takes memory",
    "setTimeout(() => kept.push(Buffer.alloc(70_000_000, 1)), 1)",
    "it uses more than 64MiB of memory",
  ],
] as const;

test.each(sampledCases(failings, 2))(
  "isolated step - what %s outside of an event costs no event",
  long,
  async (...[, call, reason]) => {
    const later = `const kept = []; export default { name: "p", create: () => {
    return (event) => { if (event.has("later")) ${call}; return event; };
  } };`;
    const lines: object[] = [];
    const noting = (code: string, facts: object): void => void lines.push({ code, ...facts });
    const log = { debug: noting, info: noting, warn: noting, error: noting };
    const steps = [{ p: {}, isolate: { timeout: "5s", memory: "64MiB" } }];
    const chain = await makeChain(steps, { files: { "p.mjs": later }, log });
    expect(runChain(chain, '{"later":1}').outcome).toBe("kept");
    while (chain.hold!() === undefined) await new Promise((resolve) => setImmediate(resolve));
    while (chain.hold!() !== undefined) await chain.hold!();
    expect(runChain(chain, '{"n":2}').outcome).toBe("kept");
    expect(lines).toMatchObject([
      { code: "isolated_step_failed", step: "p", reason, restart_in_ms: 0 },
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
    await chain.dispose();
  },
);

test("isolated step - what its plugin logs is logged under the step, and it is disposed of", async () => {
  const logging = `export default { name: "p", create: (_, { log }) => ({
    step: (event) => { log.warn({ n: 1, code: "own" }, "Seen."); return event; },
    dispose: () => log.info({}, "Ended."),
  }) };`;
  const lines: object[] = [];
  const noting = (code: string, facts: object, msg: string): void =>
    void lines.push({ code, ...facts, msg });
  const log = { debug: noting, info: noting, warn: noting, error: noting };
  const chain = await makeChain([{ p: {}, name: "mine", isolate: true }], {
    files: { "p.mjs": logging },
    log,
  });
  runChain(chain, "{}");
  await chain.dispose();
  expect(lines).toEqual([
    { code: "plugin_warning", step: "mine", n: 1, plugin_code: "own", msg: "Seen." },
    { code: "plugin_message", step: "mine", msg: "Ended." },
  ]);
});

test("isolated step - a budget that everything would wait for, or that no plugin can do with, is refused", () => {
  const parse = (isolate: unknown): unknown => stepOptions.parse({ p: {}, isolate }).isolate;
  expect(parse(true)).toEqual({ timeout: 250, memory: 128 * 1024 * 1024 });
  expect(() => parse({ timeout: "11s" })).toThrow("expected at most 10s");
  expect(() => parse({ memory: "1MiB" })).toThrow("expected at least 32MiB");
  expect(() => parse(false)).toThrow();
});

/** A chain of an isolated step; `code` is what it does to an event. */
function chainOf(code: string, isolate: object): ReturnType<typeof makeChain> {
  const plugin = `const kept = []; export default { name: "p", create: () => (event) => {
    ${code}
    return event;
  } };`;
  return makeChain([{ p: {}, isolate }], { files: { "p.mjs": plugin } });
}

longTest(
  "isolated step - an array of 2 GB, which no thread could be ended in, costs its event alone",
  async () => {
    const chain = await chainOf('if (event.has("eat")) kept.push(new Array(2 ** 28).fill(0));', {});
    const { outcome, detail } = runChain(chain, '{"eat":1}');
    expect(outcome).toBe("quarantined step_failed:p");
    expect(detail).toMatch(/did not return within|more than 128MiB/);
    while (chain.hold!() !== undefined) await chain.hold!();
    expect(runChain(chain, '{"n":2}').outcome).toBe("kept");
    await chain.dispose();
  },
);

test("isolated step - its time is waited in several parts, and the watchdog knows of each", async () => {
  const beat = vi.spyOn(watchdog, "beat");
  const chain = await chainOf('while (event.has("loop"));', { timeout: "100ms" });
  runChain(chain, '{"loop":1}');
  expect(beat.mock.calls.length).toBeGreaterThan(1);
  beat.mockRestore();
  await chain.dispose();
});
