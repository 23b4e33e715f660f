/**
 * Secrets whose names are beside them: which names are meant, as in `[{"name": "Authorization", "value": "…"}]`,
 * `[["Authorization", "…"]]` and `"rawHeaders": ["Authorization", "…"]`.
 */
import type { NamedSecrets } from "../../event/event.ts";
import { foldCase, type KeyGlob, type KeyGlobOptions } from "../../event/scan/key-glob.ts";
import { flat_list_keys, name_keys, value_keys } from "../../event/scan/named-values.ts";
import type { Path, PathOptions } from "../../event/scan/path.ts";

const names_known_max = 1000;

/** Makes paths that the one scan finds. */
export interface PathsOfScan {
  path(text: string, options: PathOptions): Path;
  keys(globs: readonly string[], options: KeyGlobOptions): Path;
}

/** The names of lists of names and values. Many events have the same ones. */
export function namedSecrets(secrets: readonly Path[], paths: PathsOfScan): NamedSecrets {
  const pathOf = (text: string): Path => paths.path(text, { ignore_case: true, secret: true });
  const toKeys = (keys: ReadonlySet<string>): Path =>
    paths.keys([...keys], { ignore_case: true, exceptions: [] });
  const in_flat_lists = [...flat_list_keys].map((key) => pathOf(`**.${key}[*]`));
  const known = new Map<string, boolean>();
  const isSecret = nameTest(secrets);
  return {
    paths: [toKeys(name_keys), ...in_flat_lists],
    values: [toKeys(value_keys), ...in_flat_lists],
    isWanted(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      if (known.size >= names_known_max) known.clear();
      const is_secret = isSecret(name);
      known.set(name, is_secret);
      return is_secret;
    },
  };
}

/**
 * Whether any of the paths ends in a key of that name, or of its part behind the last dot, whatever the case. Many events
 * have a name that no other has, such as that of an object, so it is quick.
 */
function nameTest(secrets: readonly Path[]): (name: string) => boolean {
  const names = new Set<string>();
  const globs = new Map<string, KeyGlob>();
  for (const { segments } of secrets) {
    const last = segments.at(-1);
    if (last?.kind === "key") names.add(foldCase(last.name));
    if (last?.kind === "glob") globs.set(last.glob.key, last.glob.inAnyCase());
  }
  const all = [...globs.values()];
  const isOne = (folded: string): boolean =>
    names.has(folded) || all.some((glob) => glob.matchesFolded(folded));
  return (name) => {
    const folded = foldCase(name);
    const dot = folded.lastIndexOf(".");
    return isOne(folded) || (dot >= 0 && isOne(folded.slice(dot + 1)));
  };
}
