/**
 * What all paths ask of a key, asked at once: which of their names it is, and which of their globs it matches.
 *
 * Where a key leads depends on nothing but the answers, so that keys with the same ones share what was found out for the first.
 * Keys of an attack all differ, and to ask each path by itself would cost microseconds for each of them.
 */
import { foldCase, type KeyGlob } from "./key-glob.ts";
import type { Path } from "./path.ts";
import { namesOf } from "./path-state.ts";

/** Keys with more parts between their dots are not told apart by answers. */
const parts_max = 8;
/** Of the end of a key, so many characters say which globs may match it. */
const ending_length = 2;

/** A glob, and the number of the answer that it matches. */
interface GlobTest {
  readonly number: number;
  readonly glob: KeyGlob;
}

/** The tests of the paths that ignore case, or of those that do not. */
class TestsOfCase {
  readonly #names = new Map<string, number>();
  readonly #globs = new Map<KeyGlob, number>();
  /** The globs by how what they match ends, and those of which that says nothing. */
  readonly #by_ending = new Map<number, GlobTest[]>();
  readonly #others: GlobTest[] = [];

  get is_empty(): boolean {
    return this.#names.size === 0 && this.#globs.size === 0;
  }

  addName(name: string, number: number): void {
    if (!this.#names.has(name)) this.#names.set(name, number);
  }

  addGlob(glob: KeyGlob, number: number): void {
    if (this.#globs.has(glob)) return;
    this.#globs.set(glob, number);
    const test = { number, glob };
    const { endings } = glob;
    if (endings.some((ending) => ending.length < ending_length)) {
      this.#others.push(test);
      return;
    }
    for (const code of new Set(endings.map(endingOf))) {
      const same = this.#by_ending.get(code);
      if (same === undefined) this.#by_ending.set(code, [test]);
      else same.push(test);
    }
  }

  /** The answers to a text, as a text: empty where it is none of the names and no glob matches it. */
  answersOf(text: string): string {
    let answers = "";
    const name = this.#names.get(text);
    if (name !== undefined) answers = `${name} `;
    const tests = this.#by_ending.get(endingOf(text));
    if (tests !== undefined) answers += answersOfGlobs(tests, text);
    return this.#others.length === 0 ? answers : answers + answersOfGlobs(this.#others, text);
  }
}

function answersOfGlobs(tests: readonly GlobTest[], text: string): string {
  let answers = "";
  for (const { number, glob } of tests) if (glob.matchesFolded(text)) answers += `${number} `;
  return answers;
}

/** The last characters of a text as a number. */
function endingOf(text: string): number {
  const { length } = text;
  return length < ending_length
    ? -1
    : text.charCodeAt(length - 2) * 0x1_0000 + text.charCodeAt(length - 1);
}

export class KeyTests {
  readonly #exact = new TestsOfCase();
  readonly #folded = new TestsOfCase();
  /** The names that have dots in them, so that the parts of a key do not say whether it has one. */
  readonly #dotted_names = new Set<string>();

  constructor(paths: readonly Path[]) {
    let number = 0;
    for (const { segments, ignore_case } of paths) {
      const tests = ignore_case ? this.#folded : this.#exact;
      for (const segment of segments) {
        number += 1;
        if (segment.kind === "glob") tests.addGlob(segment.glob, number);
        for (const name of namesOf(segment)) {
          if (name.includes(".")) this.#dotted_names.add(foldCase(name));
          tests.addName(ignore_case ? foldCase(name) : name, number);
          number += 1;
        }
      }
    }
  }

  /** The answers to a key, as a text that is the same for keys that lead to the same; undefined where it cannot be told. */
  answersOf(key: string): string | undefined {
    if (!key.includes(".")) return this.#answersOf(key);
    const folded = foldCase(key);
    for (const name of this.#dotted_names) if (folded.includes(name)) return undefined;
    const parts = key.split(".", parts_max + 1);
    if (parts.length > parts_max) return undefined;
    return `${parts.map((part) => this.#answersOf(part)).join(".")}=${this.#answersOf(key)}`;
  }

  #answersOf(text: string): string {
    const answers = this.#exact.is_empty ? "" : this.#exact.answersOf(text);
    return this.#folded.is_empty ? answers : answers + this.#folded.answersOf(foldCase(text));
  }
}
