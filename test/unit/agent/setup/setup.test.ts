/** What a configuration becomes before it is used, and the digest that auditors can make again. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../../support/temporary.ts";

const source = new URL("../../../../src/", import.meta.url).href;

/** In a process of its own, as the test runner has a loader of its own. */
async function digestsOf(files: readonly string[]): Promise<string[]> {
  const script = `
    import { prepareSetup } from "${source}agent/setup/setup.ts";
    import { loadConfig } from "${source}config/load.ts";
    import { silentLogger } from "${source}platform/log.ts";
    for (const file of process.argv.slice(1)) {
      const setup = await prepareSetup(await loadConfig(file), silentLogger);
      console.log(setup.digest);
    }`;
  const options = ["--input-type=module", "--eval", script, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return stdout.trimEnd().split("\n");
}

/** A configuration whose plugins have a library; the first of them has this name. */
function writeFiles(name: string): string {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(join(plugins, "lib"), { recursive: true, mode: 0o700 });
  const plugin = (called: string): string =>
    `export default { name: "${called}", create: () => (event) => event };`;
  const files = {
    "plugins/a.mjs": plugin(name),
    "plugins/b.mjs": `import "./lib/x.mjs"; ${plugin("b")}`,
    "plugins/lib/x.mjs": "export const x = 1;",
    "config.yaml":
      'plugins_dir: plugins\ninputs: { a: { paths: [/a] } }\noutput: { url: "https://s:8088", token: x }\n',
  };
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(directory, file), text, { mode: 0o600 });
  }
  return directory;
}

test("setup - its digest is what sha256sum makes of the configuration and the plugins", async () => {
  const directories = ["a", "c"].map(writeFiles);
  const by_hand = directories.map((directory) =>
    execFileSync(
      "/bin/sh",
      ["-c", `(sha256sum config.yaml; cd plugins; sha256sum a.mjs b.mjs lib/x.mjs) | sha256sum`],
      { cwd: directory, encoding: "utf8" },
    ).slice(0, 64),
  );
  expect(await digestsOf(directories.map((each) => join(each, "config.yaml")))).toEqual(by_hand);
  expect(new Set(by_hand).size).toBe(2);
});
