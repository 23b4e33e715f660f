/** Loading plugins: which files are plugins, which are refused and why, and that all refusals are told at once. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { builtInNames, loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { passedOver } from "../../../../src/chain/plugins/plugin-files.ts";
import type { Clock } from "../../../../src/platform/clock.ts";
import { TallymanError } from "../../../../src/platform/errors.ts";
import { pluginsDirectory } from "../../../support/events/chains.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function source(name: string): string {
  return `export default { name: "${name}", create: () => (event) => event };`;
}

async function refusals(directory: string, clock?: Clock): Promise<Record<string, string>> {
  try {
    await loadPlugins(directory, { clock });
    return {};
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TallymanError);
    const error = thrown as TallymanError;
    expect(error.code).toBe("plugin_refused");
    const list = error.details["refusals"] as { file: string; reason: string }[];
    for (const { file, reason } of list) expect(error.message).toContain(`${file}: ${reason}`);
    return Object.fromEntries(
      list.map(({ file, reason }) => [file.slice(file.lastIndexOf("/") + 1), reason]),
    );
  }
}

test("plugins - the built-in ones are there without a directory, by the names of their files", async () => {
  const plugins = await loadPlugins();
  expect([...plugins.keys()]).toEqual(expect.arrayContaining(["filter", "redact", "route"]));
  expect([...plugins.keys()].sort()).toEqual(builtInNames().sort());
  expect([...plugins.values()].every((each) => each.built_in)).toBe(true);
});

test("plugins - of the built-in ones only those are loaded that are used, and no other takes a name of them", async () => {
  const used = new Set(["redact", "own"]);
  const directory = pluginsDirectory({ "own.mjs": source("own"), "unused.mjs": source("unused") });
  const plugins = await loadPlugins(directory, { used });
  expect([...plugins.keys()].sort()).toEqual(["own", "redact", "unused"]);
  const clash = pluginsDirectory({ "own.mjs": source("filter") });
  await expect(loadPlugins(clash, { used })).rejects.toThrow(/"filter" is taken by a built-in/);
});

test("plugins - every .js, .mjs, .ts and .mts file is one, with the hash of its content", async () => {
  const text = source("two");
  const directory = pluginsDirectory({
    "1.mjs": source("one"),
    "2.js": text,
    "3.ts": `const name: string = "three";\nexport default { name, create: () => (event: object) => event };`,
    "4.mts": `const name: string = "four";\nexport default { name, create: () => (event: object) => event };`,
    "4.d.ts": "export default 1;",
    "4.d.mts": "export default 1;",
    ".5.mjs": "export default 1;",
    "6.mjs.bak": "export default 1;",
    "README.md": "about",
  });
  mkdirSync(join(directory, "7.mjs"));
  const plugins = await loadPlugins(directory);
  const dropped_in = [...plugins.values()].filter((each) => !each.built_in);
  expect(dropped_in.map((each) => each.plugin.name)).toEqual(["one", "two", "three", "four"]);
  expect(plugins.get("two")?.sha256).toBe(createHash("sha256").update(text).digest("hex"));
  expect(plugins.get("two")?.file).toBe(join(directory, "2.js"));
});

test("plugins - files of CommonJS are refused by name", async () => {
  const text = `module.exports = { name: "a", create: () => (event) => event };`;
  const directory = pluginsDirectory({ "a.cjs": text, "b.cts": text, "c.d.cts": "" });
  const reason = expect.stringMatching(/^it is CommonJS, .*make it a module: `export default/);
  expect(await refusals(directory)).toEqual({ "a.cjs": reason, "b.cts": reason });
});

test("plugins - what is passed over and looks like code is named", () => {
  const directory = pluginsDirectory({
    "a.mjs": "",
    "a.d.ts": "",
    ".b.MJS": "",
    "c.MJS": "",
    "d.tsx": "",
    "e.jsx": "",
    "f.wasm": "",
    "g.py": "",
    "notes.md": "",
    "h.mjs.bak": "",
    "tsconfig.json": "",
    "package.json": "",
  });
  for (const folder of ["own", "lib", "data", "node_modules", ".git"]) {
    mkdirSync(join(directory, folder));
    writeFileSync(join(directory, folder, folder === "data" ? "a.csv" : "index.mjs"), "");
  }
  const imported = [join(realpathSync(directory), "lib/index.mjs")];
  const found = ["c.MJS", "d.tsx", "e.jsx", "f.wasm", "g.py", "own/"];
  expect(passedOver(directory, imported)).toEqual(found);
});

test("plugins - a file that has changed is loaded again", async () => {
  const directory = pluginsDirectory({ "a.mjs": source("before") });
  expect((await loadPlugins(directory)).has("before")).toBe(true);
  writeFileSync(join(directory, "a.mjs"), source("after"));
  const again = await loadPlugins(directory);
  expect(again.has("after")).toBe(true);
  expect(again.has("before")).toBe(false);
});

test("plugins - all that are refused are told at once, each with its reason", async () => {
  const directory = pluginsDirectory({
    "a_good.mjs": source("good"),
    "b_clash.mjs": source("good"),
    "c_built_in.mjs": source("redact"),
    "d_no_default.mjs": `export const name = "x";`,
    "e_function.mjs": "export default () => 1;",
    "f_no_name.mjs": "export default { create() {} };",
    "g_no_create.mjs": `export default { name: "x" };`,
    "h_kebab.mjs": source("my-plugin"),
    "i_reserved.mjs": source("when"),
    "k_throws.mjs": `throw new Error("not today");`,
    "l_import.mjs": `import "./nowhere.mjs"; export default {};`,
    "m_schema.mjs": `export default { name: "x", options: {}, create() {} };`,
    "n_null.mjs": "export default null;",
  });
  expect(await refusals(directory)).toEqual({
    "b_clash.mjs": `its name "good" is taken by the plugin ${join(directory, "a_good.mjs")}`,
    "c_built_in.mjs": expect.stringMatching(/"redact" is taken by a built-in plugin/),
    "d_no_default.mjs": expect.stringContaining("no default export"),
    "e_function.mjs": expect.stringContaining("must be an object"),
    "f_no_name.mjs": expect.stringContaining("no `name`"),
    "g_no_create.mjs": expect.stringContaining("no `create`"),
    "h_kebab.mjs": expect.stringContaining('"my-plugin" is not snake_case'),
    "i_reserved.mjs": expect.stringContaining("a key that every step may have"),
    "k_throws.mjs": expect.stringContaining("not today"),
    "l_import.mjs": expect.stringMatching(/^it does not load: .*nowhere/),
    "m_schema.mjs": expect.stringContaining("Standard Schema"),
    "n_null.mjs": expect.stringContaining("must be an object"),
  });
});

test("plugins - the line of a mistake in syntax is told", async () => {
  const directory = pluginsDirectory({
    "a.mjs": "export default {\n  name: 'a',\n  create( {\n};\n",
    "b.ts": "export default {\n  name: 'b' as string,\n  enum B {}\n};\n",
    "c.mjs": "export default {\n  name: 'c',\n  create: nowhere.at.all,\n};\n",
  });
  // In a process of its own, since the test runner has a loader of its own.
  const loader = new URL("../../../../src/chain/plugins/load-plugins.ts", import.meta.url).href;
  const script = `
    import { loadPlugins } from ${JSON.stringify(loader)};
    await loadPlugins(process.argv[1]).catch((error) => console.log(error.message));`;
  const options = ["--input-type=module", "--eval", script, directory];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  expect(stdout).toContain("a.mjs: it does not load: line 4: ");
  expect(stdout).toContain("b.ts: it does not load: line 3: ");
  expect(stdout).toContain("c.mjs: it does not load: line 3: nowhere is not defined");
});

test.each(["664", "646", "666"])("plugins - a file of mode %s is refused", async (mode) => {
  const directory = pluginsDirectory({ "a.mjs": source("a") });
  chmodSync(join(directory, "a.mjs"), mode);
  expect((await refusals(directory))["a.mjs"]).toMatch(/may write to it .*chmod go-w/);
});

test.each(["775", "757", "1777"])("plugins - a directory of mode %s is refused", async (mode) => {
  const directory = pluginsDirectory({ "a.mjs": source("a") });
  chmodSync(directory, mode);
  expect((await refusals(directory))["plugins"]).toMatch(/may write to it/);
});

test("plugins - a link is judged by what it leads to, and by where that is", async () => {
  const directory = pluginsDirectory({});
  const elsewhere = temporaryDirectory();
  writeFileSync(join(elsewhere, "safe.mjs"), source("safe"), { mode: 0o644 });
  writeFileSync(join(elsewhere, "unsafe.mjs"), source("unsafe"));
  chmodSync(join(elsewhere, "unsafe.mjs"), 0o666);
  symlinkSync(join(elsewhere, "safe.mjs"), join(directory, "safe.mjs"));
  expect((await loadPlugins(directory)).has("safe")).toBe(true);

  symlinkSync(join(elsewhere, "unsafe.mjs"), join(directory, "unsafe.mjs"));
  symlinkSync(join(elsewhere, "gone.mjs"), join(directory, "gone.mjs"));
  const reasons = await refusals(directory);
  expect(Object.keys(reasons)).toEqual(["gone.mjs", "unsafe.mjs"]);

  chmodSync(elsewhere, 0o777);
  expect((await refusals(directory))["safe.mjs"]).toMatch(/link into .* may write to it/);
});

test.runIf(process.geteuid?.() === 0)("plugins - a file of another user is refused", async () => {
  const directory = pluginsDirectory({ "a.mjs": source("a") });
  chownSync(join(directory, "a.mjs"), 12345, 12345);
  expect((await refusals(directory))["a.mjs"]).toMatch(/belongs to user 12345/);
});

test("plugins - a directory that is not there, or is a file, is refused", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  expect((await refusals(join(directory, "gone")))["gone"]).toMatch(/cannot be read: ENOENT/);
  expect((await refusals(join(directory, "file")))["file"]).toBe("it is not a directory");
});

test("plugins - one whose loading comes to no end is refused, and does not end the process", async () => {
  const directory = pluginsDirectory({
    "waits.mjs": `await new Promise(() => {});\n${source("waits")}`,
  });
  expect(await refusals(directory, fastClock(20))).toEqual({
    "waits.mjs": "it does not load: it has not answered within 30 seconds",
  });
});
