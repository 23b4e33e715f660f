/**
 * The paths of a chain, each of them once, so that equal paths of several steps are found together.
 */
import {
  parsePath,
  type Path,
  PathError,
  type PathOptions,
  pathToKeys,
} from "../event/scan/path.ts";

export class PathPool {
  readonly #paths = new Map<string, Path>();

  /** Throws a PathError on a mistake in the text. */
  path(text: string, options: PathOptions = {}): Path {
    return this.#keep(parsePath(text, options));
  }

  /** The paths to the values of all keys of these names or globs but those behind a `!`. Throws a PathError on a mistake. */
  keys(globs: readonly string[], ignore_case: boolean): Path[] {
    for (const glob of globs) assertGlob(glob);
    const exceptions = globs.filter(isException).map((glob) => glob.slice(1));
    return globs
      .filter((glob) => !isException(glob))
      .map((glob) => this.#keep(pathToKeys(glob, { ignore_case, exceptions })));
  }

  all(): Path[] {
    return [...this.#paths.values()];
  }

  #keep(path: Path): Path {
    const known = this.#paths.get(path.key);
    if (known !== undefined) return known;
    this.#paths.set(path.key, path);
    return path;
  }
}

const glob_length_max = 200;

function isException(glob: string): boolean {
  return glob.startsWith("!");
}

function assertGlob(glob: string): void {
  const name = isException(glob) ? glob.slice(1) : glob;
  if (name === "") throw new PathError("a key is missing", 1);
  if (glob.length > glob_length_max) {
    throw new PathError(`it is longer than ${glob_length_max} characters`, glob_length_max + 1);
  }
}
