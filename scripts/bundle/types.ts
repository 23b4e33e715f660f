/** The types of the plugin API, complete in themselves: those of zod, which it gives on, are copied in. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const own = "src/plugin.d.ts";
const compiler = "node_modules/typescript/bin/tsc";
const zod = "node_modules/zod";

export function writeTypes(folder: string): void {
  const args = ["-p", "tsconfig.build.json", "--outDir", folder];
  execFileSync(process.execPath, [compiler, ...args], { stdio: "inherit" });
  const seen = new Set<string>();
  copyWithImports("index.d.ts", join(folder, "zod"), seen);
  const file = join(folder, own);
  const text = readFileSync(file, "utf8");
  const inside = text.replace('from "zod"', 'from "../zod/index.js"');
  if (inside === text) throw new Error(`${own} gives no zod on`);
  writeFileSync(file, inside);
}

/** A file of zod's types, and all that it imports. */
function copyWithImports(file: string, folder: string, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  const from = join(zod, file);
  if (!existsSync(from)) throw new Error(`zod has no ${file}`);
  cpSync(from, join(folder, file));
  const specifiers = readFileSync(from, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g);
  for (const [, specifier] of specifiers) {
    copyWithImports(join(dirname(file), `${specifier}.d.ts`), folder, seen);
  }
}
