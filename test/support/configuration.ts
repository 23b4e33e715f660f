/** Configuration files for tests of the configuration itself, and what there is to say about them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chainComplaints } from "../../src/agent/setup/compile.ts";
import { loadConfig, readConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/config.ts";
import { outputsOf, type OutputOptions } from "../../src/config/outputs.ts";
import type { Complaint } from "../../src/platform/errors.ts";
import { silentLogger } from "../../src/platform/log.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Writes `text` as a configuration file in a directory of its own. */
export function writeConfiguration(text: string | Uint8Array, name = "config.yaml"): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

export function load(text: string, environment: NodeJS.ProcessEnv = {}): Promise<Config> {
  return loadConfig(writeConfiguration(text), environment);
}

/** What is wrong with a configuration, its steps included, each as `line:column message`. */
export async function complaintsAbout(
  text: string | Uint8Array,
  environment: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const read = await readConfig(writeConfiguration(text), environment);
  const chain =
    read.config === undefined
      ? read.chain
      : Object.assign(read.config, {
          output_names: outputsOf(read.config).map(({ name }) => name),
        });
  const steps = chain === undefined ? [] : await chainComplaints(chain, silentLogger);
  return [...read.complaints, ...steps].map(placed);
}

/** As `load`, and the options of the one output. */
export async function loadOutput(
  text: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<ReturnType<typeof splunkOutput>> {
  return splunkOutput(await load(text, environment));
}

/** The options of the one output, which has to be `splunk_hec`. */
export function splunkOutput(config: Config): Extract<OutputOptions, { type: "splunk_hec" }> {
  const { output } = config;
  if (output?.type !== "splunk_hec") throw new Error("the output is not Splunk");
  return output;
}

function placed({ line, column, message }: Complaint): string {
  return `${line}:${column} ${message}`;
}
