/**
 * What a configuration from a fleet is confined to, whoever has signed it: it gives secrets of the host only to servers that the host's
 * own file names, and names files only in directories that this allows. Those in steps are found when these are compiled.
 */
import { leavesOf } from "../chain/plugins/leaves.ts";
import { parseGlob } from "../inputs/file/discovery/globs.ts";
import type { Complaint } from "../platform/errors.ts";
import { isBelow, strayMessage } from "../platform/files/confined.ts";
import { Secret } from "../platform/secret.ts";
import type { TlsOptions } from "../platform/sockets/tls-options.ts";
import type { Settings } from "./config.ts";
import type { ConfigFile } from "./document/config-file.ts";
import { keyOf, type ConfigPath } from "./document/place.ts";
import { resolvePaths } from "./document/paths.ts";
import { serverOf } from "./fleet/server.ts";
import type { InputOptions } from "./inputs.ts";
import { outputsOf, type OutputOptions } from "./outputs.ts";
import { isInChain, isShared, secretPathsIn } from "./secret-places.ts";

/** An option of a component that decides who gets what is sent. */
interface Deciding {
  readonly at: ConfigPath;
  readonly message: string;
}

/** The options that name servers, whatever has them. */
const server_keys: ReadonlySet<string> = new Set(["url", "endpoints", "servers", "proxy"]);

const strange_server =
  "secrets of this host are not given to servers that its own file does not name; name this one in fleet.secrets_to there, or have " +
  "what is sent to it in the host's own file";

/** A complaint about each input and output from a fleet that would give secrets of the host to servers that the host does not name itself. */
export function strangersIn(settings: Settings, source: ConfigFile): Complaint[] {
  const senders = sendersIn(settings, source);
  if (senders.length === 0) return [];
  const own = ownTrustOf(settings, source);
  return senders.flatMap(({ options, at }) => {
    if (!secretPathsIn(options, at).some((each) => source.isInserted(each))) return [];
    return [...strangeServers(options, own), ...strangeTls(options, own)].map((each) =>
      source.complain([...at, ...each.at], each.message, "value", "own"),
    );
  });
}

type Sender = Extract<
  Settings["inputs"][string] | ReturnType<typeof outputsOf>[number]["options"],
  { tls: unknown; type: "nats" | "splunk_hec" }
>;

/** What of the fleet's connects to servers. */
function sendersIn(
  settings: Settings,
  source: ConfigFile,
): { readonly options: Sender; readonly at: ConfigPath }[] {
  const inputs = Object.entries(settings.inputs).map(([name, options]) => ({
    options,
    at: ["inputs", name],
  }));
  return [...inputs, ...outputsOf(settings)].flatMap(({ options, at }) => {
    const { type } = options;
    const connects = type === "nats" || type === "splunk_hec";
    return connects && source.isLaidOver(at[0]!) ? [{ options, at }] : [];
  });
}

/** Whom the host's own file trusts. */
interface OwnTrust {
  readonly servers: ReadonlySet<string>;
  /** The names that certificates may have instead of their servers'. */
  readonly names: ReadonlySet<unknown>;
  readonly is_unverified: boolean;
}

function ownTrustOf({ fleet }: Settings, source: ConfigFile): OwnTrust {
  const named = settingsIn(source.own_value);
  const valuesOf = (...keys: string[]): unknown[] =>
    named.filter(({ key = "" }) => keys.includes(key)).map(({ value }) => value);
  const servers = valuesOf(...server_keys).flatMap((text) => serverOf(String(text)) ?? []);
  return {
    servers: new Set([...servers, ...(fleet?.secrets_to ?? [])]),
    names: new Set(valuesOf("server_name")),
    is_unverified: valuesOf("verify").includes(false),
  };
}

/** The settings of a file that hold no others, with the last key that leads to each. What is in tests, and in steps, is none. */
function settingsIn(value: unknown): { key: string | undefined; value: unknown }[] {
  return [...leavesOf(value)]
    .filter(({ path }) => path[0] !== "tests" && !isInChain(path) && !isShared(path))
    .map((leaf) => ({ key: keyOf(leaf.path), value: leaf.value }));
}

function strangeServers(options: Sender, own: OwnTrust): Deciding[] {
  return serversOf(options)
    .filter(({ url }) => !own.servers.has(serverOf(url) ?? ""))
    .map(({ at }) => ({ at, message: strange_server }));
}

function serversOf(options: Sender): { readonly at: ConfigPath; readonly url: string }[] {
  if (options.type === "nats")
    return options.servers.map((url, index) => ({ at: ["servers", index], url }));
  const { url, endpoints = [], proxy } = options;
  return [
    ...(url === undefined ? [] : [{ at: ["url"], url }]),
    ...endpoints.map((each, index) => ({ at: ["endpoints", index], url: each })),
    ...(proxy instanceof Secret ? [{ at: ["proxy"], url: proxy.reveal() }] : []),
  ];
}

/** Options by which another server could pass for the one that is named. */
function strangeTls({ tls }: Sender, own: OwnTrust): Deciding[] {
  const strange = [
    ...(tls.verify || own.is_unverified ? [] : ["verify"]),
    ...(tls.server_name === undefined || own.names.has(tls.server_name) ? [] : ["server_name"]),
  ];
  return strange.map((key) => ({
    at: ["tls", key],
    message:
      "secrets of this host would go to another server than its own file names; remove this option, or have what is sent in the " +
      "host's own file",
  }));
}

/** The options that name files, whatever has them. */
const path_keys: ReadonlySet<string> = new Set(
  "paths path ca_file cert_file key_file cert key".split(" "),
);

/** A path that a component names, and where. */
interface NamedPath {
  readonly at: ConfigPath;
  readonly path: string;
  /** What it can lead to is below these. Default: the path itself. */
  readonly bases?: readonly string[];
}

/** A complaint about each path of an input or output from a fleet that is not where the host's own file allows it. */
export function straysIn(settings: Settings, source: ConfigFile, folder: string): Complaint[] {
  if (!source.isLaidOver("inputs") && !source.isLaidOver("output")) return [];
  const own_paths = ownPathsIn(source, folder);
  const inputs = Object.entries(settings.inputs).map(([name, input]) => ({
    at: ["inputs", name],
    paths: pathsOfInput(input),
    follows_all: input.type === "file" && input.follow_links === "always",
  }));
  const outputs = outputsOf(settings).map(({ at, options }) => ({
    at,
    paths: pathsOfOutput(options),
    follows_all: false,
  }));
  return [...inputs, ...outputs].flatMap(({ at, paths, follows_all }) => {
    const directories = source.directoriesFor(at);
    if (directories === undefined) return [];
    const isAllowed = ({ path, bases = [path] }: NamedPath): boolean =>
      own_paths.has(path) || bases.every((base) => isBelow(`${base}/`, directories));
    const strays = paths.filter((each) => !isAllowed(each)).map((each) => each.at);
    const message = strayMessage(directories);
    return [
      ...strays.map((below) => source.complain([...at, ...below], message, "value", "own")),
      ...(follows_all && !directories.includes("/")
        ? [source.complain([...at, "follow_links"], links_message, "value", "own")]
        : []),
    ];
  });
}

/** The paths that the host's own file names, absolute. */
function ownPathsIn(source: ConfigFile, folder: string): ReadonlySet<unknown> {
  const own = structuredClone(source.own_value);
  resolvePaths(own, folder);
  const named = settingsIn(own).filter(({ key = "" }) => path_keys.has(key));
  return new Set(named.map(({ value }) => value));
}

const links_message =
  "`always` would follow links out of the directories that this host allows (fleet.paths); leave it out, or have this input in the " +
  "host's own file";

function pathsOfInput(input: InputOptions): NamedPath[] {
  switch (input.type) {
    case "file":
      return input.paths.map((path, index) => ({
        at: ["paths", index],
        path,
        bases: parseGlob(path).map(({ base }) => base),
      }));
    case "socket":
      return [{ at: ["path"], path: input.path }];
    case "hec": {
      const { listen, tls } = input;
      return [
        ...(listen.kind === "unix" ? [{ at: ["listen"], path: listen.path }] : []),
        ...Object.entries(tls ?? {}).map(([key, path]) => ({ at: ["tls", key], path })),
      ];
    }
    case "nats":
      return tlsPaths(input.tls);
    case "stdin":
      return [];
    default:
      return input satisfies never;
  }
}

function pathsOfOutput(output: OutputOptions): NamedPath[] {
  switch (output.type) {
    case "file":
      return [{ at: ["path"], path: output.path }];
    case "nats":
    case "splunk_hec":
      return tlsPaths(output.tls);
    case "stdout":
      return [];
    default:
      return output satisfies never;
  }
}

function tlsPaths({ ca_file, cert_file, key_file }: TlsOptions): NamedPath[] {
  return Object.entries({ ca_file, cert_file, key_file }).flatMap(([key, path]) =>
    path === undefined ? [] : [{ at: ["tls", key], path }],
  );
}
