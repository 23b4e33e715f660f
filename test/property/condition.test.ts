/**
 * Conditions as closures against the CEL library: they say the same of every value.
 *
 * A condition in `x ? true : false` is left to the library, so each is compiled both ways and run on
 * the same event.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { StepFailure } from "../../src/platform/step-failure.ts";
import { compiledCondition } from "../support/conditions.ts";
import { sampled } from "../support/effort.ts";

type Answer = boolean | "failure";

function evaluate(expression: string, record: string): Answer {
  const { holds } = compiledCondition(expression);
  try {
    return holds(record);
  } catch (thrown) {
    if (thrown instanceof StepFailure) return "failure";
    throw thrown;
  }
}

const names = ["a", "b", "c.d", 'c["e-f"]', "l[0]"] as const;
const texts = ["", "x", "xy", "200", "true", "null", "ü\\n", "constructor"] as const;
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
const presence = fc.constantFrom("has(c.d)", "has(c.x)", "has(a.b)", "has(x.y.z)");

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(comparison, order, membership, method, presence, value),
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
  { sample: 300, all: 3000 },
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
