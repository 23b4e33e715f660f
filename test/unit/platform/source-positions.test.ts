import { globSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { inSource } from "../../../src/platform/source-positions.ts";

/** Where a text begins that a file has once, as FILE:LINE:COLUMN. */
function placeOf(text: string, file: string): string {
  const before = readFileSync(file, "utf8").split(text);
  expect(before, `${file} has ${text}`).toHaveLength(2);
  const lines = before[0]!.split("\n");
  return `${lines.length}:${lines.at(-1)!.length + 1}`;
}

function builtFileWith(text: string): string {
  const files = globSync("dist/{*,chunks/*,plugins/*}.js");
  return files.find((file) => readFileSync(file, "utf8").includes(text))!;
}

describe("source-positions", () => {
  test.each([
    ["src/cli/main.ts", "(major < 22"],
    ["src/chain/plugins/load-plugins.ts", "(refusals.length === 0)"],
    ["plugins/filter.ts", "(condition(event)) return event"],
  ])("source-positions - a stack of the built program names lines of %s", (source, text) => {
    const file = builtFileWith(text);
    // The maps know names and operators; the parenthesis is none.
    const [line, column] = placeOf(text, file).split(":").map(Number);
    const [in_line, in_column] = placeOf(text, source).split(":").map(Number);
    const stack = `Error: no\n    at run (${pathToFileURL(file).href}:${line}:${column! + 1})`;
    expect(inSource(stack)).toBe(`Error: no\n    at run (${source}:${in_line}:${in_column! + 1})`);
  });

  test("source-positions - those of other files, and of no file, stay as they are", () => {
    const built = pathToFileURL("dist/tallyman.js").href;
    for (const stack of [
      "at file:///etc/tallyman/plugins/a.mjs:1:2",
      "at node:internal/process:3:4",
      `at ${built}.gone:1:1`,
      built,
      "",
    ]) {
      expect(inSource(stack)).toBe(stack);
    }
  });
});
