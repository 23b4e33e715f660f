/** `tallyman plugin new`: writes a plugin to start from, with its tests. */
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtInNames } from "../../chain/plugins/load-plugins.ts";
import { name_length_max, name_pattern, step_keys } from "../../chain/options.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { printable } from "../../platform/text/printable.ts";
import { javascript, tests, typescript } from "./templates.ts";

interface NewOptions {
  readonly dir: string;
  readonly js?: boolean;
}

/** What the command does. */
export async function newPlugin(name: string, { dir, js = false }: NewOptions): Promise<void> {
  const mistake = mistakeIn(name);
  if (mistake !== undefined) throw new TallymanError("plugin_not_written", mistake);
  const source = js ? javascript(name) : typescript(name);
  const plugin = join(dir, `${name}.${js ? "mjs" : "ts"}`);
  const files: [path: string, text: string][] = [
    [plugin, source],
    [join(dir, `${name}.test.yaml`), tests(name)],
  ];
  // Both, before anything is written.
  for (const [path] of files) if (await exists(path)) throw refused(path, "it exists");
  // Others may not write to a directory of plugins, whatever the umask of who makes it.
  await mkdir(dir, { recursive: true, mode: 0o755 }).catch((cause: unknown) => {
    throw refused(dir, messageOf(cause));
  });
  for (const [path, text] of files) {
    await writeFile(path, text, { flag: "wx", mode: 0o644 }).catch((cause: unknown) => {
      throw refused(path, messageOf(cause));
    });
    console.log(printable(`wrote ${path}`));
  }
  const step = `  - ${name}: { value: "yes" }`;
  console.log(printable(`Test it:    tallyman plugin test ${shellWord(dir)}`));
  console.log("Use it, with plugins_dir set to its directory:");
  console.log(`chain:\n${step}`);
}

function mistakeIn(name: string): string | undefined {
  if (!name_pattern.test(name) || name.length > name_length_max) {
    return `the name ${JSON.stringify(name)} is not in snake_case, such as add_site`;
  }
  if (step_keys.includes(name)) return `"${name}" is a key that every step may have`;
  if (builtInNames().includes(name)) return `"${name}" is the name of a built-in plugin`;
  return undefined;
}

/** As a shell takes it for one argument. */
function shellWord(text: string): string {
  return /^[\w./][\w./-]*$/.test(text) ? text : `-- '${text.replaceAll("'", `'\\''`)}'`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function refused(path: string, why: string): TallymanError {
  return new TallymanError("plugin_not_written", `cannot write ${path}: ${why}`, { file: path });
}
