/** Importing plugins again: what has changed is seen, in the files that they import, too; what has not is not loaded again. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../../support/temporary.ts";

const modules = new URL("../../../../src/chain/plugins/plugin-modules.ts", import.meta.url).href;

/**
 * Runs a script in a process of its own, as the test runner has a loader of its own. It can `load()` the plugin, which
 * gives what it exports by default or the error's message, and `write(name, text)` files beside it.
 */
async function run(directory: string, script: string): Promise<unknown> {
  const prelude = `
    import { mkdirSync, rmSync, writeFileSync } from "node:fs";
    import { join } from "node:path";
    import { importPlugin } from ${JSON.stringify(modules)};
    const directory = ${JSON.stringify(directory)};
    const write = (name, text) => writeFileSync(join(directory, name), text, { mode: 0o600 });
    const load = () => importPlugin(join(directory, "a.mjs")).then(
      ({ exported }) => exported.default, (error) => error.message);
    const told = [];`;
  const end = "console.log(JSON.stringify(told));";
  const options = ["--input-type=module", "--eval", `${prelude}\n${script}\n${end}`];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return JSON.parse(stdout);
}

function pluginWith(text: string, ...folders: string[]): string {
  const directory = temporaryDirectory();
  for (const folder of folders)
    mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "a.mjs"), text, { mode: 0o600 });
  return directory;
}

test("plugin modules - a file that has changed is loaded again, and one that has not is not", async () => {
  const directory = pluginWith("export default Math.random();");
  const [first, again, other, back] = (await run(
    directory,
    `told.push(await load(), await load());
     write("a.mjs", "export default 5;");
     told.push(await load());
     write("a.mjs", "export default Math.random();");
     told.push(await load());`,
  )) as number[];
  expect(again).toBe(first);
  expect(other).toBe(5);
  expect(back).toBe(first);
});

test("plugin modules - a change in what a plugin imports is seen, however far down", async () => {
  const directory = pluginWith(
    `import { list } from "./lib/list.mjs"; export default list;`,
    "lib/deep",
  );
  writeFileSync(join(directory, "lib/list.mjs"), `export { list } from "./deep/deep.mjs";`);
  writeFileSync(join(directory, "lib/deep/deep.mjs"), `export const list = "before";`);
  const told = await run(
    directory,
    `told.push(await load(), await load());
     write("lib/deep/deep.mjs", 'export const list = "after";');
     told.push(await load());
     write("lib/deep/deep.mjs", "export const list = ");
     told.push(await load());
     write("lib/deep/deep.mjs", 'export const list = "at last";');
     told.push(await load());`,
  );
  expect(told).toEqual([
    "before",
    "before",
    "after",
    expect.stringMatching(/Unexpected end/),
    "at last",
  ]);
});

test("plugin modules - what was missing and is there now is found, though the plugin is the same", async () => {
  const directory = pluginWith(`import list from "./list.mjs"; export default list;`);
  const told = await run(
    directory,
    `told.push(await load(), await load());
     write("list.mjs", "export default 1;");
     told.push(await load());`,
  );
  expect(told).toEqual([
    expect.stringContaining("list.mjs"),
    expect.stringContaining("list.mjs"),
    1,
  ]);
});

test("plugin modules - a library is loaded once, and keeps its state", async () => {
  const directory = pluginWith(
    `import { count } from "counter"; count.loads += 1; export default count.loads;`,
    "node_modules/counter",
  );
  const library = join(directory, "node_modules/counter");
  writeFileSync(
    join(library, "package.json"),
    `{"name":"counter","type":"module","exports":"./i.js"}`,
  );
  writeFileSync(join(library, "i.js"), "export const count = { loads: 0 };");
  const told = await run(
    directory,
    `told.push(await load());
     write("a.mjs", 'import { count } from "counter"; count.loads += 10; export default count.loads;');
     told.push(await load());`,
  );
  expect(told).toEqual([1, 11]);
});

test("plugin modules - a file that others may write is not imported, nor by way of another", async () => {
  const directory = pluginWith(`import list from "./list.mjs"; export default list;`);
  writeFileSync(join(directory, "list.mjs"), `export { default } from "./more.mjs";`, {
    mode: 0o600,
  });
  writeFileSync(join(directory, "more.mjs"), `globalThis.told = "it ran"; export default 1;`);
  chmodSync(join(directory, "more.mjs"), 0o666);
  const told = await run(
    directory,
    `told.push(await load(), globalThis.told ?? "it did not run");`,
  );
  expect(told).toEqual([
    expect.stringMatching(/imports .*more\.mjs, and .* may write to it/),
    "it did not run",
  ]);
});

test("plugin modules - tallyman/plugin is the program's own API, for what a plugin imports as well", async () => {
  const directory = pluginWith(
    `import { UnreadableError, Verdict, z } from "tallyman/plugin";
     import { Verdict as below } from "./lib/a.mjs";
     import { Verdict as library } from "lib";
     export default [UnreadableError.name, z.string().parse("x"), Verdict === below, Verdict === library, Verdict];`,
    "lib",
    "node_modules/lib",
    "node_modules/tallyman",
  );
  writeFileSync(join(directory, "lib/a.mjs"), `export { Verdict } from "tallyman/plugin";`);
  const library = join(directory, "node_modules/lib");
  writeFileSync(join(library, "package.json"), `{"name":"lib","exports":"./i.mjs"}`);
  writeFileSync(join(library, "i.mjs"), `export { Verdict } from "tallyman/plugin";`);
  // Another version that somebody has put there, for its types.
  const other = join(directory, "node_modules/tallyman");
  const exported = `{"name":"tallyman","exports":{"./plugin":"./i.mjs"}}`;
  writeFileSync(join(other, "package.json"), exported);
  writeFileSync(join(other, "i.mjs"), `export class Verdict {}`);
  const api = new URL("../../../../src/plugin.ts", import.meta.url).href;
  const told = await run(
    directory,
    `const loaded = await load();
     const { Verdict } = await import(${JSON.stringify(api)});
     told.push(...loaded.slice(0, 4), loaded[4] === Verdict);`,
  );
  expect(told).toEqual(["UnreadableError", "x", true, true, true]);
});

test.each(["lib/list.js", "lib/list.cjs"])(
  "plugin modules - %s in CommonJS is not imported, as no change in it would be seen",
  async (file) => {
    const directory = pluginWith(`import list from "./${file}"; export default list;`, "lib");
    writeFileSync(join(directory, file), "module.exports = 1;");
    const told = await run(directory, "told.push(await load());");
    expect(told).toEqual([expect.stringMatching(/^it imports .*list\.c?js, and it is CommonJS/)]);
  },
);

test("plugin modules - a plugin in CommonJS is refused until it is a module", async () => {
  const directory = pluginWith("export default 1;");
  const told = await run(
    directory,
    `const loadJs = () => importPlugin(join(directory, "a.js")).then(
       ({ exported }) => exported.default, (error) => error.message);
     write("a.js", "module.exports = 1;");
     told.push(await loadJs());
     write("a.js", "export default 2;");
     told.push(await loadJs());`,
  );
  expect(told).toEqual([expect.stringContaining("it is CommonJS"), 2]);
});
