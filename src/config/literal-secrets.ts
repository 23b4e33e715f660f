/**
 * Secrets that stand in a configuration itself. In one for a fleet they would be in a bucket that every agent of the group may
 * read, and in what each of them keeps.
 */
import { redact_plugin } from "../chain/redaction/step-id.ts";
import type { Complaint } from "../platform/errors.ts";
import { Secret } from "../platform/secret.ts";
import type { Config } from "./config.ts";
import type { ConfigPath } from "./document/place.ts";

const message =
  "is a secret, and everybody in the group may read what is pushed; write ${credential:name} or ${env:NAME}, and have each host " +
  "give it";

/** A complaint about each secret that is written in this file, as complaints name it. */
export function literalSecretsIn(config: Config, file: string): Complaint[] {
  return [...secretPathsIn(config, [])]
    .filter((path) => !config.isInserted(path))
    .map((path) => config.complain(path, message, "value", "own"))
    .filter((complaint) => complaint.file === file);
}

function* secretPathsIn(value: unknown, path: ConfigPath): Generator<ConfigPath> {
  // The key of a redact step's hashes is a text in the settings.
  const [plugin, key] = path.slice(-2);
  const is_hash_key = plugin === redact_plugin && key === "key" && typeof value === "string";
  if (value instanceof Secret || is_hash_key) yield path;
  else if (typeof value === "object" && value !== null)
    for (const [part, each] of Object.entries(value))
      yield* secretPathsIn(each, [...path, Array.isArray(value) ? Number(part) : part]);
}
