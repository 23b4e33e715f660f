/** What can be configured, section by section, from the schemas: for docs/configuration.md and for tallyman.yaml(5). */
import type { Plugin } from "../../src/plugin.ts";
import { alternatives, configOptionTree, type OptionNode } from "../../src/config/option-tree.ts";
import { pluginTree } from "./config-schema.ts";

/** One option; all texts are Markdown of one line. */
export interface OptionRow {
  readonly name: string;
  readonly type: string;
  /** Empty where there is none. */
  readonly default: string;
  readonly meaning: string;
}

export interface ConfigSection {
  readonly title: string;
  readonly text: string | undefined;
  readonly rows: readonly OptionRow[];
}

/** What is true of the file as a whole, in Markdown: paragraphs, one block of code and one list. */
export const config_preface = `The configuration is one file of YAML 1.2, or JSON. \`tallyman check -c FILE\` explains what it means and names
every error with line and column. [config.example.yaml](../config.example.yaml) shows every option in place.
This is the smallest one that is useful:

\`\`\`yaml
inputs:
  s3_audit:
    paths: ["/var/log/weka/s3-audit*.log"]
output:
  url: https://splunk.example.com:8088
  token: \${env:SPLUNK_HEC_TOKEN}
\`\`\`

- **Unknown options are errors.** A mistyped option never passes for its default.
- **Durations and sizes have units**: \`200ms\`, \`30s\`, \`5m\`, \`1h\`; \`64KiB\`, \`1MiB\`, \`10MB\`.
- **Relative paths** and globs start at the folder of the configuration file. \`~\` and shell variables have no
  meaning.
- **Values from elsewhere**: in any value, \`\${env:NAME}\` stands for an environment variable, \`\${file:/path}\` for
  the content of a file (without line ends at its end), and \`\${credential:name}\` for a credential of the systemd
  unit. Where a number, \`true\` or \`false\` is expected, the text is read as one. A missing or empty value is an error.
  \`$\${\` stands for \`\${\` itself. Such values are never printed, and neither are tokens.
- **A credential is secret**: \`\${credential:name}\` is refused except in an option that is secret, such as a token, a password, the
  \`key\` of hashes, or an option that a plugin names in \`secret_options\`. In a field, a condition or a URL it would leave the host.
- **Repeated values** are written once: \`&name\` names a value, \`*name\` repeats it elsewhere, and \`<<: *name\` adds the
  entries of a map that are not set yet (\`<<: [*one, *other]\` of several maps; the earlier one wins). Keys at the top level that
  begin with \`x-\` are not options: use them to hold such values.
- **Editors** that know JSON Schema complete and check the file with [config.schema.json](config.schema.json), in
  many of them by this line at its top:
  \`# yaml-language-server: $schema=./docs/config.schema.json\`
- **Limits**: a file of at most 256 KiB, 100,000 values and 64 levels.
`;

/** All sections, in the order in which they are read. */
export function configSections(plugins: readonly Plugin[]): ConfigSection[] {
  const tree = configOptionTree();
  const { inputs, chain, output } = tree.properties!;
  return [
    section("The file as a whole", undefined, tree, ["inputs", "chain", "output", "outputs"]),
    ...typeSections(
      "Inputs",
      "Under `inputs`, by a name of your choice:",
      inputs!.additionalProperties,
    ),
    section("Chain", steps_preface, chain!.items),
    ...plugins.map((plugin) =>
      section(`Plugin: \`${plugin.name}\``, plugin.description, pluginTree(plugin)),
    ),
    ...typeSections("Output", outputs_preface, output),
  ];
}

const steps_preface =
  "Under `chain`, a list of steps. A step is a map of one plugin's name to that plugin's options. These options are for every step:";

const outputs_preface = "Under `output`, or under `outputs` by a name of your choice:";

/** A section for each type of a component. */
function typeSections(
  title: string,
  text: string,
  tree: OptionNode | boolean | undefined,
): ConfigSection[] {
  if (typeof tree !== "object") throw new Error(`${title} is not in the schema any more`);
  return alternatives(tree).map((type) =>
    section(`${title}: \`${type.properties!["type"]!.const}\``, text, type),
  );
}

function section(
  title: string,
  text: string | undefined,
  tree: OptionNode | boolean | undefined,
  elsewhere: readonly string[] = [],
): ConfigSection {
  if (typeof tree !== "object") throw new Error(`${title} is not in the schema any more`);
  return { title, text, rows: rowsOf(tree, "", elsewhere) };
}

/** A row for each option; those of a map of options are under its own, with its name before theirs. */
function rowsOf(tree: OptionNode, prefix: string, elsewhere: readonly string[]): OptionRow[] {
  return Object.entries(tree.properties ?? {}).flatMap(([key, node]) => {
    const name = prefix + key;
    const nested = elsewhere.includes(key) ? [] : alternatives(node);
    const is_required = tree.required?.includes(key) === true;
    const row = {
      name,
      type: typeOf(node),
      default: defaultOf(node, is_required),
      meaning: node.description ?? "",
    };
    return [row, ...nested.flatMap((choice) => rowsOf(choice, `${name}.`, []))];
  });
}

function typeOf(node: OptionNode): string {
  if (node.title !== undefined) return node.title;
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((each) => `\`${each}\``).join(" or ");
  const choices = alternatives(node);
  if (choices.length > 1) return [...new Set(choices.map(typeOf))].join(" or ");
  if (node.type === "array") {
    return node.items?.type === "object" ? "list of maps" : `list of ${typeOf(node.items ?? {})}`;
  }
  if (node.type === "object") {
    return typeof node.additionalProperties === "object" ? "map by name" : "map";
  }
  const words: Record<string, string> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "`true` or `false`",
  };
  return words[node.type ?? ""] ?? "anything";
}

function defaultOf(node: OptionNode, is_required: boolean): string {
  if (is_required) return "required";
  if (node.default === undefined || node.properties !== undefined) return "";
  const text = typeof node.default === "string" ? node.default : JSON.stringify(node.default);
  return `\`${text}\``;
}
