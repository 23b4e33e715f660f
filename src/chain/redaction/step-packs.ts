/** The packs of one step: ready lists of what is secret, as one list of rules. */
import type { KeyGlobOptions } from "../../event/scan/key-glob.ts";
import type { Path, PathOptions } from "../../event/scan/path.ts";
import type { Pack } from "../../detectors/packs/pack.ts";
import type { SecretPack } from "../../plugin.ts";

/** What makes the paths of a pack, so that the one scan finds them. */
export interface PackPaths {
  readonly path: (text: string, options: PathOptions) => Path;
  readonly keys: (keys: readonly string[], options: KeyGlobOptions) => Path;
}

const any_case = { ignore_case: true, exceptions: [], is_last: true };

/** Puts the rules of the packs together. */
export function stepPacks(packs: readonly Pack[], paths: PackPaths): SecretPack {
  // Many packs know the same keys; one path to all of them finds each value once.
  const keys = [...new Set(packs.flatMap((pack) => pack.keys))];
  return {
    fields: packs.flatMap(({ fields }) =>
      fields.map((field) => paths.path(field, { ignore_case: true, secret: true })),
    ),
    keys: keys.length === 0 ? [] : [paths.keys(keys, any_case)],
    detect: packs.flatMap(({ detect }) => detect),
    patterns: packs.flatMap(({ patterns }) => patterns),
    name_value: packs.some(({ name_value }) => name_value),
  };
}
