/**
 * Secrets whose names are beside them: which names are meant, as in `[{"name": "Authorization", "value": "…"}]`.
 */
import type { NamedSecrets } from "../../event/event.ts";
import type { Path, PathOptions } from "../../event/scan/path.ts";

const names_known_max = 1000;

/** The names of lists of names and values. Many events have the same ones. */
export function namedSecrets(
  secrets: readonly Path[],
  pathTo: (text: string, options: PathOptions) => Path,
): NamedSecrets {
  const paths = ["**.name", "**.key"].map((text) =>
    pathTo(text, { ignore_case: true, secret: true }),
  );
  const known = new Map<string, boolean>();
  const isSecret = (name: string): boolean => {
    const last = name.slice(name.lastIndexOf(".") + 1);
    return secrets.some((path) => path.endsIn(name) || path.endsIn(last));
  };
  return {
    paths,
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
