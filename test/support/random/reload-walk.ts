/**
 * A random walk over configurations, by a seed: inputs, chains and outputs that come, change and go, while what is sent
 * stays the same. Whatever it gives is valid, and each event belongs to one input for good.
 */
import { join } from "node:path";
import { redact, type AgentConfig } from "../agent-config.ts";
import type { RandomSource } from "./random-source.ts";
import { valid_token } from "../splunk.ts";

export interface WalkPlaces {
  readonly directory: string;
  /** Of the two collectors. */
  readonly urls: readonly [string, string];
  readonly hec_port: number;
}

export const rotated = (directory: string): string => join(directory, "logs", "audit.log");
export const still = (directory: string): string => join(directory, "logs", "still.txt");
export const lineSocket = (directory: string): string => join(directory, "apps.sock");
export const archives = (directory: string): string => join(directory, "archive");

export function configurationOf(
  random: RandomSource,
  { directory, urls, hec_port }: WalkPlaces,
  is_last: boolean,
): AgentConfig {
  const one = <T>(...of: readonly T[]): T => random.one(of);
  const often = (): boolean => is_last || random.chance(0.8);
  const seldom = (): boolean => !is_last && random.chance(0.3);

  const splunk = (): string =>
    `{ url: "${one(...urls)}", token: ${valid_token}, compression: ${one("gzip", "none")}, max_in_flight: ${one(1, 4)}, ` +
    `timeout: ${one("5s", "8s")}, batch: { max_bytes: ${one(32, 64, 256)}KiB }, buffer: { max_bytes: ${one(1, 4)}MiB } }`;
  const files = random.chance(0.5) ? ["a", "b", "c"] : ["c", "b", "a"];
  const archive = (): string =>
    `{ type: file, path: ${archives(directory)}/${files.shift()!}.jsonl, max_bytes: ${one("64KiB", "1MiB")} }`;
  const output = (): string => (is_last ? splunk() : one(splunk, splunk, archive)());
  const names = ["main", "heads", "rest"].filter((name) => name === "main" || often());
  if (seldom()) names.reverse();

  const routes = (): string[] =>
    names
      .filter(() => seldom())
      .map(
        (name) =>
          `{ route: { to: ${name} }, when: '${one('api.name == "HeadObject"', 'api.name == "GetObject"', "api.statusCode == 200")}' }`,
      );
  const own = (): string[] =>
    seldom() ? [`  chain: [${[`{ ${redact} }`, ...routes()].join(", ")}]`] : [];
  const journal = (): string[] => [
    `  journal: { max_bytes: ${one(1, 2, 16)}MiB, sync: ${one("always", "100ms")} }`,
  ];
  const size = (): string[] => (seldom() ? [`  max_event_bytes: ${one(1, 2, 3)}MiB`] : []);
  const sourcetype = (): string[] => [`  metadata: { sourcetype: "s${random.between(0, 99)}" }`];
  const hec = (): string[] => [
    "  type: hec",
    `  listen: 127.0.0.1:${hec_port}`,
    "  tokens: [abcdefgh]",
    ...size(),
    ...journal(),
    ...sourcetype(),
  ];
  // Of the same name, and of other types.
  const nobody = (): string[] => [
    "  type: socket",
    `  path: ${directory}/nobody.sock`,
    ...journal(),
  ];
  const nothing = (): string[] => [`  paths: ["${directory}/nothing"]`];
  const inputs = [
    ...(often()
      ? ["audit:", `  paths: ["${rotated(directory)}*"]`, ...size(), ...own(), ...sourcetype()]
      : []),
    ...(often() ? ["still:", `  paths: ["${still(directory)}"]`, ...size(), ...own()] : []),
    "apps:",
    "  type: socket",
    `  path: ${lineSocket(directory)}`,
    ...size(),
    ...own(),
    ...journal(),
    `${one("weka", "minio")}:`,
    ...(often() ? hec() : one(nobody, nothing)()),
    ...own(),
  ];
  return {
    directory,
    url: "",
    inputs,
    chain: [redact, ...routes()],
    outputs: names.map((name) => `${name}: ${output()}`),
    lifecycle: one("{ enabled: false }", "{ enabled: true }"),
    top: [
      `log: { level: ${one("info", "debug", "info")} }`,
      `quarantine: { max_bytes: ${one(1, 8)}MiB }`,
      `admin: { socket: ${directory}/${one("one", "two")}.sock }`,
      `shutdown_timeout: ${is_last ? "20s" : "1s"}`,
    ],
  };
}
