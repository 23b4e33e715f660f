/** The bundle gets Node's own modules by a call: an import of node:http loads much that nobody uses. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { withBuiltinModules } from "../../../scripts/bundle/builtin-modules.ts";
import { main } from "../../support/program.ts";

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
  ['import { a } from "./chunk.js";', 'import { a } from "./chunk.js";'],
])("builtin modules - %s", (line, expected) => {
  expect(withBuiltinModules(`x;\n${line}\ny;`)).toBe(`x;\n${expected}\ny;`);
});

test("builtin modules - an import of another form is refused", () => {
  expect(() => withBuiltinModules('import * as fs from "node:fs";')).toThrow("not known");
});

test("builtin modules - the daemon loads neither Node's fetch nor its web streams", () => {
  const [chunk] = globSync(join(dirname(main), "chunks", "run-*.js"));
  const script = `await import(${JSON.stringify(chunk)}); console.log(process.moduleLoadList.join("\\n"))`;
  const args = ["--input-type=module", "-e", script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toContain("NativeModule http\n");
  // An agent without TLS needs none.
  expect(stdout).not.toContain("NativeModule tls\n");
  expect(stdout).not.toMatch(/undici|internal\/webstreams|internal\/crypto\/webcrypto/);
});
