/**
 * The paths of a chain, each of them once, so that equal paths of several steps are found together.
 */
import { parsePath, type Path, type PathOptions } from "../event/path.ts";

export class PathPool {
  readonly #others: readonly Path[];
  readonly #paths = new Map<string, Path>();

  constructor(others: readonly Path[]) {
    this.#others = others;
  }

  /** Throws a PathError on a mistake in the text. */
  path(text: string, options: PathOptions = {}): Path {
    const key = `${options.ignore_case === true} ${text}`;
    let path = this.#paths.get(key);
    if (path === undefined) {
      path = parsePath(text, options);
      this.#paths.set(key, path);
    }
    return path;
  }

  all(): Path[] {
    return [...this.#others, ...this.#paths.values()];
  }
}
