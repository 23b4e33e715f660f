/**
 * The paths of a chain, each of them once, so that equal paths of several steps are found together.
 */
import type { KeyGlobOptions } from "../event/scan/key-glob.ts";
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

  /** The path to the values of all keys of these names or globs. Throws a PathError on a mistake in one. */
  keys(globs: readonly string[], options: KeyGlobOptions): Path {
    for (const glob of globs) {
      if (glob === "") throw new PathError("a key is missing", 1);
      if (glob.length > glob_length_max) {
        throw new PathError(`it is longer than ${glob_length_max} characters`, glob_length_max + 1);
      }
    }
    return this.#keep(pathToKeys(globs, options));
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
