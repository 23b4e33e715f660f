/**
 * A configuration that ships logs of all formats as docs/rules/cookbook.md says: each once to Splunk, with what cannot be read as text, and
 * once into an archive, with what cannot be read in quarantine; and an input over HTTP.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateDirectory, writeConfig } from "../../agent-config.ts";
import { pluginsDirectory } from "../../events/chains.ts";
import { pluginFilesOf } from "../../documents/configurations.ts";
import { recipeFile } from "../../documents/recipe.ts";
import { valid_token } from "../../splunk.ts";
import { temporaryDirectory } from "../../temporary.ts";
import { type Format, formats } from "./formats.ts";
import type { Planting } from "./planting.ts";

export const app_token = "a-token-of-an-app";

/** Where everything is. */
export interface Shipping {
  readonly config: string;
  readonly state_dir: string;
  readonly archive: string;
  /** The log of a format. */
  readonly log: (format: Format) => string;
  readonly plugins_dir: string;
}

export interface ShippingOptions {
  readonly directory: string;
  readonly url: string;
  readonly port: number;
}

const detect = "detect: [credentials], within: [json, url, base64]";

/** Writes the logs and the configuration. */
export function prepareShipping(
  plantings: readonly Planting[],
  { directory, url, port }: ShippingOptions,
): Shipping {
  mkdirSync(join(directory, "logs"));
  const log = ({ name }: Format): string => join(directory, "logs", `${name}.log`);
  for (const { format, records } of plantings) writeFileSync(log(format), format.file(records));
  const packs = [...new Set(formats.map(({ pack }) => pack))];
  const archive = join(directory, "archive.log");
  const plugins_dir = pluginsDirectory(pluginFilesOf(recipeFile("auditd")));
  const config = {
    directory,
    url,
    inputs: [
      ...formats.flatMap((format) => inputsOf(format, log(format))),
      "apps:",
      "  type: hec",
      `  listen: "127.0.0.1:${port}"`,
      `  tokens: [${app_token}]`,
      "  chain:",
      `    - redact: { pack: [${packs.join(", ")}], ${detect}, on_unreadable: text }`,
    ],
    outputs: [
      `main: { url: "${url}", token: ${valid_token} }`,
      `archive: { type: file, path: ${archive} }`,
    ],
    top: [`plugins_dir: ${plugins_dir}`, "log: { level: debug }"],
  };
  const file = writeConfig(config);
  return { config: file, state_dir: stateDirectory(config), archive, log, plugins_dir };
}

/** Two configurations for the logs of one format, one that redacts and one that masks nothing, with tests of rules that fail. */
export function previewConfigs(
  { format, records }: Planting,
  { log, plugins_dir }: Shipping,
): { redacting: string; bare: string } {
  const inputs = inputsOf(format, log(format));
  const tests = records
    .filter((_, number) => number % tested_every === 0)
    .flatMap((event) =>
      [{ contains: "nothing of it" }, { fate: "dropped" }].map((expected) => ({
        name: "planted",
        input: `${format.name}_sent`,
        event,
        expect: expected,
      })),
    );
  const write = (lines: readonly string[]): string =>
    writeConfig({
      directory: temporaryDirectory(),
      url: "",
      inputs: [...lines],
      outputs: ["main: { type: stdout }", "archive: { type: file, path: /tmp/unused.log }"],
      top: [
        `plugins_dir: ${plugins_dir}`,
        // A configuration has references in braces behind a dollar sign.
        `tests: ${JSON.stringify(tests).replaceAll("${", "$${")}`,
      ],
    });
  const bare = inputs.filter((line) => !/- redact:/.test(line));
  return { redacting: write(inputs), bare: write(bare) };
}

/** Each of them needs a chain of its own. */
const tested_every = 100;

function inputsOf({ name, pack, input, before }: Format, path: string): string[] {
  const rules = `pack: [${[...new Set([pack, "http_headers"])].join(", ")}], ${detect}`;
  const inputOf = (kind: string, steps: readonly string[]): string[] => [
    `${name}_${kind}:`,
    `  paths: ["${path}"]`,
    ...input.map((line) => `  ${line}`),
    "  chain:",
    ...steps.map((step) => `    - ${step}`),
  ];
  return [
    ...inputOf("sent", [
      ...before,
      `redact: { ${rules}, on_unreadable: text }`,
      "route: { to: main }",
    ]),
    ...inputOf("kept", [
      ...before,
      `redact: { ${rules}, action: partial, on_unreadable: quarantine }`,
      "route: { to: archive }",
    ]),
  ];
}
