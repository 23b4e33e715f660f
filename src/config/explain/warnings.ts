/**
 * What in a valid configuration is likely not meant so, each with its place.
 */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pluginOf, type ChainOptions } from "../../chain/options.ts";
import { globMatches, parseExclusions, parseGlob } from "../../inputs/file/discovery/globs.ts";
import type { Refusal } from "../../inputs/file/discovery/refusal.ts";
import { endpointsOf } from "../../output/splunk-hec/options.ts";
import { state_names } from "../../platform/files/state-names.ts";
import type { Complaint } from "../../platform/errors.ts";
import type { Config } from "../config.ts";
import type { ExplainContext } from "./explain.ts";
import { indexNameFault } from "./index-names.ts";
import { outputsOf, splunkOutputs } from "../outputs.ts";

/** Of what a glob leads to and is not followed; of more, only how many. */
const shown_max = 5;

/** `routed` has the names of outputs that steps route to; undefined where that is not known. */
export async function warningsFor(
  config: Config,
  matches: ExplainContext["matches"],
  routed?: ReadonlySet<string>,
): Promise<Complaint[]> {
  return [
    ...warnAboutGroup(config),
    ...warnAboutFiles(config, matches),
    ...warnAboutOwnFiles(config),
    ...warnAboutRedaction(config),
    ...warnAboutExactPaths(config),
    ...(routed === undefined ? [] : warnAboutOutputs(config, routed)),
    ...warnAboutUrl(config),
    ...warnAboutTls(config),
    ...warnAboutRawMode(config),
    ...warnAboutProof(config),
    ...warnAboutIndexes(config),
    ...(await warnAboutReaders(config)),
    ...(await warnAboutDirectories(config)),
  ];
}

function warnAboutGroup(config: Config): Complaint[] {
  const { awaited_group: group } = config;
  if (group === undefined) return [];
  const message =
    `the configuration kept in ${config.state_dir} is of another group, so nothing is read, not even the inputs of this file, ` +
    `until one of group ${group} is taken`;
  return [config.complain(["fleet", "group"], message)];
}

function warnAboutFiles(config: Config, matches: ExplainContext["matches"]): Complaint[] {
  const warnings: Complaint[] = [];
  const input_by_file = new Map<string, string>();
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "file") continue;
    for (const [number, glob] of input.paths.entries()) {
      const at = ["inputs", name, "paths", number];
      const lead = matches.get(name)?.get(glob);
      const { files = [], refused = [], unknown = [] } = lead ?? {};
      warnings.push(...notFollowed(refused).map((message) => config.complain(at, message)));
      for (const path of unknown.slice(0, shown_max)) {
        warnings.push(
          config.complain(at, `the user who runs this check has no permission to look at ${path}`),
        );
      }
      if (files.length + refused.length + unknown.length === 0) {
        const why =
          lead?.excluded === undefined
            ? "matches no file now; check the path and its permissions"
            : `matches only excluded files now, such as ${lead.excluded}; see exclude`;
        warnings.push(ownWords(config, at, why));
      }
      const shared = files.find(({ path }) => (input_by_file.get(path) ?? name) !== name);
      if (shared !== undefined) {
        const other = input_by_file.get(shared.path);
        const message = `${shared.path} also belongs to input ${other}, so its events are sent twice`;
        warnings.push(config.complain(at, message));
      }
      for (const { path } of files) input_by_file.set(path, name);
    }
  }
  return warnings;
}

/** What a glob leads to and is not followed. */
function notFollowed(refused: readonly Refusal[]): string[] {
  // What is tallyman's own and merely lies among other files is as it should be.
  const doubtful = refused.filter(({ reason, is_asked_for }) => reason !== "own" || is_asked_for);
  const shown = doubtful.slice(0, shown_max).map(({ path, message }) => `${path} ${message}`);
  const more = doubtful.length - shown.length;
  return more > 0 ? [...shown, `${more} more paths are not followed`] : shown;
}

/** Whatever is there now: what tallyman will write there is no input. */
function warnAboutOwnFiles(config: Config): Complaint[] {
  const own = join(config.state_dir, state_names.state);
  return Object.entries(config.inputs).flatMap(([name, input]) => {
    if (input.type !== "file" || parseExclusions(input.exclude)(own)) return [];
    return input.paths.flatMap((glob, number) => {
      if (!parseGlob(glob).some((each) => globMatches(each, own))) return [];
      const message = `covers state_dir, ${config.state_dir}: tallyman's own files there are never followed`;
      return [config.complain(["inputs", name, "paths", number], message)];
    });
  });
}

function warnAboutRedaction(config: Config): Complaint[] {
  const message = "no redact step: credentials in events will be shipped as they are";
  const chains = new Map<ChainOptions, string[]>();
  for (const [name, { chain }] of Object.entries(config.inputs)) {
    chains.set(chain ?? config.chain, chain === undefined ? ["chain"] : ["inputs", name, "chain"]);
  }
  return [...chains]
    .filter(([chain]) => !chain.some((step) => pluginOf(step) === "redact"))
    .map(([, at]) => ownWords(config, at, message));
}

/** Over HTTP, a sender may put the event under a key of its own. */
function warnAboutExactPaths(config: Config): Complaint[] {
  const warnings: Complaint[] = [];
  for (const [name, { type, chain }] of Object.entries(config.inputs)) {
    if (type !== "hec") continue;
    const fields = redactedFields(chain ?? config.chain);
    const [first] = fields;
    if (first === undefined || fields.some(({ path }) => path.startsWith("**"))) continue;
    const at = chain === undefined ? ["chain"] : ["inputs", name, "chain"];
    const message =
      `finds its value at the top level of what ${name} receives, below "event" and in arrays; if a sender puts ` +
      `its events under other keys, only a path that begins with ** finds it`;
    warnings.push(config.complain([...at, ...first.at], message));
  }
  return warnings;
}

/** The paths of a chain's redact steps, and where each is in it. */
function redactedFields(chain: ChainOptions): { path: string; at: (string | number)[] }[] {
  return chain.flatMap((step, number) => {
    if (pluginOf(step) !== "redact") return [];
    const { fields = [] } = step["redact"] as { fields?: string[] };
    return fields.map((path, field) => ({ path, at: [number, "redact", "fields", field] }));
  });
}

function warnAboutOutputs(config: Config, routed: ReadonlySet<string>): Complaint[] {
  const [_, ...others] = outputsOf(config);
  return others
    .filter(({ name }) => !routed.has(name))
    .map(({ at }) =>
      config.complain(at, "no step routes to this output, so it gets nothing", "key", "own"),
    );
}

function warnAboutUrl(config: Config): Complaint[] {
  const message =
    "http:// sends the token and all events unencrypted; use https:// if the server offers it";
  return splunkOutputs(config).flatMap(({ options, at }) =>
    endpointsOf(options).flatMap((url, number) => {
      const { protocol, hostname } = new URL(url);
      const is_local = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
      if (protocol === "https:" || is_local) return [];
      const place = options.endpoints === undefined ? ["url"] : ["endpoints", number];
      return [ownWords(config, [...at, ...place], message)];
    }),
  );
}

function warnAboutTls(config: Config): Complaint[] {
  const message =
    "the server is not verified: whoever answers gets the token and all events; name its authority in ca_file instead";
  return splunkOutputs(config)
    .filter(({ options }) => !options.tls.verify)
    .map(({ at }) => ownWords(config, [...at, "tls", "verify"], message));
}

function warnAboutRawMode(config: Config): Complaint[] {
  const raw = splunkOutputs(config).find(({ options }) => options.mode === "raw");
  if (raw === undefined) return [];
  const message = `${raw.at.join(".")}.mode raw cannot carry indexed fields, so they are not sent`;
  return Object.entries(config.inputs).flatMap(([name, { metadata }]) =>
    (["fields", "fields_from_path"] as const)
      .filter((key) => key in metadata)
      .map((key) => ownWords(config, ["inputs", name, "metadata", key], message)),
  );
}

/** Their events are counted, and no more. */
function warnAboutProof(config: Config): Complaint[] {
  if (!config.proof.enabled) return [];
  const raw = splunkOutputs(config).filter(({ options }) => options.mode === "raw");
  const message =
    "raw mode cannot carry the places of events, so seals only say how many went to this output";
  return raw.map(({ at }) => config.complain([...at, "mode"], message));
}

function warnAboutIndexes(config: Config): Complaint[] {
  if (splunkOutputs(config).length === 0) return [];
  const named: [string[], string | undefined][] = [
    ...Object.entries(config.inputs).map(([name, { metadata }]): [string[], string | undefined] => [
      ["inputs", name, "metadata", "index"],
      metadata.index,
    ]),
    [["lifecycle", "index"], config.lifecycle.index],
    [["proof", "index"], config.proof.index],
  ];
  return named.flatMap(([at, index]) => {
    const fault = index === undefined ? undefined : indexNameFault(index);
    return fault === undefined ? [] : [ownWords(config, at, fault)];
  });
}

/** A token that is in a file which others can read is no secret. */
async function warnAboutReaders(config: Config): Promise<Complaint[]> {
  const { mode } = await stat(config.file);
  if ((mode & 0o004) === 0) return [];
  const message =
    "the token is in a file that every user can read; use ${file:…} or ${env:…}, or chmod o-r the file";
  return tokenPlaces(config)
    .filter((place) => !config.isInserted(place))
    .map((place) => ownWords(config, place, message));
}

function tokenPlaces(config: Config): (string | number)[][] {
  const places = splunkOutputs(config).map(({ at }): (string | number)[] => [...at, "token"]);
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "hec") continue;
    places.push(...input.tokens.map((_, number) => ["inputs", name, "tokens", number]));
  }
  return places;
}

/** Those of what tallyman writes that it could not write as this user. */
async function warnAboutDirectories(config: Config): Promise<Complaint[]> {
  const written: { directory: string; at: string[] }[] = [
    { directory: config.state_dir, at: ["state_dir"] },
  ];
  for (const { options, at } of outputsOf(config)) {
    if (options.type !== "file") continue;
    written.push({ directory: dirname(options.path), at: [...at, "path"] });
  }
  const warnings = written.map(async ({ directory, at }) => {
    const forbidden = await unwritable(directory);
    if (forbidden === undefined) return [];
    return [
      config.complain(at, `the user who runs this check has no permission to write ${forbidden}`),
    ];
  });
  return (await Promise.all(warnings)).flat();
}

/** The directory, or the nearest above it that exists, where it may not be written; undefined where it may. */
async function unwritable(path: string): Promise<string | undefined> {
  for (let directory = path; ; directory = dirname(directory)) {
    try {
      await access(directory, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (thrown) {
      const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
      if (!missing || directory === "/") return directory;
    }
  }
}

/** The complaint about a value of which the message says nothing. */
function ownWords(config: Config, at: (string | number)[], message: string): Complaint {
  return config.complain(at, message, "value", "own");
}
