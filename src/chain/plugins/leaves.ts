/** What a value of maps and lists holds in the end. */

type Path = readonly (string | number)[];

/** A value that holds no others, and where it is. */
export interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

/**
 * All values in `value` that are neither maps nor lists, or that are `single`, each with its path, which begins with `path`. What a
 * value has above itself, as an alias in YAML can, is passed over.
 */
export function* leavesOf(
  value: unknown,
  path: Path = [],
  isSingle: (value: object) => boolean = () => false,
  above: readonly object[] = [],
): Generator<Leaf> {
  if (typeof value !== "object" || value === null || isSingle(value)) yield { path, value };
  else if (!above.includes(value))
    for (const [part, each] of Object.entries(value)) {
      const below = [...path, Array.isArray(value) ? Number(part) : part];
      yield* leavesOf(each, below, isSingle, [...above, value]);
    }
}
