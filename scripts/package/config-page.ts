/** tallyman.yaml(5), from the schemas of the options, as docs/configuration.md. */
import type { Plugin } from "../../src/plugin.ts";
import {
  config_preface,
  configSections,
  type ConfigSection,
  type OptionRow,
} from "../docs/config-sections.ts";
import { entry, exampleBlock, roff, roffOfMarkdown } from "./roff.ts";

/** What is in the package about it. */
const files: readonly [string, string][] = [
  ["/etc/tallyman/config.yaml", "The configuration of tallyman.service."],
  ["/usr/share/doc/tallyman/config.example.yaml", "Every option in one commented file."],
  ["/usr/share/doc/tallyman/docs/config.schema.json", "The JSON Schema, for editors."],
  ["/usr/share/doc/tallyman/docs/configuration.md", "This page, for a browser."],
];

/** The page as roff. `date` is YYYY-MM-DD. */
export function configPage(plugins: readonly Plugin[], version: string, date: string): string {
  const lines = [
    `.TH TALLYMAN.YAML 5 "${date}" "tallyman ${version}" "File Formats"`,
    // A hyphen within an option would be taken for a part of it.
    ".nh",
    ".SH NAME",
    roff("tallyman.yaml - configuration of tallyman"),
    ".SH DESCRIPTION",
    ...blocksOf(config_preface),
    ".SH OPTIONS",
    roff("An option in a map is named with the map before it: a.b is b below a."),
    ...configSections(plugins).flatMap(sectionOf),
    ".SH FILES",
    ...files.flatMap(([path, what]) => entry(path, what)),
    ".SH SEE ALSO",
    ".BR tallyman (1)",
  ];
  return `${lines.join("\n")}\n`;
}

function sectionOf({ title, text, rows }: ConfigSection): string[] {
  return [
    `.SS "${roff(title.replaceAll("`", ""))}"`,
    ...(text === undefined ? [] : [roffOfMarkdown(text)]),
    ...rows.flatMap(optionOf),
  ];
}

function optionOf({ name, type, default: value, meaning }: OptionRow): string[] {
  const has_default = value !== "" && value !== "required";
  const kind = has_default ? `${type}; default ${value}` : [type, value].filter(Boolean).join("; ");
  return [
    ".TP",
    `.B ${roff(name)}`,
    roffOfMarkdown(kind),
    ...(meaning === "" ? [] : [".br", roffOfMarkdown(meaning)]),
  ];
}

/** Paragraphs, blocks of code and lists of Markdown. */
function blocksOf(markdown: string): string[] {
  return markdown
    .trim()
    .split("\n\n")
    .flatMap((block) => {
      const code = /^```\w*\n(.*)\n```$/s.exec(block);
      if (code !== null) return [".PP", ...exampleBlock(code[1]!.split("\n"))];
      if (!block.startsWith("- ")) return [".PP", roffOfMarkdown(oneLine(block))];
      const items = block.slice(2).split(/\n- /);
      return items.flatMap((item) => [".IP \\(bu 2", roffOfMarkdown(oneLine(item))]);
    });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
