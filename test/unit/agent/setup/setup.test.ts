/** What a configuration becomes before it is used, and the digest that auditors can make again. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../../support/temporary.ts";

const source = new URL("../../../../src", import.meta.url).href;

/** In a process of its own, as the test runner has a loader of its own. */
async function digestOf(file: string): Promise<string> {
  const script = `
    import { prepareSetup } from "${source}/agent/setup/setup.ts";
    import { loadConfig } from "${source}/config/load.ts";
    import { silentLogger } from "${source}/platform/log.ts";
    const setup = await prepareSetup(await loadConfig(process.argv[1]), silentLogger);
    console.log(setup.digest);`;
  const options = ["--input-type=module", "--eval", script, file];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return stdout.trim();
}

test("setup - its digest is what sha256sum makes of the configuration and the plugins", async () => {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(join(plugins, "lib"), { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): void =>
    writeFileSync(join(plugins, name), text, { mode: 0o600 });
  write(
    "b.mjs",
    `import "./lib/x.mjs"; export default { name: "b", create: () => (event) => event };`,
  );
  write("a.mjs", `export default { name: "a", create: () => (event) => event };`);
  write("lib/x.mjs", "export const x = 1;");
  const file = join(directory, "config.yaml");
  writeFileSync(
    file,
    `plugins_dir: ${plugins}\ninputs: { a: { paths: [/a] } }\noutput: { url: "https://s:8088", token: x }\n`,
    { mode: 0o600 },
  );
  const byHand = (): string =>
    execFileSync(
      "/bin/sh",
      ["-c", `(sha256sum config.yaml; cd plugins; sha256sum a.mjs b.mjs lib/x.mjs) | sha256sum`],
      { cwd: directory, encoding: "utf8" },
    ).slice(0, 64);
  const digests = [await digestOf(file)];
  expect(digests[0]).toBe(byHand());
  write("a.mjs", `export default { name: "c", create: () => (event) => event };`);
  digests.push(await digestOf(file));
  expect(digests[1]).toBe(byHand());
  expect(new Set(digests).size).toBe(2);
});
