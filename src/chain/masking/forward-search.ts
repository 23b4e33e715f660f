/**
 * Searches in a text that only go forward, and remember what they found: no run of it is looked at twice by one
 * search, however often it is asked.
 */
import type { Work } from "./mask-work.ts";

interface Known {
  readonly from: number;
  readonly found: number;
}

/** Finds the next of something from a place on. */
export class Ahead {
  readonly #text: string;
  readonly #work: Work;
  readonly #known = new Map<string, Known>();

  constructor(text: string, work: Work) {
    this.#text = text;
    this.#work = work;
  }

  /** Where `what` is next, at `at` or behind it; the length of the text where it does not. */
  next(what: string, at: number): number {
    const known = this.#known.get(what);
    if (known !== undefined && known.from <= at && at <= known.found) return known.found;
    const index = this.#text.indexOf(what, at);
    const found = index < 0 ? this.#text.length : index;
    this.#work.spend(found - at + 1);
    this.#known.set(what, { from: at, found });
    return found;
  }
}

/** Finds the ends of runs that consist of certain characters only. */
export class Runs {
  readonly #text: string;
  readonly #work: Work;
  readonly #characters: string;
  #from = 0;
  #end = 0;

  constructor(text: string, characters: string, work: Work) {
    this.#text = text;
    this.#characters = characters;
    this.#work = work;
  }

  /** Where the run ends that begins at `at`; `at` itself where none does. */
  end(at: number): number {
    if (this.#from <= at && at < this.#end) return this.#end;
    let end = at;
    while (end < this.#text.length && this.#characters.includes(this.#text[end]!)) end += 1;
    this.#work.spend(end - at + 1);
    this.#from = at;
    this.#end = end;
    return end;
  }
}

/** Where a text is next that is looked for. */
export interface Occurrence {
  /** Which of the texts it is. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** Finds all occurrences of several texts, from the front to the back; of those that begin together the longest first. */
export class Occurrences {
  readonly #text: string;
  readonly #wanted: readonly string[];
  readonly #work: Work;
  readonly #next: number[];

  constructor(text: string, wanted: readonly string[], work: Work) {
    this.#text = text;
    this.#wanted = wanted;
    this.#work = work;
    this.#next = wanted.map((each) => this.#find(each, 0));
  }

  get isEmpty(): boolean {
    return this.#next.every((at) => at === this.#text.length);
  }

  /** Undefined where there is no more. */
  next(): Occurrence | undefined {
    let number = -1;
    let start = this.#text.length;
    for (let each = 0; each < this.#next.length; each += 1) {
      const at = this.#next[each]!;
      if (at > start || (at === start && !this.#isLonger(each, number))) continue;
      number = each;
      start = at;
    }
    this.#work.spend(this.#next.length);
    if (number < 0) return undefined;
    const wanted = this.#wanted[number]!;
    this.#next[number] = this.#find(wanted, start + 1);
    return { number, start, end: start + wanted.length };
  }

  #isLonger(one: number, other: number): boolean {
    return other >= 0 && this.#wanted[one]!.length > this.#wanted[other]!.length;
  }

  #find(wanted: string, from: number): number {
    const index = this.#text.indexOf(wanted, from);
    const found = index < 0 ? this.#text.length : index;
    this.#work.spend(found - from + 1);
    return found;
  }
}
