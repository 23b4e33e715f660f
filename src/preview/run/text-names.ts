/**
 * The names of the values that paths mean, looked for in text: the mask of text goes by these, as text has no paths.
 */
import { FoldedText, foldName } from "../../chain/masking/folded-text.ts";
import { Occurrences, WordSearch } from "../../chain/masking/forward-search.ts";
import { Work } from "../../chain/masking/mask-work.ts";
import { spellingsOf } from "../../chain/masking/text-mask.ts";
import { literalOf } from "../../event/scan/key-glob.ts";
import type { Path } from "../../event/scan/path.ts";

export class TextNames {
  /** For each name, the paths, as they are written, whose values it marks. */
  readonly #paths: readonly (readonly string[])[];
  readonly #search: WordSearch;

  constructor(paths: readonly Path[]) {
    const by_name = new Map<string, string[]>();
    for (const path of paths) {
      for (const name of namesOf(path)) {
        const known = by_name.get(name);
        if (known === undefined) by_name.set(name, [path.text]);
        else known.push(path.text);
      }
    }
    this.#paths = [...by_name.values()];
    this.#search = new WordSearch([...by_name.keys()]);
  }

  /** The paths whose names stand in the text, in whatever spelling. */
  in(original: string): ReadonlySet<string> {
    const work = new Work(Infinity);
    const found = new Set<string>();
    const names = new Occurrences(new FoldedText(original, work).text, this.#search, work);
    for (let name = names.next(); name !== undefined; name = names.next()) {
      for (const path of this.#paths[name.number]!) found.add(path);
    }
    return found;
  }
}

/** The last name of the path, folded, in its spellings; that of a glob is what all that it matches have in common. */
function namesOf({ segments }: Path): ReadonlySet<string> {
  const last = segments.findLast(({ kind }) => kind === "key" || kind === "glob");
  const names =
    last?.kind === "glob"
      ? last.glob.texts.map(literalOf)
      : last?.kind === "key"
        ? [last.name]
        : [];
  return new Set(
    names.filter((name) => name !== "").flatMap((name) => spellingsOf(foldName(name))),
  );
}
