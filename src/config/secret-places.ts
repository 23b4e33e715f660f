/**
 * Where secrets may be in a configuration. One for a fleet has none written in it: it is in a bucket that every agent of the group may
 * read, and in what each of them keeps. What a host puts in for a `${…}` that is secret goes into options that are secret.
 */
import { leavesOf } from "../chain/plugins/leaves.ts";
import type { Plugins } from "../chain/plugins/load-plugins.ts";
import { confinedMessage, secretsIn } from "../chain/plugins/secret-options.ts";
import type { Complaint } from "../platform/errors.ts";
import { Secret } from "../platform/secret.ts";
import { shared_prefix, type Config, type Settings } from "./config.ts";
import type { ConfigFile } from "./document/config-file.ts";
import { valueAt, type ConfigPath } from "./document/place.ts";

const literal_message =
  "is a secret, and everybody in the group may read what is pushed; write ${credential:name} or ${env:NAME}, and have each host " +
  "give it";

/** A complaint about each secret that is written in this file, as complaints name it; plugins say which options of steps are some. */
export function literalSecretsIn(config: Config, plugins: Plugins, file: string): Complaint[] {
  const chains = [
    { steps: config.chain, at: ["chain"] },
    ...Object.entries(config.inputs).map(([name, { chain = [] }]) => ({
      steps: chain,
      at: ["inputs", name, "chain"],
    })),
  ];
  const in_steps = chains.flatMap(({ steps, at }) =>
    steps.flatMap((step, number) =>
      secretsIn(step, plugins).map((path): ConfigPath => [...at, number, ...path]),
    ),
  );
  return [...secretPathsIn(config, []), ...in_steps]
    .filter((path) => !config.isInserted(path))
    .map((path) => config.complain(path, literal_message, "value", "own"))
    .filter((complaint) => complaint.file === file);
}

/**
 * A complaint about each secret that is put in where the settings have none: it would leave the host, such as in a field. Those in
 * steps are found when these are compiled.
 */
export function confinedIn(settings: Settings, source: ConfigFile): Complaint[] {
  return source.references
    .filter(({ path }) => !isInChain(path) && !isShared(path))
    .filter(({ path }) => !(valueAt(settings, path) instanceof Secret))
    .flatMap(({ path }) => {
      const reference = source.confinedAt(path);
      if (reference === undefined) return [];
      return [source.complain(path, confinedMessage(reference), "value", "own")];
    });
}

/** Whether a path is that of a block at the top which is for anchors. */
export function isShared([top]: ConfigPath): boolean {
  return String(top).startsWith(shared_prefix);
}

/** Whether a path is in a chain. */
export function isInChain([top, , below]: ConfigPath): boolean {
  return top === "chain" || (top === "inputs" && below === "chain");
}

/** The paths of the secrets in settings, or in the part of them at `path`, but for those in steps. */
export function secretPathsIn(value: unknown, path: ConfigPath): ConfigPath[] {
  return [...leavesOf(value, path, (each) => each instanceof Secret)]
    .filter((leaf) => leaf.value instanceof Secret)
    .map(({ path: at }) => at);
}
