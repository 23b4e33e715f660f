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
  ["where a blank is missing", `output:\n  token:${secret}\n  url: x`, 2, 3],
  ["where a blank is missing in braces", `output: { url: x, token:${secret} }`, 1, 19],
  ["where a blank is missing behind a key", `output: token:${secret}`, 1, 9],
  ["behind a name that is mistyped", `output:\n  tokn: ${secret}`, 2, 3],
  ["behind another name that is mistyped", `output: { url: x, pasword: ${secret} }`, 1, 19],
  ["behind the name that another program has", `fleet:\n  creds: ${secret}`, 2, 3],
  ["below a name that is mistyped", `tokns:\n  - ${secret}`, 2, 5],
  ["where the colon is missing", `output:\n  token ${secret}\n  url: x`, 2, 3],
  ["behind an equals sign", `output:\n  token=${secret}`, 2, 3],
  ["behind an equals sign and blanks", `output:\n  token = ${secret}`, 2, 3],
  ["in JSON without blanks", `{"output":{"token":"${secret}","url":"x","url":"y"}}`, 1, 1],
  ["behind a tag", `output:\n  !!str token: ${secret}`, 2, 3],
  ["behind an anchor", `output:\n  &a token: ${secret}`, 2, 3],
  ["on the line of the value alone", `output:\n  ? token\n  : ${secret}`, 3, 5],
  ["behind a name with an escape", `output:\n  "tok\\x65n": ${secret}`, 2, 3],
  ["as an item right below its key", `a:\n  tokens:\n  - ${secret}`, 3, 5],
  ["as a later item right below its key", `tokens:\n- a\n- ${secret}`, 3, 3],
  ["in an item right below its key", `tokens:\n- name: a\n  value: ${secret}`, 3, 3],
  ["in the events of tests right below", `tests:\n- event: { a: ${secret} }`, 2, 3],
  ["in a quote that goes on too far left", `a:\n  private_key: "x\n${secret}`, 3, 1],
  ["in a block that goes on too far left", `a:\n  private_key: |\nx\n${secret}`, 4, 1],
  ["as the password of a URL with an @ in it", `url: https://me:a@${secret}@host`, 1, 6],
  ["as the password of a URL with a slash in it", `url: https://me:a/${secret}@host`, 1, 6],
])("excerpt - shows no secret %s", (_where, source, line, column) => {
  const shown = excerpt(source, [line, column]).join("\n");
  expect(shown).not.toContain(secret);
  expect(shown).not.toContain(secret.slice(3));
});

test("excerpt - a reference is no secret, and is shown", () => {
  expect(excerpt("token: ${env:TOKN}", [1, 8])[0]).toBe("| token: ${env:TOKN}");
});

test.each([
  ["a condition", 'drop: event.object.key = "x"', 1, 7],
  ["a comparison", 'drop: event.token == "x"', 1, 7],
  ["fields with such names", "fields: [password, session_token]", 1, 9],
  ["a line below a secret", "token: abc\nurl https://x", 2, 1],
  ["a line beside a secret in an item", "- token: abc\n  mode: x", 2, 9],
])("excerpt - shows %s", (_what, source, line, column) => {
  expect(excerpt(source, [line, column])[0]).toBe(`| ${source.split("\n")[line - 1]}`);
});
