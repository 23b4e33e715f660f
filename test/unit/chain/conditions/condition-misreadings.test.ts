/** Conditions that say other than their author meant: what is refused, what gets a note, and the name of the event itself. */
import { describe, expect, test } from "vitest";
import { ExpressionError } from "../../../../src/chain/conditions/cel-literal.ts";
import { compiledCondition } from "../../../support/events/conditions.ts";

const record = `{
  "log.level": "debug", "@timestamp": "2024", "namespace": "kube-system", "user": "root", "x-y": 1, "action": "own",
  "event": {"action": "login", "log.level": "info", "event": "deep"}, "end": 9, "start": 2, "in": 1,
  "requestHeader": {"User-Agent": "aws-sdk", "X-Amz-Date": "2024"}, "labels": {"app.kubernetes.io/name": "n"}
}`;

function compile(expression: string) {
  const { notes, holds } = compiledCondition(expression);
  return { notes, holds: (text = record) => holds(text) };
}

function refusalOf(expression: string): ExpressionError {
  try {
    compile(expression);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ExpressionError);
    return thrown as ExpressionError;
  }
  throw new Error(`${expression} is not refused`);
}

describe("signs in keys", () => {
  const user_agent = 'requestHeader["User-Agent"]';

  test.each([
    ['requestHeader.User-Agent == "aws-sdk"', 14, user_agent],
    ['"aws-sdk" == requestHeader.User-Agent', 27, user_agent],
    ['requestHeader.User-Agent != "aws-sdk"', 14, user_agent],
    ['requestHeader.User-Agent > "a"', 14, user_agent],
    ["requestHeader.User-Agent == true", 14, user_agent],
    ["requestHeader.User-Agent == null", 14, user_agent],
    ["has(requestHeader.User-Agent)", 18, user_agent],
    ['requestHeader.User-Agent in ["a", "b"]', 14, user_agent],
    ['"a" in requestHeader.User-Agent', 21, user_agent],
    ["size(requestHeader.User-Agent) > 3", 19, user_agent],
    ['requestHeader.User-Agent.startsWith("aws")', 14, user_agent],
    ['requestHeader.User-Agent.matches("aws")', 14, user_agent],
    ["user.startsWith(requestHeader.User-Agent)", 30, user_agent],
    ["!requestHeader.User-Agent", 15, user_agent],
    ["requestHeader.User-Agent && true", 14, user_agent],
    ["true || requestHeader.User-Agent", 22, user_agent],
    ["requestHeader.User-Agent ? true : false", 14, user_agent],
    ["requestHeader.User-Agent", 14, user_agent],
    ['users.exists(u, u.first-name == "x")', 18, 'u["first-name"]'],
    ['requestHeader.X-Amz-Date == "2024"', 14, 'requestHeader["X-Amz-Date"]'],
    ['x-forwarded-host == "1"', 0, 'event["x-forwarded-host"]'],
    ['x-forwarded-for == "1"', 12, 'event["x-forwarded-for"]'],
    ['labels.app.kubernetes.io/name == "x"', 7, 'labels["app.kubernetes.io/name"]'],
    ['a[0]["b"].c-d == "x"', 10, 'a[0]["b"]["c-d"]'],
  ])("conditions - %s is refused, with what to write", (expression, position, spelling) => {
    const refusal = refusalOf(expression);
    expect(refusal.message).toContain(` is written ${spelling}`);
    expect(refusal.position).toBe(position);
    // What is advised is understood, and needs no further advice.
    expect(compile(`${spelling} == "x"`).notes).toEqual([]);
  });

  test.each([
    '-user == "x"',
    'end - 1 == "x"',
    'end * start in ["x"]',
    'end % 2 == "0"',
    "(end - start).x == 1",
  ])("conditions - %s is refused, as no value of it can be meant", (expression) => {
    expect(refusalOf(expression).message).toMatch(/is (never|neither|in no)/);
  });

  test("conditions - what may be arithmetic is taken, with a note where there are no blanks", () => {
    for (const expression of [
      "end - start == 7",
      "end - start in [7, 8]",
      "-start == -2 && start > -3",
      "end / start == 4 || end % start == 1",
      "end-7 == start",
      "int(end - start) == 7",
      'user + "x" == "rootx"',
      'user == "a-b" || end == 9',
    ]) {
      expect(compile(expression).notes, expression).toEqual([]);
      expect(compile(expression).holds(), expression).toBe(true);
    }
    const { notes, holds } = compile("end-start == 7");
    expect(holds()).toBe(true);
    expect(notes).toEqual([
      expect.stringMatching(/^0: "-" is a calculation here; .* event\["end-start"\]/),
    ]);
  });
});

describe("types", () => {
  test.each([
    ['size(user) == "4"', "numbers are written without quotes"],
    ['"4" == user.size()', "numbers are written without quotes"],
    ['int(end) in ["9"]', "numbers are written without quotes"],
    ['1 == "1"', "numbers are written without quotes"],
    ['has(event.user) == "true"', "stands by itself"],
    ['user.startsWith("a") != 1', "stands by itself"],
    ['"true" == (end > 2)', "stands by itself"],
  ])("conditions - %s is refused, as what it compares never fits", (expression, advice) => {
    expect(refusalOf(expression).message).toContain(advice);
  });

  test("conditions - what may fit is taken", () => {
    for (const expression of ["has(event.user) == true", "(end > 2) == (start > 1)", 'user != "4"'])
      expect(compile(expression).holds(), expression).toBe(true);
  });

  test.each([
    ["user == None", "null is written null"],
    ["user == True || end == 9", "true is written true"],
    ["user != undefined", "null is written null"],
  ])("conditions - %s gets a note: %s", (expression, note) => {
    expect(compile(expression).notes).toEqual([expect.stringContaining(note)]);
  });
});

describe("the event itself", () => {
  test.each([
    ['event["log.level"] == "debug"', true],
    ['event["@timestamp"] < "2025"', true],
    ['event.namespace == "kube-system"', true],
    ['event["in"] == 1', true],
    ['event["x-y"] == 1', true],
    ["has(event.user)", true],
    ["has(event.nobody)", false],
    ['has(event["log.level"])', true],
    ['has(event["log"])', false],
    ['event.user == "root"', true],
    ['event["requestHeader"]["User-Agent"] == "aws-sdk"', true],
    // A key called event, and what is below it.
    ['event.event.action == "login"', true],
    ['event["event"].action == "login"', true],
    ['event.event["log.level"] == "info"', true],
    ['event.event.event == "deep"', true],
    ["has(event.event)", true],
    ['event.action == "login"', false],
    ['event.action == "own"', true],
    ['"action" in event', true],
    ["event.size() == 3", true],
    ['[{"action": "x"}].exists(event, event.action == "x")', true],
  ])("conditions - %s is %s", (expression, expected) => {
    expect(compile(expression).holds()).toBe(expected);
  });

  test("conditions - event alone is the value at that key, as in the events of structlog", () => {
    const structlog = '{"event": "user logged in"}';
    expect(compile('event == "user logged in"').holds(structlog)).toBe(true);
    expect(compile('event.startsWith("user")').holds(structlog)).toBe(true);
    expect(compile('event in ["user logged in"]').notes).toEqual([]);
  });

  test.each([
    ['event.action == "login"', true],
    ['has(event.action) && event.event.kind == "x"', true],
    ['api.name == "x" && event.user == "root"', true],
    ["has(event.user)", false],
    ['event["action"] == "login"', false],
    ['event.namespace == "x"', false],
    ['event.event.action == "x"', false],
    ["items.exists(event, event.action == 1)", false],
  ])("conditions - %s, is there a note: %s", (expression, expected) => {
    const { notes } = compile(expression);
    expect(notes).toHaveLength(expected ? 1 : 0);
    if (expected) expect(notes[0]).toMatch(/is written event\.event\.(action|user)$/);
  });

  test.each([
    ["has(user)", "has(event.user)"],
    ['namespace == "x"', "event.namespace"],
    ['user == "x" && package == 1', "event.package"],
    ['@timestamp < "2025"', 'event["@timestamp"]'],
    ["api.in == 1", 'api["in"]'],
    ["api.$ref == 1", 'api["$ref"]'],
    ["api.größe == 1", 'api["größe"]'],
    ['user = "x"', "=="],
    ['user == "x" AND end == 1', "&&"],
    ['not user == "x"', "!"],
    ["user is null", "=="],
    ["user is not null", "!="],
    ['user <> "x"', "!="],
    ['user =~ "x"', 'name.matches("pattern")'],
    ["user == /x/", 'name.matches("pattern")'],
    ['user like "x*"', 'name.matches("pattern")'],
    ['user contains "x"', 'name.contains("text")'],
    ['user in ("a", "b")', 'brackets: ["a", "b"]'],
    ['items[*].name == "x"', "items.exists(each, "],
    ['items[].name == "x"', "items.exists(each, "],
    ['items.*.name == "x"', "items.exists(each, "],
    // Paths of other tools.
    ['$.api.name == "x"', "the value is written api.name"],
    ['/api/name == "x"', "the value is written api.name"],
    ['.api.name == "x"', "the value is written api.name"],
    ['$["log.level"] == "x"', 'the value is written event["log.level"]'],
    // Functions of other languages.
    ["len(user) == 2", "write size(name)"],
    ['lower(user) == "x"', "write name.lowerAscii()"],
    ['user.toLower() == "x"', "write name.lowerAscii()"],
    ["exists(user)", "write has(event.name)"],
    ['cidrmatch("10.0.0.0/8", user)', "write ip_in("],
    ["sizes(user) == 2", "did you mean size()?"],
    ['user == "x" and end == 1', "&&"],
  ])("conditions - %s is refused, with what to write: %s", (expression, advice) => {
    expect(refusalOf(expression).message).toContain(advice);
  });
});
