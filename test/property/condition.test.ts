/**
 * Conditions as closures against the CEL library: they say the same of every value.
 *
 * A condition in `x ? true : false` is left to the library, so each is compiled both ways and run on
 * the same event. What is tallyman's own in both, addresses, lists and times, is held against Node's list of networks, sets
 * and whole milliseconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect } from "vitest";
import { StepFailure } from "../../src/platform/step-failure.ts";
import { compiledCondition } from "../support/events/conditions.ts";
import { sampled } from "../support/effort.ts";

type Answer = boolean | "failure";

const folder = mkdtempSync(join(tmpdir(), "tallyman-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const listed = ["x", "200", "true", "-1", "10.0.0.1", "ü"];
writeFileSync(join(folder, "list.txt"), `# some\n${listed.join("\n")}\n`, { mode: 0o644 });

const now_ms = 1_742_539_100_000;
const time_ms = 1_742_539_047_915;

function evaluate(expression: string, record: string): Answer {
  const { holds } = compiledCondition(expression, { folder, clock: { now: () => now_ms } });
  try {
    return holds(record);
  } catch (thrown) {
    if (thrown instanceof StepFailure) return "failure";
    throw thrown;
  }
}

const names = ["a", "b", "c.d", 'c["e-f"]', "l[0]"] as const;
const addresses = [
  "10.0.0.1",
  "10.255.0.1",
  "11.0.0.0",
  "::ffff:10.0.0.1",
  "fd00::1",
  "fe80::1",
  "::1",
];
const texts = ["", "x", "xy", "200", "true", "null", "ü\\n", "constructor", ...addresses] as const;
const numbers = [
  "0",
  "1",
  "-1",
  "200",
  "1.5",
  "2.0",
  "9007199254740993",
  "-9007199254740993",
  "1e300",
];

const literal = fc.oneof(
  fc.constantFrom(...texts).map((text) => `"${text}"`),
  fc.constantFrom(...numbers),
  fc.constantFrom("true", "false", "null"),
);

const value = fc.constantFrom(...names);
const text = fc.constantFrom(...texts).map((each) => `"${each}"`);

const comparison = fc
  .tuple(value, fc.constantFrom("==", "!="), literal)
  .map((parts) => parts.join(" "));
const order = fc
  .tuple(value, fc.constantFrom("<", "<=", ">", ">="), fc.constantFrom(...numbers))
  .map((parts) => parts.join(" "));
const membership = fc
  .tuple(value, fc.array(text, { minLength: 1, maxLength: 3 }))
  .map(([name, list]) => `${name} in [${list.join(", ")}]`);
const method = fc
  .tuple(value, fc.constantFrom("startsWith", "endsWith", "contains"), text)
  .map(([name, call, parameter]) => `${name}.${call}(${parameter})`);
const networks = [
  "10.0.0.0/8",
  "10.0.0.0/31",
  "0.0.0.0/1",
  "fd00::/8",
  "::/3",
  "fe80::1",
  "11.0.0.0",
];
const network_list = fc.uniqueArray(fc.constantFrom(...networks), { minLength: 1, maxLength: 3 });
const inNetworks = fc
  .tuple(value, network_list)
  .map(([name, list]) => `ip_in(${name}, ${JSON.stringify(list)})`);
const inFile = value.map((name) => `${name} in file("list.txt")`);

/** Durations in milliseconds around the one between the event's time and now. */
const span_ms = fc.oneof(
  fc.constantFrom(0, now_ms - time_ms),
  fc.integer({ min: -100_000, max: 100_000 }),
);
/** Times, each with its milliseconds. */
const instant = fc.oneof(
  fc.constant(["now()", now_ms] as const),
  fc.constant(["time", time_ms] as const),
  span_ms.map((span) => {
    const at_ms = time_ms + span;
    return [`timestamp("${new Date(at_ms).toISOString()}")`, at_ms] as const;
  }),
);
const moved = fc.tuple(instant, span_ms).map(([[written, at_ms], span]) => {
  return [`(${written} + duration("${span}ms"))`, at_ms + span] as const;
});
const moments = fc.oneof(instant, moved);
const spans = fc.oneof(
  span_ms.map((span) => [`duration("${span}ms")`, span] as const),
  fc.tuple(moments, moments).map(([a, b]) => [`(${a[0]} - ${b[0]})`, a[1] - b[1]] as const),
);
const comparing = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
const timed = fc
  .tuple(fc.oneof(fc.tuple(moments, moments), fc.tuple(spans, spans)), comparing)
  .map(([[a, b], operator]) => ({
    expression: `${a[0]} ${operator} ${b[0]} && now() == now()`,
    expected: compared(a[1], operator, b[1]),
  }));

function compared(one: number, operator: string, other: number): boolean {
  if (operator === "==") return one === other;
  if (operator === "!=") return one !== other;
  if (operator === "<") return one < other;
  if (operator === "<=") return one <= other;
  return operator === ">" ? one > other : one >= other;
}

const presence = fc.constantFrom("has(c.d)", "has(c.x)", "has(a.b)", "has(x.y.z)");

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.oneof(comparison, order, membership, method, presence, value),
      fc.oneof(
        inNetworks,
        inFile,
        timed.map(({ expression }) => expression),
      ),
    ),
    fc
      .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie("condition").map((inner) => `!(${inner})`),
  ),
}));

const scalar = fc.oneof(
  fc.constantFrom(...texts).map((each) => `"${each}"`),
  fc.constantFrom(...numbers),
  fc.constantFrom("true", "false", "null", "{}", "[]", "[1]", '{"d":1}', '["x"]', "[null,1]"),
);

const member = fc.option(scalar, { freq: 4 });

const record = fc.tuple(member, member, member, member, member).map(([a, b, d, e, item]) => {
  const inner = [d && `"d":${d}`, e && `"e-f":${e}`].filter(Boolean);
  const members = [a && `"a":${a}`, b && `"b":${b}`, `"c":{${inner.join(",")}}`];
  if (item !== null) members.push(`"l":[${item}]`);
  return `{${members.filter(Boolean).join(",")}}`;
});

sampled(
  "conditions - closures and the CEL library give the same answer",
  { sample: 100, all: 3000 },
  (runs) => {
    fc.assert(
      fc.property(condition, record, (expression, text_of_record) => {
        const bare = evaluate(expression, text_of_record);
        expect(evaluate(`(${expression}) ? true : false`, text_of_record)).toBe(bare);
      }),
      { numRuns: runs },
    );
  },
);

/** Whether a JSON value is an address in one of the networks, by Node. */
function isIn(json: unknown, list: readonly string[]): boolean {
  const address = typeof json === "string" ? json.replace(/^::ffff:(?=\d+\.)/, "") : "";
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  const blocks = new BlockList();
  for (const network of list) {
    const [start = "", prefix] = network.split("/");
    const own = isIP(start) === 4 ? "ipv4" : "ipv6";
    if (own === family) blocks.addSubnet(start, Number(prefix ?? (own === "ipv4" ? 32 : 128)), own);
  }
  return isIP(address) !== 0 && blocks.check(address, family);
}

sampled(
  "conditions - addresses, lists and times are what Node's networks, sets and milliseconds say",
  { sample: 50, all: 3000 },
  (runs) => {
    fc.assert(
      fc.property(scalar, network_list, timed, (json, list, { expression, expected }) => {
        const parsed: unknown = JSON.parse(json);
        const text_of_record = `{"a":${json}}`;
        const is_listed =
          ["string", "number"].includes(typeof parsed) && listed.includes(String(parsed));
        const all: [string, boolean][] = [
          [`ip_in(a, ${JSON.stringify(list)})`, isIn(parsed, list)],
          ['a in file("list.txt")', is_listed],
          [expression, expected],
        ];
        for (const [each, outcome] of all) {
          expect(evaluate(each, text_of_record), each).toBe(outcome);
          expect(evaluate(`!(${each})`, text_of_record), each).toBe(!outcome);
        }
      }),
      { numRuns: runs },
    );
  },
);
