/**
 * What packed values have in common, by number: the shapes of objects, and texts.
 */

/** More are not known, so that nobody can fill the memory. */
const known_max = 32 * 1024;
/** So many keys that may come next are compared before they are looked up. */
const likely_max = 4;

/** A key of objects that have the same keys before it. */
export interface Shape {
  readonly before: Shape | undefined;
  readonly key: string;
  number: number | undefined;
  readonly next: Map<string, Shape>;
  /** Some of `next`, with their keys as JSON has them: in quotes, and with the colon. */
  readonly likely: { readonly key: Uint8Array; readonly shape: Shape }[];
}

function shapeOf(before: Shape | undefined, key: string): Shape {
  return { before, key, number: undefined, next: new Map(), likely: [] };
}

/** The shapes of objects: their keys in order, but for those of `undefined`, by number. */
export class Shapes {
  /** That of an object without keys. */
  readonly empty = shapeOf(undefined, "");
  readonly #keys: (readonly string[])[] = [];
  #count = 0;

  /** Undefined where it is not known, and there are too many. */
  of(value: object): Shape | undefined {
    let shape: Shape | undefined = this.empty;
    for (const key of Object.keys(value)) {
      if ((value as Record<string, unknown>)[key] === undefined) continue;
      shape = this.next(shape, key);
      if (shape === undefined) return undefined;
    }
    return shape;
  }

  /** The shape with one key more; undefined where it is not known, and there are too many, or it is a key like no other. */
  next(shape: Shape, key: string): Shape | undefined {
    const known = shape.next.get(key);
    if (known !== undefined || this.#count >= known_max || key === "__proto__") return known;
    this.#count += 1;
    const next = shapeOf(shape, key);
    shape.next.set(key, next);
    if (shape.likely.length < likely_max)
      shape.likely.push({ key: Buffer.from(`${JSON.stringify(key)}:`), shape: next });
    return next;
  }

  numberOf(shape: Shape): number {
    shape.number ??= this.#keys.push(keysOf(shape)) - 1;
    return shape.number;
  }

  keys(number: number): readonly string[] {
    return this.#keys[number]!;
  }
}

function keysOf(shape: Shape): string[] {
  const keys: string[] = [];
  for (let at = shape; at.before !== undefined; at = at.before) keys.push(at.key);
  return keys.toReversed();
}

/** Texts that are known by number. */
export class KnownTexts {
  readonly #numbers = new Map<string, number>();
  readonly #all: string[] = [];

  /** Undefined where it is not known, and there are too many. */
  numberOf(text: string): number | undefined {
    const number = this.#numbers.get(text);
    if (number !== undefined || this.#all.length >= known_max) return number;
    this.#numbers.set(text, this.#all.length);
    return this.#all.push(text) - 1;
  }

  at(number: number): string {
    return this.#all[number]!;
  }
}
