/**
 * Which files of a directory are plugins, by their names alone; and what is none although it looks like code.
 */
import { readdirSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

const plugin_file = /\.(?:js|mjs|ts|mts)$/;
const common_js_file = /\.(?:cjs|cts)$/;
const types_file = /\.d\.[cm]?ts$/;
const code_file = /\.(?:[cm]?[jt]sx?|wasm|node|lua|py|rb)$/i;
const package_files = /^(?:package\.json|index\.[cm]?[jt]s)$/;

/** What is said of a file that Node takes for CommonJS: a change in it would not be seen at a reload. */
export const common_js_refusal =
  "it is CommonJS, whose changes a reload cannot see; make it a module: `export default { … }` in a .mjs or .mts file";

/** Files that begin with a dot, such as those of editors, are not. */
export function isPluginFile(name: string): boolean {
  return isCode(name) && (plugin_file.test(name) || common_js_file.test(name));
}

/** Whether its name says that it cannot be used. */
export function isCommonJs(name: string): boolean {
  return common_js_file.test(name);
}

/** What of the directory is passed over though it is likely meant as a plugin; `imported` are the files that plugins import. */
export function passedOver(directory: string, imported: readonly string[]): string[] {
  const names: string[] = [];
  const real = realpathSync(directory);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory()) {
      if (isCode(name) && !isPluginFile(name) && code_file.test(name)) names.push(name);
      continue;
    }
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = join(real, name);
    if (imported.some((file) => file.startsWith(path + sep))) continue;
    if (readdirSync(path).some((each) => package_files.test(each))) names.push(`${name}/`);
  }
  return names.sort();
}

function isCode(name: string): boolean {
  return !name.startsWith(".") && !types_file.test(name);
}
