/** Makes whole configurations of the fragments in documents. */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import { configSchema } from "../../../src/config/config.ts";
import { pluginsDirectory } from "../events/chains.ts";
import { temporaryDirectory } from "../temporary.ts";
import { blocksOf, type CodeBlock } from "./blocks.ts";

/** Any text that passes for a secret. */
const secret = "6d15a8e4-0000-4000-8000-c0ffee123456";
const some_input = 'inputs: { some: { paths: ["/var/log/some.log"] } }';
const some_output = `output: { url: "https://splunk.example.com:8088", token: ${secret} }`;
const keys = new Set(Object.keys(configSchema.shape));

/** Whether the block is a configuration of tallyman's or a part of one, going by its outermost keys. */
export function isConfiguration({ text }: CodeBlock): boolean {
  const value = parse(text);
  if (Array.isArray(value)) return true;
  return (
    typeof value === "object" && value !== null && Object.keys(value).some((key) => keys.has(key))
  );
}

export interface Completed {
  text: string;
  /** Holds what the configuration takes from elsewhere. */
  environment: NodeJS.ProcessEnv;
}

/** The block with what it needs to be whole; plugins are those of the same document. */
export function completed(block: CodeBlock): Completed {
  const { text } = block;
  const value = parse(text);
  // A list is the steps of a chain.
  const given = Array.isArray(value) ? { chain: value } : (value as object);
  const lines = [Array.isArray(value) ? `chain:\n${text}` : text];
  if (!("inputs" in given)) lines.push(some_input);
  if (!("output" in given) && !("outputs" in given)) lines.push(some_output);
  const plugins = pluginFilesOf(block.file);
  if (Object.keys(plugins).length > 0) {
    const directory = pluginsDirectory(plugins);
    const stated = /^plugins_dir: .*$/m;
    if (stated.test(lines[0]!)) lines[0] = lines[0]!.replace(stated, `plugins_dir: ${directory}`);
    else lines.push(`plugins_dir: ${directory}`);
  }
  return withSecrets(withLists(lines.join("\n"), block.file));
}

/** Lists and tables in files are texts of the same document, which begin with `# PATH`. */
function withLists(text: string, file: string): string {
  const folder = temporaryDirectory();
  const copied = (path: string): string => {
    const list = blocksOf(file).find((block) => block.text.startsWith(`# ${path}\n`));
    if (list === undefined) throw new Error(`${file} has no text that begins with # ${path}`);
    const copy = join(folder, basename(path));
    writeFileSync(copy, list.text, { mode: 0o644 });
    return copy;
  };
  return text
    .replaceAll(/\bfile\("([^"]+)"\)/g, (_, path: string) => `file("${copied(path)}")`)
    .replaceAll(
      /\bowner: \{ file: (\S+) \}/g,
      (_, path: string) => `owner: { file: ${copied(path)} }`,
    );
}

/** The plugins that a document has, by the file name in their first line. */
export function pluginFilesOf(file: string): Record<string, string> {
  const found = blocksOf(file).flatMap(({ language, text }) => {
    if (language !== "js" && language !== "ts") return [];
    const [, name] = /^\/\/ (\S+)\n/.exec(text) ?? [];
    return name === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found);
}

function withSecrets(text: string): Completed {
  const folder = temporaryDirectory();
  const environment: NodeJS.ProcessEnv = { CREDENTIALS_DIRECTORY: folder };
  for (const [, name] of text.matchAll(/\$\{env:(\w+)\}/g)) environment[name!] = secret;
  for (const [, name] of text.matchAll(/\$\{credential:([\w.-]+)\}/g)) {
    writeFileSync(join(folder, name!), secret);
  }
  const files = join(folder, "files");
  mkdirSync(files);
  let number = 0;
  const moved = text.replaceAll(/\$\{file:[^}]+\}/g, () => {
    const path = join(files, String(number));
    number += 1;
    writeFileSync(path, secret);
    return `\${file:${path}}`;
  });
  return { text: moved, environment };
}

function parse(text: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw document.errors[0]!;
  return document.toJS();
}
