/**
 * A plugin with every fault there is, isolated, in the real daemon: it costs the events that it had, and another input is
 * delivered meanwhile.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** What a step does, by the `fault` of an event, and what is said of it: in a process of its own and without one. */
const everywhere: Readonly<Record<string, readonly [code: string, why: string]>> = {
  throws: ['throw new Error("secret")', "the step threw Error at"],
  throws_text: ['throw "secret"', "the step threw something that is not an error"],
  throws_symbol: ['throw Symbol("secret")', "the step threw something that is not an error"],
  throws_bare: ["throw Object.create(null)", "the step threw something that is not an error"],
  throws_getter: [
    'throw Object.defineProperty(new Error(), "stack", { get() { throw new Error("secret"); } })',
    "the step threw an error that cannot be read",
  ],
  throws_proxy: [
    'throw new Proxy({}, { getPrototypeOf() { throw new Error("secret"); } })',
    "the step threw an error that cannot be read",
  ],
  rejects: ['return (async () => { throw new Error("secret"); })()', "the step returned a promise"],
  waits: ["return new Promise(() => {})", "the step returned a promise"],
  junk: ["return 7", "the step returned neither the event"],
  nothing: ["return", "the step returned nothing"],
  alike: ["return { ...event, drop: event.drop }", "the step returned neither the event"],
  cyclic: [
    "event.record = { get a() { return this; } }; return event",
    "a value that contains itself",
  ],
  frozen: [
    "Object.freeze(event.record); event.record.a = 1; return event",
    "the step threw TypeError",
  ],
  exits: ["process.exit(0)", "the step called process.exit()"],
  kills: ["process.kill(process.pid)", "the step called process.kill()"],
  doubles: ['let text = "x"; for (;;) text += text', "the step threw RangeError"],
  parts: ["return [event, {}]", "item 1 of what the step returned is neither"],
};

/** Whatever comes first. */
const too_much =
  /it did not return within 250 ms|it uses more than 128MiB of memory|its process ended/;

/** What only a process of its own keeps from the rest. */
const all_isolated: readonly (readonly [
  fault: string,
  expected: readonly [code: string, why: string | RegExp],
])[] = [
  ["loops", ["for (;;) {}", "it did not return within 250 ms"]],
  ["fills", ["kept.push(new Array(2 ** 28).fill(0))", too_much]],
  ["gulps", ["kept.push(Buffer.alloc(2 ** 31, 1))", too_much]],
  ["heaps", ["for (;;) kept.push({ of: kept.length })", too_much]],
];
const isolated = Object.fromEntries(sampledCases(all_isolated, 2));

/** What costs no event. */
const harmless = {
  leaves: 'setInterval(() => kept.push("x"), 1); return event',
  splits: 'return event.split("of[*]")',
  replaces: "return event.make({ replaced: true })",
  // In its own process: what another input does is done elsewhere.
  patches:
    'JSON.stringify = () => "broken"; Array.prototype.map = () => { throw new Error(); }; return event',
};

const bodies = [
  ...Object.entries({ ...everywhere, ...isolated }).map(([fault, [code]]) => [fault, code]),
  ...Object.entries(harmless),
].map(([fault, code]) => `      case "${fault}": { ${code}; break; }`);

const faulty = `const kept = [];
export default {
  name: "faulty",
  create: () => (event) => {
    switch (event.get("fault")) {
${bodies.join("\n")}
    }
    return event;
  },
};
`;

test(
  "plugin isolation - each fault costs the event that the plugin had; another input goes on meanwhile",
  long,
  async () => {
    const splunk = await Splunk.start();
    const directory = temporaryDirectory();
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o755 });
    writeFileSync(join(plugins, "faulty.mjs"), faulty, { mode: 0o644 });
    const [bad, plain, good] = ["bad", "plain", "good"].map((name) =>
      join(directory, `${name}.log`),
    ) as [string, string, string];
    // Between the faulty events there are others, which none of the faults may cost.
    const linesOf = (faults: readonly string[]): string[] =>
      faults.flatMap((fault, n) => [`{"fault":"${fault}","of":[1,2,3]}`, `{"after":${n}}`]);
    const costs = { ...everywhere, ...isolated };
    const faults = [...Object.keys(costs), ...Object.keys(harmless)];
    const lines = linesOf(faults);
    const plain_lines = linesOf([...Object.keys(everywhere), "replaces"]);
    writeFileSync(bad, lines.map((line) => `${line}\n`).join(""));
    writeFileSync(plain, plain_lines.map((line) => `${line}\n`).join(""));
    writeFileSync(good, "");
    const inputs = [
      "bad:",
      "  type: file",
      `  paths: ["${bad}"]`,
      "  chain: [{ faulty: {}, isolate: true }]",
      "plain:",
      "  type: file",
      `  paths: ["${plain}"]`,
      "  chain: [{ faulty: {} }]",
      "good:",
      "  type: file",
      `  paths: ["${good}"]`,
      "  chain: []",
    ];
    const config = { directory, url: splunk.url, inputs, top: [`plugins_dir: ${plugins}`] };
    const daemon = await Daemon.start(writeConfig(config));

    const has = (text: string): boolean => splunk.events.includes(text);
    const last = `{"after":${faults.length - 1}}`;
    let sent = 0;
    let meanwhile = 0;
    while (!has(last) && daemon.alive) {
      const text = `{"good":${sent}}`;
      appendFileSync(good, `${text}\n`);
      sent += 1;
      await splunk.until(() => has(text) || !daemon.alive);
      if (!has(last)) meanwhile += 1;
    }
    // One was delivered after the other while the faults went on: each fault that ends a process is followed by a wait.
    expect(meanwhile).toBeGreaterThan(Object.values(isolated).length);
    expect(await daemon.stop()).toBe(0);

    const after = splunk.events.filter((each) => each.includes("after"));
    const expected = [...faults.keys(), ...Array(plain_lines.length / 2).keys()];
    expect(after.toSorted()).toEqual(expected.map((n) => `{"after":${n}}`).toSorted());
    expect(has('{"fault":"leaves","of":[1,2,3]}')).toBe(true);
    expect(splunk.events.filter((each) => each === '{"replaced":true}')).toHaveLength(2);
    expect(splunk.events.filter((each) => /^\d$/.test(each))).toEqual(["1", "2", "3"]);
    const kept = readFileSync(join(stateDirectory(config), "quarantine/quarantine.jsonl"), "utf8");
    expect(kept).not.toContain("secret");
    const found = kept
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<"input" | "text" | "detail" | "reason", string>);
    const details = (input: string): Record<string, string> =>
      Object.fromEntries(
        found
          .filter((each) => each.input === input)
          .map(({ text, detail }) => [(JSON.parse(text) as { fault: string }).fault, detail]),
      );
    const why = (of: typeof isolated): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(of).map(([fault, [, text]]) => [
          fault,
          typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
        ]),
      );
    expect(details("bad")).toEqual(why(costs));
    expect(details("plain")).toEqual(why(everywhere));
    expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(["step_failed:faulty"]));
    const { bad: books, plain: others, good: other } = daemon.books.inputs;
    expect(books).toMatchObject({ received: lines.length + 2, made: { faulty: 2 }, in_flight: 0 });
    expect(books!.quarantined).toEqual({ "step_failed:faulty": Object.keys(costs).length });
    expect(others).toMatchObject({ received: plain_lines.length, made: {}, in_flight: 0 });
    expect(other).toMatchObject({ received: sent, in_flight: 0, quarantined: {} });
    expect(daemon.of("isolated_step_failed").map(({ restart_in_ms }) => restart_in_ms)).toEqual(
      [0, 1000, 2000, 4000].slice(0, Object.keys(isolated).length),
    );
  },
);
