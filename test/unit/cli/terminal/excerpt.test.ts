/** The line that an error is about, with its mark: golden texts, and secrets left out. */
import { expect, test } from "vitest";
import { excerptOf } from "../../../../src/cli/terminal/excerpt.ts";

function excerpt(source: string, [line, column]: [number, number], message = ""): string[] {
  return excerptOf(source.split("\n"), { line, column, message }).map((each) => each.slice(6));
}

test.each([
  ["a key, up to its colon", "  framming: lines", 3, "  ^^^^^^^^"],
  ["a value", "  paths: /a b", 10, "         ^^"],
  ["a quoted value whole", 'a: "b c", d', 4, "   ^^^^^"],
  ["an item of a list", "a: [one, two]", 10, "         ^^^"],
  ["one place where nothing is", "a:", 3, "  ^"],
  ["behind a tab", "\ta: b", 5, "    ^"],
  ["behind wide characters", "日本: xyz", 5, "      ^^^"],
])("excerpt - marks %s", (_what, source, column, mark) => {
  const [shown, below] = excerpt(source, [1, column]);
  expect(shown).toBe(`| ${source.replace("\t", " ")}`);
  expect(below).toBe(`| ${mark}`);
});

test("excerpt - marks the character in a condition that stands in the line as it is", () => {
  const message = "this condition is wrong at character 3: Unexpected character";
  expect(excerpt("drop: 'a = 1'", [1, 7], message)[1]).toBe("|          ^");
  expect(excerpt("drop: a = 1", [1, 7], message)[1]).toBe("|         ^");
  expect(excerpt(String.raw`drop: "\u0061 = 1"`, [1, 7], message)[1]).toBe("|       ^^^^^^^^^^^^");
  expect(excerpt("drop: |\n  a = 1", [1, 7], message)[1]).toBe("|       ^");
});

test("excerpt - a long line is cut around the place, and fits", () => {
  const source = `a: [${"0123456789, ".repeat(100)}]`;
  const lines = excerptOf([source], { line: 1, column: 601, message: "" });
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const at = lines[1]!.indexOf("^");
  expect(lines[0]!.slice(at, at + 10)).toBe(source.slice(600, 610));
});

test("excerpt - control characters of the file do not reach the terminal", () => {
  const [shown, mark] = excerpt("a\u001b[31m: b", [1, 9]);
  expect(shown).toBe(String.raw`| a\x1b[31m: b`);
  expect(mark).toBe(`| ${" ".repeat(11)}^`);
});

const secret = "s3cr3t-value";

test.each([
  ["beside its key", `token: ${secret}`, 1, 1],
  ["beside a key in quotes", `"my token": ${secret}`, 1, 1],
  ["in braces", `output: { url: x, token: ${secret}, tls: {} }`, 1, 11],
  ["in braces, with the place behind it", `output: { token: ${secret}, tls: {} }`, 1, 33],
  ["in the item of a list", `- token: ${secret}`, 1, 3],
  ["as an item", `tokens: [a, ${secret}]`, 1, 1],
  ["below its key", `tokens:\n  - ${secret}`, 2, 5],
  ["below its key, deeper", `  tokens:\n    - a\n\n    # b\n    - ${secret}`, 5, 7],
  ["in lines of a block", `tls:\n  private: |\n    abc\n    ${secret}`, 4, 5],
  ["as the password of a URL", `url: "https://me:${secret}@host"`, 1, 6],
  ["in the events of tests", `tests:\n  - event: { a: ${secret} }`, 2, 5],
  ["where the file is no YAML", `a: [\n  token: ${secret}`, 2, 3],
])("excerpt - shows no secret %s", (_where, source, line, column) => {
  const shown = excerpt(source, [line, column]).join("\n");
  expect(shown).not.toContain(secret);
  expect(shown).not.toContain(secret.slice(3));
});

test("excerpt - a reference is no secret, and is shown", () => {
  expect(excerpt("token: ${env:TOKN}", [1, 8])[0]).toBe("| token: ${env:TOKN}");
});
