/**
 * Where a value is another than was expected: each place with what was expected and what is there.
 */

export interface Deviation {
  readonly path: readonly (string | number)[];
  /** Undefined where nothing was expected. */
  readonly expected: unknown;
  /** Undefined where nothing is there. */
  readonly found: unknown;
}

const deviations_max = 20;

/** `exactly` where what is not named in `expected` must not be there. */
export function deviationsOf(expected: unknown, found: unknown, exactly: boolean): Deviation[] {
  const deviations: Deviation[] = [];
  compare({ path: [], expected, found }, exactly, deviations);
  return deviations.slice(0, deviations_max);
}

function compare({ path, expected, found }: Deviation, exactly: boolean, into: Deviation[]): void {
  if (isMap(expected) && isMap(found)) {
    const names = new Set([...Object.keys(expected), ...(exactly ? Object.keys(found) : [])]);
    for (const name of names) {
      const below = { path: [...path, name], expected: at(expected, name), found: at(found, name) };
      compare(below, exactly, into);
    }
  } else if (Array.isArray(expected) && Array.isArray(found)) {
    for (let number = 0; number < Math.max(expected.length, found.length); number += 1) {
      const [one, other]: unknown[] = [expected[number], found[number]];
      compare({ path: [...path, number], expected: one, found: other }, exactly, into);
    }
  } else if (expected !== found) into.push({ path, expected, found });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
