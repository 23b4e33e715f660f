/**
 * docs/configuration.md: every option with its type, default and meaning, from the schemas.
 */
import type { Plugin } from "../../src/plugin.ts";
import {
  config_preface,
  configSections,
  type ConfigSection,
  type OptionRow,
} from "./config-sections.ts";

const head = `<!-- Generated from the schemas in src/ and plugins/ by \`npm run docs\`. Do not edit. -->

# Configuration

`;

export function configReference(plugins: readonly Plugin[]): string {
  return [head + config_preface, ...configSections(plugins).map(section)].join("\n");
}

function section({ title, text, rows }: ConfigSection): string {
  const columns = ["| Option | Type | Default | Meaning |", "| --- | --- | --- | --- |"];
  const lines = [...columns, ...rows.map(rowOf), ""];
  return [`## ${title}\n`, ...(text === undefined ? [] : [`${text}\n`]), ...lines].join("\n");
}

function rowOf({ name, type, default: value, meaning }: OptionRow): string {
  const cells = [`\`${name}\``, type, value, meaning];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
