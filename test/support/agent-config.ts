/** Configurations for the daemon in a test, as a user would write them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { valid_token } from "./splunk.ts";

export interface AgentConfig {
  /** Where the configuration and the state go. */
  directory: string;
  url: string;
  /** The files of the input `audit`; or lines of YAML for inputs of any kind. */
  paths?: string[];
  inputs?: string[];
  /** Steps as YAML, one a line. */
  chain?: string[];
  /** More lines for the input, the output, and the top. */
  input?: string[];
  output?: string[];
  top?: string[];
  /** Lines of YAML for several outputs, in the place of the one. */
  outputs?: string[];
  /** Without it no events of tallyman's own life are recorded, so that all that a test counts is its own. */
  lifecycle?: string;
}

export const redact = `redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }`;
export const filter = `filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }`;

export function stateDirectory({ directory }: AgentConfig): string {
  return join(directory, "state");
}

/** For one request. On a busy machine an answer may take long, and what is sent again would be there twice. */
export const patience = "2m";

/** Writes the configuration and gives the file's path. */
export function writeConfig(config: AgentConfig): string {
  const { directory, chain = [], top = [], lifecycle = "{ enabled: false }" } = config;
  const { paths = [], input = [] } = config;
  const files = ["audit:", "  type: file", `  paths: ${JSON.stringify(paths)}`, ...indented(input)];
  const inputs = config.inputs ?? files;
  const file = join(directory, "config.yaml");
  const steps = chain.length === 0 ? " []" : chain.map((step) => `\n  - ${step}`).join("");
  const text = `state_dir: ${stateDirectory(config)}
lifecycle: ${lifecycle}
${top.join("\n")}
inputs:
${indented(inputs).join("\n")}
chain:${steps}
${outputsOf(config).join("\n")}
`;
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function outputsOf({ url, output = [], outputs }: AgentConfig): string[] {
  if (outputs !== undefined) return ["outputs:", ...indented(outputs)];
  const lines = ["type: splunk_hec", `url: ${url}`, `token: ${valid_token}`, ...output];
  if (!output.some((line) => line.startsWith("timeout:"))) lines.push(`timeout: ${patience}`);
  return ["output:", ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
