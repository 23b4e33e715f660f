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
  /** Counts what is looked at. */
  readonly work: Work;
  readonly #text: string;
  readonly #known = new Map<string, Known>();

  constructor(text: string, work: Work) {
    this.#text = text;
    this.work = work;
  }

  /** Where `what` is next, at `at` or behind it; the length of the text where it does not. */
  next(what: string, at: number): number {
    const known = this.#known.get(what);
    if (known !== undefined && known.from <= at && at <= known.found) return known.found;
    const index = this.#text.indexOf(what, at);
    const found = index < 0 ? this.#text.length : index;
    this.work.spend(found - at + 1);
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

/** A part of a text that is looked through. */
interface Stretch {
  readonly text: string;
  readonly from: number;
  readonly until: number;
}

/** So many characters say whether a word may begin at a place. Shorter words are looked for one by one: hardly any is. */
const head_length = 3;
const head_bits = 14;

/** Some bits of three characters. */
function headOf(first: number, second: number, third: number): number {
  const all = (first << 16) ^ (second << 8) ^ third;
  return Math.imul(all, 0x9e3779b1) >>> (32 - head_bits);
}

/** Words that are looked for together, in one pass over each text. */
export class WordSearch {
  readonly words: readonly string[];
  /** By the bits of its first characters, whether a word begins so: at most places of a text none does. */
  readonly #heads = new Uint8Array(1 << head_bits);
  /** By the same bits, the numbers of the words: the longest first, and of those of one length the first. */
  readonly #numbers = new Map<number, number[]>();
  /** The numbers of the words that are shorter than that. */
  readonly #short: readonly number[];

  constructor(words: readonly string[]) {
    this.words = words;
    const longest_first = [...words.keys()].sort((a, b) => words[b]!.length - words[a]!.length);
    this.#short = longest_first.filter((number) => words[number]!.length < head_length);
    for (const number of longest_first.slice(0, words.length - this.#short.length)) {
      const word = words[number]!;
      const head = headOf(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2));
      this.#heads[head] = 1;
      const same = this.#numbers.get(head);
      if (same === undefined) this.#numbers.set(head, [number]);
      else same.push(number);
    }
  }

  /** The next place where words are, at `from` or behind it, and their numbers there, the longest first. */
  next(text: string, from: number, ahead: Ahead): { at: number; numbers: number[] } | undefined {
    const at = this.#longAt({ text, from, until: this.#shortAt(text, from, ahead) }, ahead.work);
    if (at >= text.length) return undefined;
    const numbers = this.#longNumbers(text, at);
    for (const each of this.#short) if (text.startsWith(this.words[each]!, at)) numbers.push(each);
    return { at, numbers };
  }

  /** Where a longer word is next before `until`, which it is where there is none: behind it is for the search after this one. */
  #longAt({ text, from, until }: Stretch, work: Work): number {
    const heads = this.#heads;
    let first = text.charCodeAt(from);
    let second = text.charCodeAt(from + 1);
    let at = from;
    for (; at < until && at + head_length <= text.length; at += 1) {
      const third = text.charCodeAt(at + 2);
      if (heads[headOf(first, second, third)] === 1 && this.#isLongAt(text, at, work)) {
        work.spend(at - from);
        return at;
      }
      first = second;
      second = third;
    }
    work.spend(at - from);
    return until;
  }

  /** The numbers of the words that begin with the same bits as the text does there. */
  #candidates(text: string, at: number): readonly number[] {
    const head = headOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));
    return this.#numbers.get(head) ?? [];
  }

  #isLongAt(text: string, at: number, work: Work): boolean {
    for (const each of this.#candidates(text, at)) {
      work.spend(this.words[each]!.length);
      if (text.startsWith(this.words[each]!, at)) return true;
    }
    return false;
  }

  #longNumbers(text: string, at: number): number[] {
    if (at + head_length > text.length) return [];
    return this.#candidates(text, at).filter((each) => text.startsWith(this.words[each]!, at));
  }

  #shortAt(text: string, from: number, ahead: Ahead): number {
    let nearest = text.length;
    for (const each of this.#short) {
      nearest = Math.min(nearest, ahead.next(this.words[each]!, from));
    }
    return nearest;
  }
}

/** Finds all occurrences of several words, from the front to the back; of those that begin together the longest first. */
export class Occurrences {
  readonly #text: string;
  readonly #search: WordSearch;
  readonly #work: Work;
  readonly #ahead: Ahead;
  #at = -1;
  /** What begins at that place, and how many of those have been given. */
  #numbers: readonly number[] = [];
  #given = 0;

  constructor(text: string, search: WordSearch, work: Work) {
    this.#text = text;
    this.#search = search;
    this.#work = work;
    this.#ahead = new Ahead(text, work);
    this.#advance();
  }

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  /** Undefined where there is no more. */
  next(): Occurrence | undefined {
    if (this.#given >= this.#numbers.length) this.#advance();
    const number = this.#numbers[this.#given];
    if (number === undefined) return undefined;
    this.#given += 1;
    const start = this.#at;
    return { number, start, end: start + this.#search.words[number]!.length };
  }

  #advance(): void {
    const from = this.#at + 1;
    const next = this.#search.next(this.#text, from, this.#ahead);
    this.#at = next?.at ?? this.#text.length;
    this.#numbers = next?.numbers ?? [];
    this.#given = 0;
    const compared = this.#numbers.reduce((all, each) => all + this.#search.words[each]!.length, 0);
    this.#work.spend(1 + compared);
  }
}
