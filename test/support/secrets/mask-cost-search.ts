/**
 * A search for texts that cost the text mask more than their length: in a first stage very many short ones are looked
 * at, and in a second one the worst of them, at 10 KB and 100 KB.
 *
 * Work is counted in steps, so that three lengths in a row tell exactly whether it grows along a line: as long as it does,
 * the second third costs what the last one costs. Where a run is looked at again and again, the line bends upwards, however
 * short the text is. It does so, too, while a window of bounded length fills; that ends at four times the length, or at
 * the latest in the second stage.
 */
import { setImmediate } from "node:timers/promises";

/** The steps that a text costs. Infinite where the bound on the work was met. */
export type StepsOf = (text: string) => number;

export type Words = readonly string[];

type MakeText = (words: Words, count: number) => string;

interface Way {
  readonly words_min: number;
  readonly make: MakeText;
  /** Whether its text is the same for words in turn, `abc`, `bca` and `cab`, but for where it begins and ends. */
  readonly turns?: true;
}

/** Ways to make a text of a few words of the grammar, and of how many at least. */
const ways: Record<string, Way> = {
  repeated: { words_min: 1, turns: true, make: (words, count) => words.join("").repeat(count) },
  nested: {
    words_min: 2,
    make: (words, count) => words.map((word) => word.repeat(count)).join(""),
  },
  "nested around one": {
    words_min: 3,
    make: ([open = "", one = "", close = ""], count) =>
      open.repeat(count) + one + close.repeat(count),
  },
  "first once": {
    words_min: 2,
    make: ([first = "", ...others], count) => first + others.join("").repeat(count),
  },
  "last once": {
    words_min: 2,
    make: (words, count) => words.slice(0, -1).join("").repeat(count) + words.at(-1),
  },
  "in a string": {
    words_min: 1,
    turns: true,
    make: (words, count) => JSON.stringify({ a: words.join("").repeat(count) }),
  },
  "in strings": {
    words_min: 1,
    make: (words, count) => `[${`${JSON.stringify(words.join(""))},`.repeat(count)}""]`,
  },
};

function waysFor({ length }: Words): string[] {
  return Object.keys(ways).filter((way) => ways[way]!.words_min <= length);
}

/** Whether of the words in turn this is the order that is tried. */
function isFirstTurn(words: Words): boolean {
  return words.every((_, turn) => {
    const turned = [...words.slice(turn), ...words.slice(0, turn)];
    return words.join("\0") <= turned.join("\0");
  });
}

/** A text that is worth a second look: its words, and how they are put together. */
export interface Suspect {
  readonly way: string;
  readonly words: Words;
}

/** How often the words are repeated at the first look, and where the line bends at it, at the second. */
const few = 4;
const more = 16;

interface Seen {
  /** What the last third costs beyond the second one, of all. */
  readonly bend: number;
  /** Steps for each character. */
  readonly density: number;
}

/** Looks at `count` repetitions, twice and three times as many. */
function look(stepsOf: StepsOf, { way, words }: Suspect, count: number): Seen {
  const { make } = ways[way]!;
  const long = make(words, 3 * count);
  const [first, second, third] = [
    stepsOf(make(words, count)),
    stepsOf(make(words, 2 * count)),
    stepsOf(long),
  ];
  return { bend: (third - 2 * second + first) / third, density: third / long.length };
}

interface Ranked extends Suspect {
  readonly rank: number;
}

/** The highest of very many. */
class Highest {
  #all: Ranked[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  add(suspect: Suspect, rank: number): void {
    this.#all.push({ ...suspect, rank });
    if (this.#all.length >= 4 * this.#count) this.#all = this.list();
  }

  list(): Ranked[] {
    return this.#all.toSorted((one, other) => other.rank - one.rank).slice(0, this.#count);
  }
}

/**
 * The first stage: of all these words, the ones whose work bends upwards, at two lengths, and the ones with the most
 * steps for each character; of both the `count` worst.
 */
export async function findSuspects(
  stepsOf: StepsOf,
  all: Iterable<Words>,
  count: number,
): Promise<Suspect[]> {
  const bent = new Highest(count);
  const dense = new Highest(count);
  let looks = 0;
  for (const words of all) {
    looks += 1;
    // The test runner is to hear from this process all the time.
    if (looks % 1000 === 0) await setImmediate();
    const is_first = isFirstTurn(words);
    for (const way of waysFor(words)) {
      if (ways[way]!.turns === true && !is_first) continue;
      const suspect = { way, words };
      const { bend, density } = look(stepsOf, suspect, few);
      dense.add(suspect, density);
      if (bend <= 0) continue;
      const again = look(stepsOf, suspect, more);
      if (again.bend > 0) bent.add(suspect, again.bend);
    }
  }
  return [...bent.list(), ...dense.list()];
}

/** All ways to put these words together, without a first stage. */
export function allSuspects(words: Words): Suspect[] {
  return waysFor(words).map((way) => ({ way, words }));
}

const length_short = 10_000;
const growth = 10;
/** How much more than its growth in length a text may cost. */
const tolerance = 1.2;

/** The second stage: what costs more than twelve times the work at 100 KB of what it costs at 10 KB. */
export async function findBad(stepsOf: StepsOf, suspects: readonly Suspect[]): Promise<string[]> {
  const bad: string[] = [];
  for (const { way, words } of suspects) {
    await setImmediate();
    const count = Math.ceil(length_short / words.join("").length);
    const { make } = ways[way]!;
    const [short, long] = [make(words, count), make(words, growth * count)];
    const ratio = stepsOf(long) / stepsOf(short);
    const longer = long.length / short.length;
    if (!(ratio <= tolerance * longer)) {
      bad.push(`${way}: ${JSON.stringify(words)}: ${ratio.toFixed(1)}`);
    }
  }
  return bad;
}
