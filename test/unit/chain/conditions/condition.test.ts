/** Conditions: what they see of an event, what a missing value means, and what is refused when they are compiled. */
import { describe, expect, test } from "vitest";
import { ExpressionError } from "../../../../src/chain/conditions/cel-literal.ts";
import { StepFailure } from "../../../../src/platform/step-failure.ts";
import { UnreadableError } from "../../../../src/event/event.ts";
import { compiledCondition } from "../../../support/events/conditions.ts";

const record = `{
  "api": {"name": "HeadObject", "statusCode": 200, "status-text": "OK", "time": 1.5, "none": null},
  "id": 9007199254740993, "items": [{"x": 1}, {"x": 2, "y": "z"}], "tags": ["a", "b"], "flag": true,
  "type": "audit", "string": "s", "empty": "", "constructor": {"constructor": 1}, "neg": -5, "two": 2.0
}`;

function evaluate(expression: string, text = record): boolean {
  return compiledCondition(expression).holds(text);
}

describe("values", () => {
  test.each([
    ['api.name == "HeadObject" && api.statusCode == 200', true],
    ['api.name == "HeadObject" && api.statusCode == 404', false],
    ['api.name != "GetObject"', true],
    ['api["status-text"] == "OK"', true],
    ['(api)["name"].startsWith("Head") && has(api.time)', true],
    ["api.statusCode in [200, 204]", true],
    ['api.name in ["GetObject", "HeadObject"]', true],
    ["api.statusCode >= 200 && api.statusCode < 300", true],
    ["api.statusCode == 200.0", true],
    ["api.statusCode + 1 == 201", true],
    ["api.time > 1 && api.time < 2", true],
    ["api.none == null", true],
    ["neg == -5 && neg < -4 && neg > -6", true],
    ["two == 2 && two == 2.0", true],
    ["id == 9007199254740993", true],
    ["id == 9007199254740992", false],
    ["id > 9007199254740992", true],
    ["id + 0 == 9007199254740993", true],
    ["flag", true],
    ["!flag", false],
    ['flag ? api.name == "HeadObject" : false', true],
    ["items[1].x == 2", true],
    ["items.exists(i, i.x == 2)", true],
    ["items.all(i, i.x > 1)", false],
    ["items.exists(i, has(i.y) && i.y == 'z')", true],
    ["items.filter(i, i.x > 1).size() == 1", true],
    ["items.map(i, i.x) == [1, 2]", true],
    ["items.map(api, api.x).exists(x, x == 2)", true],
    ["cel.bind(n, api.statusCode, n == 200 && api.time == 1.5)", true],
    ["items.exists(i, i.x == api.statusCode || flag && i.x == 2)", true],
    ["items.exists(i, has(api.name) && i.x == 1)", true],
    ["cel.bind(n, items, n.exists(i, i.x == 2))", true],
    ["[[1], [2]].exists(l, l.exists(n, n == 2 && l != tags))", true],
    ['"a" in tags && tags.size() == 2', true],
    ['"name" in api', true],
    ['api.name.matches("^Head(Object|Bucket)$")', true],
    ['api.name.matches("Obj")', true],
    ['api.name.lowerAscii() == "headobject"', true],
    ["size(tags) == 2", true],
    ['type == "audit" && string == "s"', true],
    ["type(api.name) == string && type(id) == int", true],
    ["constructor.constructor == 1", true],
    ["items[0] == {'x': 1}", true],
    ["empty == '' && empty.size() == 0", true],
    ['api.name.contains("Obj") && api.name.endsWith("ct")', true],
    ['"\\u0048eadObject" == api.name', true],
    ["true", true],
  ])("conditions - %s is %s", (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });
});

describe("missing values", () => {
  test.each([
    ['api.nothing == "x"', false],
    ['api.nothing != "x"', false],
    ['!(api.nothing == "x")', false],
    ["!api.nothing", false],
    ['nothing.at.all == "x"', false],
    ['api.name.deeper == "x"', false],
    ["items[7].x == 1", false],
    ["api.nothing + 1 == 2", false],
    ["items[0].y == 'z' || flag", true],
    ["flag || items[0].y == 'z'", true],
    ["nothing.x == 1 || api.statusCode == 200", true],
    ["nothing.x == 1 && api.statusCode == 200", false],
    ["items.exists(i, i.y == 'z')", true],
    ["items.exists(i, i.q == 'z')", false],
    ["has(api.name)", true],
    ["has(api.none)", true],
    ["has(api.nothing)", false],
    ["!has(api.nothing)", true],
    ["!has(nothing.at.all)", true],
    ["!has(api.name.deeper)", true],
    ["!has(api.nothing) || api.nothing == 1", true],
    ["has(api.nothing) ? api.nothing > 1 : true", true],
  ])("conditions - %s is %s", (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });
});

describe("failures", () => {
  test.each([
    "api.name < 5",
    'api.statusCode.startsWith("2")',
    "api.name",
    "flag && api.name",
    "api.name + 1 == 2",
    "id + 9223372036854775807 == 0",
    "items.exists(i, i.x.startsWith('a'))",
    "neg / 0 == 1",
  ])("conditions - %s fails on a value of a wrong type, and tells none of it", (expression) => {
    let thrown: unknown;
    try {
      evaluate(expression);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(StepFailure);
    expect((thrown as Error).message).not.toMatch(/HeadObject|9007199254740993|200/);
  });

  test.each(["a == 1", "a + 1 == 2", "has(a.b)", "true || a == 1", "a == 1 || true || a + 1 == 2"])(
    "conditions - %s throws UnreadableError where the event is not JSON",
    (expression) => {
      expect(() => evaluate(expression, "{nope")).toThrow(UnreadableError);
    },
  );
});

describe("mistakes", () => {
  test.each([
    ['api.name == "x" &&', 18, /Unexpected token/],
    ["api.name = 1", 9, /Unexpected character/],
    ["1 + 2", 0, /type int/],
    ['"text"', 0, /type string/],
    ["api.name.matches(pattern)", 17, /string literal/],
    ['api.name.matches("(")', 17, /pattern of matches/],
    ['api.name.matches("(?=x)")', 17, /pattern of matches/],
    ["api.name.nonsense()", undefined, /nonsense/],
    ["nonsense(api.name)", undefined, /nonsense/],
    ["flag && 1 + 'x' == 2", 8, /there is no \+ between a number and a text/],
    ["has(api)", undefined, /has/],
    ["a == 1u", undefined, /unsigned/],
    [`${"(".repeat(100)}a${")".repeat(100)}`, undefined, /maxDepth/],
    [`a == 1${" || a == 1".repeat(5000)}`, undefined, /longer than/],
    [`${"!".repeat(16_000)}a`, undefined, /maxAstNodes|nested too deep/],
    ["a..b", undefined, /./],
    ["", undefined, /Unexpected token/],
    ["a.?b == 1", undefined, /./],
    // Their time would grow with the square of the event's size.
    ["items.exists(i, tags.exists(t, t == i.x))", 16, /inside a loop/],
    ["items.exists(i, i.x in tags)", 23, /inside a loop/],
    ["items.exists(i, api.name.contains(i.x))", 20, /inside a loop/],
    ["items.exists(i, i.x.contains(api.name))", 33, /inside a loop/],
    ["items.exists(i, size(tags) > 1)", 21, /inside a loop/],
    ["items.map(i, tags).exists(l, l.exists(t, t == 'a'))", 13, /inside a loop/],
    ["[items].exists(l, l.exists(a, l.exists(b, a == b)))", 30, /inside a loop/],
    ["cel.bind(l, items, l.exists(a, l.exists(b, a == b)))", 31, /inside a loop/],
  ])("conditions - %s is refused", (expression, position, message) => {
    let thrown: unknown;
    try {
      evaluate(expression);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ExpressionError);
    expect((thrown as ExpressionError).message).toMatch(message);
    if (position !== undefined) expect((thrown as ExpressionError).position).toBe(position);
  });
});

describe("cost", () => {
  test("conditions - a hostile value does not make matches() slow", () => {
    // A backtracking engine needs 2^40 steps for this; a linear one ends before a person notices.
    const text = JSON.stringify({ a: `${"a".repeat(40)}!` });
    expect(evaluate('a.matches("^(a+)+$")', text)).toBe(false);
    const long = JSON.stringify({ a: `${"a".repeat(100_000)}!` });
    expect(evaluate('a.matches("^(a|aa)+$")', long)).toBe(false);
  });
});

describe("metadata", () => {
  const evaluateWith = (expression: string, text = record): boolean => {
    return compiledCondition(expression).holds(text, (event) => {
      event.sourcetype = "weka:s3";
      event.fields = { environment: "production", level: 3, tags: ["a", "b"] };
    });
  };

  test.each([
    ['metadata("sourcetype") == "weka:s3"', true],
    ['metadata("sourcetype").startsWith("weka:") && flag', true],
    ['metadata("index") == "main"', false],
    ['metadata("index") != "main"', false],
    ['metadata("fields.environment") in ["production", "staging"]', true],
    ['metadata("fields.level") + 1 == 4', true],
    ['metadata("fields.tags").exists(t, t == "b")', true],
    ['metadata("fields.constructor") == "x"', false],
  ])("condition - %s is %s", (expression, outcome) => {
    expect(evaluateWith(expression)).toBe(outcome);
  });

  test("condition - is there for an event that is not JSON", () => {
    expect(evaluateWith('metadata("sourcetype") == "weka:s3"', "not JSON")).toBe(true);
    expect(() => evaluateWith('metadata("sourcetype") == "weka:s3" && flag', "not JSON")).toThrow(
      UnreadableError,
    );
  });

  test("condition - leaves an event its own value of that name", () => {
    expect(evaluateWith('metadata.index == "a"', '{"metadata":{"index":"a"}}')).toBe(true);
  });

  test.each(['metadata("owner") == "x"', "metadata(flag)", "metadata()", 'metadata("fields.")'])(
    "condition - %s is refused",
    (expression) => {
      expect(() => evaluateWith(expression)).toThrow(/metadata\(\) needs one of/);
    },
  );
});
