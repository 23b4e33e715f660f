/**
 * The paths of a chain, each of them once, so that equal paths of several steps are found together.
 */
import { parsePath, type Path, type PathOptions } from "../event/scan/path.ts";

export class PathPool {
  readonly #paths = new Map<string, Path>();

  /** Throws a PathError on a mistake in the text. */
  path(text: string, options: PathOptions = {}): Path {
    const path = parsePath(text, options);
    const known = this.#paths.get(path.key);
    if (known !== undefined) return known;
    this.#paths.set(path.key, path);
    return path;
  }

  all(): Path[] {
    return [...this.#paths.values()];
  }
}
