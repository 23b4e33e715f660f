/** The TypeScript of docs/plugins.md in a folder that was empty, checked as the document says, and with nothing else. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { blocksOf } from "./blocks.ts";
import { pluginFilesOf } from "./configurations.ts";

const document = "docs/plugins.md";
const compiler = resolve("node_modules/typescript/bin/tsc");

/** The configurations of the compiler in the document: with the Debian package, and with the npm package. */
export function compilerConfigurations(): { deb: string; npm: string } {
  const found = blocksOf(document).filter(({ text }) => text.includes('"compilerOptions"'));
  const [deb, npm, ...more] = found.map(({ text }) => text);
  if (deb === undefined || npm === undefined || more.length > 0) {
    throw new Error(`${document} has ${found.length} configurations of the compiler`);
  }
  return { deb, npm };
}

/** What the compiler says of the document's plugins; and of one more, in which each line but the first is a mistake. */
export function checkTypes(folder: string, configuration: string): string {
  const plugins = Object.entries(pluginFilesOf(document)).filter(([name]) => name.endsWith(".ts"));
  if (plugins.length < 3)
    throw new Error(`${document} has ${plugins.length} plugins in TypeScript`);
  for (const [name, text] of plugins) {
    if (/\bany\b/.test(text)) throw new Error(`${name} has any in it`);
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, "wrong.ts"), wrong);
  writeFileSync(join(folder, "tsconfig.json"), configuration);
  const args = ["--noEmit", "--skipLibCheck", "false", "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, [compiler, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout;
}

/** If a type were `any`, there would be no mistake. */
const wrong = `import { Verdict, z, type Event, type Path, type Plugin, type PluginContext } from "tallyman/plugin";
export const a: number = Verdict;
export const b: number = z.string();
export const c = (event: Event): number => event.time;
export const d = (path: Path): number => path.text;
export const e: Plugin = { name: "e", create: (options, context) => (event) => context.log };
export const f = (context: PluginContext): number => context.step;
export const g: Plugin = { name: "g", create: () => ({ step: (event) => event, dispose: 5 }) };
`;

/** The lines of `wrong` that the compiler complains about; and all that it says of other files. */
export function mistakesIn(output: string): string[] {
  return output
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith(" "))
    .map((line) => /^wrong\.ts\((\d+),/.exec(line)?.[1] ?? line);
}

export const all_mistakes = ["2", "3", "4", "5", "6", "7", "8"];
