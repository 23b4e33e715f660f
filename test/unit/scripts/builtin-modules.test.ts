/** The bundle gets Node's own modules by a call: an import of node:http loads much that nobody uses. */
import { spawnSync } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { withBuiltinModules, withBuiltinRequire } from "../../../scripts/bundle/builtin-modules.ts";
import { main } from "../../support/program.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test.each([
  [
    'import { request as ask, Agent } from "node:http";',
    'const { request: ask, Agent } = globalThis.process.getBuiltinModule("node:http");',
  ],
  [
    'import fs, { readSync } from "node:fs";',
    'const fs = globalThis.process.getBuiltinModule("node:fs"), ' +
      '{ readSync } = globalThis.process.getBuiltinModule("node:fs");',
  ],
  [
    'import line, * as lines from "node:readline";',
    'const line = globalThis.process.getBuiltinModule("node:readline"), ' +
      'lines = globalThis.process.getBuiltinModule("node:readline");',
  ],
  ['import { a } from "./chunk.js";', 'import { a } from "./chunk.js";'],
  [
    'import { hash as sum, randomUUID } from "node:crypto";',
    'let late_crypto; const sum = (...args) => (late_crypto ??= globalThis.process.getBuiltinModule("node:crypto")).hash(...args), ' +
      'randomUUID = (...args) => (late_crypto ??= globalThis.process.getBuiltinModule("node:crypto")).randomUUID(...args);',
  ],
])("builtin modules - %s", (line, expected) => {
  expect(withBuiltinModules(`x;\n${line}\ny;`)).toBe(`x;\n${expected}\ny;`);
});

test("builtin modules - an import of another form is refused", () => {
  expect(() => withBuiltinModules('import * as all from "node:crypto";')).toThrow("not known");
});

test("builtin modules - a class of a module that is got late is refused", () => {
  const code = 'import { X509Certificate } from "node:crypto";';
  expect(() => withBuiltinModules(code)).toThrow("X509Certificate of node:crypto is a class");
});

test("builtin modules - a library that requires what is not in the bundle is refused", () => {
  expect(() => withBuiltinModules('const fs = __require("fs");')).not.toThrow();
  expect(() => withBuiltinModules('const colours = __require("colours");')).toThrow("colours");
  expect(() => withBuiltinRequire("var __require = 1;")).toThrow("another `require`");
});

test("builtin modules - what is got late works as if it was imported", () => {
  const code = [
    'import { hash as sum } from "node:crypto";',
    'import children from "node:child_process";',
    "const loaded = () => process.moduleLoadList.includes('NativeModule crypto');",
    "const before = loaded();",
    "const { stdout } = children.spawnSync('echo', ['heard'], { encoding: 'utf8' });",
    "console.log(before, sum('sha1', 'a'), loaded(), stdout);",
  ].join("\n");
  const args = ["--input-type=module", "-e", withBuiltinModules(code)];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toBe("false 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 true heard\n\n");
});

const output = { url: "http://127.0.0.1:8088", token: "any" };

test.each([
  ["--version", ["crypto", "child_process", "http", "perf_hooks", "zlib"]],
  ["check", ["crypto", "child_process", "http", "perf_hooks", "zlib"]],
])("builtin modules - `%s` loads none that it does not use", (command, unused) => {
  const look = `process.reallyExit = () => { console.log(process.moduleLoadList.join("\\n")); };`;
  const preload = `data:text/javascript,${encodeURIComponent(look)}`;
  const file = join(temporaryDirectory(), "config.yaml");
  const chain = [{ redact: { fields: ["password"] } }];
  const settings = { inputs: { audit: { paths: ["/var/log/audit.log"] } }, chain, output };
  writeFileSync(file, JSON.stringify(settings));
  const args = ["--import", preload, main, command, ...(command === "check" ? ["-c", file] : [])];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (command === "check") expect(stdout).toContain("is valid");
  const loaded = stdout.split("\n").filter((line) => line.startsWith("NativeModule "));
  expect(loaded).toContain("NativeModule events");
  for (const module of unused) expect(loaded).not.toContain(`NativeModule ${module}`);
});

test("builtin modules - the daemon loads neither Node's fetch nor its web streams", () => {
  // Behind the name is a hash of eight characters.
  const chunks = globSync(join(dirname(main), "chunks", "run-????????.js"));
  expect(chunks).toHaveLength(1);
  const [chunk] = chunks;
  const script = `await import(${JSON.stringify(chunk)}); console.log(process.moduleLoadList.join("\\n"))`;
  const args = ["--input-type=module", "-e", script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toContain("NativeModule http\n");
  // An agent without TLS needs none.
  expect(stdout).not.toContain("NativeModule tls\n");
  expect(stdout).not.toMatch(/undici|internal\/webstreams|internal\/crypto\/webcrypto/);
});
