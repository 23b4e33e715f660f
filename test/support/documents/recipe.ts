/** The configuration of a document, such as a recipe of docs/operations/recipes, moved from the system's directories into a sandbox. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Splunk } from "../splunk.ts";
import { valid_token } from "../splunk.ts";
import { test_certificate, test_key } from "../servers/certificate.ts";
import { pluginsDirectory } from "../events/chains.ts";
import { DatagramPlace } from "../sockets/datagrams.ts";
import { freePort } from "../servers/free-port.ts";
import { temporaryDirectory } from "../temporary.ts";
import { blocksOf, type CodeBlock } from "./blocks.ts";
import { pluginFilesOf } from "./configurations.ts";

export const webhook_token = "2b1f0c5e-3d46-4a8b-9f70-aa11bb22cc33";

export interface Sandbox {
  /** The configuration file. */
  readonly config: string;
  readonly state_dir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What was /var and the like. */
  readonly root: string;
  /** The one input that the configuration has. */
  readonly input: {
    name: string;
    paths?: string[];
    metadata: { sourcetype: string; index: string };
    framing?: string | { json?: { records: string } };
    type?: string;
    mode?: string;
    path?: string;
    tls?: object;
  };
  /** Of the receiver, where the configuration has one. */
  readonly port: number;
  /** Where datagrams are sent to, where the configuration has that. */
  readonly datagrams: DatagramPlace | undefined;
}

export function recipeFile(name: string): string {
  return `docs/operations/recipes/${name}.md`;
}

/** The whole configurations of a document: those that say where events come from and where they go. */
export function configurationsOf(file: string): CodeBlock[] {
  return blocksOf(file).filter(
    ({ language, text }) => language === "yaml" && /^inputs:/m.test(text) && /^output:/m.test(text),
  );
}

/** The one whole configuration of a document, in a sandbox. */
export async function sandboxOf(file: string, splunk: Splunk): Promise<Sandbox> {
  const [only, ...others] = configurationsOf(file);
  if (only === undefined || others.length > 0) {
    throw new Error(`${file} has ${others.length > 0 ? "several" : "no"} whole configurations`);
  }
  return sandboxFor(only, splunk);
}

/** The configuration as it stands, but below `root`, to `splunk`, and listening on loopback. */
export async function sandboxFor(block: CodeBlock, splunk: Splunk): Promise<Sandbox> {
  const root = temporaryDirectory();
  const port = await freePort();
  const credentials = join(root, "credentials");
  mkdirSync(credentials);
  for (const [token, text] of [
    ["splunk_token", valid_token],
    ["weka_token", webhook_token],
    ["minio_token", webhook_token],
  ] as const) {
    writeFileSync(join(credentials, token), text);
  }
  const plugins = pluginsDirectory(pluginFilesOf(block.file));
  const state_dir = join(root, "state");
  const text = moved(block.text, root)
    .replace(/^state_dir: .*\n/m, "")
    .replace(/^plugins_dir: .*$/m, `plugins_dir: ${plugins}`)
    .replace("https://splunk.example.com:8088", splunk.url)
    .replace(/listen: \S+:8088/, `listen: 127.0.0.1:${port}`);
  const config = join(root, "config.yaml");
  // Only its own events are to be counted.
  const own = `state_dir: ${state_dir}\nlifecycle: { enabled: false }\n`;
  writeFileSync(config, own + text, { mode: 0o600 });
  const certificates = join(root, "etc/tallyman");
  mkdirSync(certificates, { recursive: true });
  writeFileSync(join(certificates, "receiver.crt"), test_certificate);
  writeFileSync(join(certificates, "receiver.key"), test_key, { mode: 0o600 });
  const { inputs } = parse(text) as { inputs: Record<string, Omit<Sandbox["input"], "name">> };
  const [[input_name, options]] = Object.entries(inputs) as [
    [string, Omit<Sandbox["input"], "name">],
  ];
  for (const path of options.paths ?? []) mkdirSync(dirname(path), { recursive: true });
  const environment = {
    CREDENTIALS_DIRECTORY: credentials,
    SPLUNK_HEC_TOKEN: valid_token,
    WEKA_TOKEN: webhook_token,
    MINIO_TOKEN: webhook_token,
  };
  if (options.path !== undefined) mkdirSync(dirname(options.path), { recursive: true });
  const datagrams = options.mode === "datagram" ? await socketAt(options.path!) : undefined;
  const input = { name: input_name, ...options };
  return { config, state_dir, environment, root, port, datagrams, input };
}

function socketAt(path: string): Promise<DatagramPlace> {
  mkdirSync(dirname(path), { recursive: true });
  return DatagramPlace.open(path);
}

/** Places of the system in any text, below `root`. */
export function moved(text: string, root: string): string {
  return text.replaceAll(/(?<![\w./])\/(?=(?:var|etc|srv|run|root)\/)/g, `${root}/`);
}
