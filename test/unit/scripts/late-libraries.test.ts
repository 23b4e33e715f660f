/** The library of patterns is a file of the bundle that is loaded with the first pattern, and not before. */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { withLateLibraries } from "../../../scripts/bundle/late-libraries.ts";
import { writeConfig } from "../../support/agent-config.ts";
import { longTest } from "../../support/effort.ts";
import { main } from "../../support/program.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const libraries = new Map([["re2js", "chunks/re2js-1.js"]]);

test("late libraries - a library is required by the name of its file", () => {
  const code = 'library ??= createRequire(import.meta.url)("re2js");';
  expect(withLateLibraries(code, "chunks/a.js", libraries)).toBe(
    'library ??= createRequire(import.meta.url)("./re2js-1.js");',
  );
  expect(withLateLibraries(code, "plugin.js", libraries)).toContain('("./chunks/re2js-1.js")');
});

test("late libraries - one that is not in the bundle is refused", () => {
  const code = 'createRequire(import.meta.url)("other");';
  expect(() => withLateLibraries(code, "a.js", libraries)).toThrow("other is required");
});

longTest("late libraries - the bundle loads patterns with the first one", () => {
  const directory = temporaryDirectory();
  const program = join(directory, "dist");
  cpSync(dirname(main), program, { recursive: true });
  cpSync("package.json", join(directory, "package.json"));
  const check = (lines: { chain?: string[]; input?: string[] }): string => {
    const url = "http://127.0.0.1:9";
    writeConfig({ directory, url, paths: [join(directory, "audit.log")], ...lines });
    const args = [join(program, "tallyman.js"), "check", "-c", join(directory, "config.yaml")];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return stdout + stderr;
  };
  const condition = { chain: [`filter: { drop: 'a.matches("x")' }`] };
  const framing = { input: ["framing: { multiline: { start: x } }"] };
  expect(check({ ...condition, ...framing })).toContain("is valid");
  for (const file of globSync(join(program, "chunks/re2js-*.js"))) rmSync(file);
  expect(check({ chain: [`filter: { drop: 'a == "x"' }`] })).toContain("is valid");
  expect(check(condition)).toContain("Cannot find module");
  expect(check(framing)).toContain("Cannot find module");
});
