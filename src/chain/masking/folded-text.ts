/**
 * Text in one spelling: lower case, escapes, percent-encoding and entities resolved at whatever depth they are
 * nested, colours taken out, so that a name or a separator is found however it is written.
 *
 *     \"Author\u0069zation%3A   →   "authorization:
 *
 * Every character knows where in the original it comes from. Each layer of spelling is one pass.
 */
import { Work } from "./mask-work.ts";
import {
  endOfBackslashes,
  plainBackslashes,
  type Spelling,
  spelling_start,
  spellingAt,
} from "./spellings.ts";

/** How many spellings may be nested in each other, beside those that one pass resolves. More are nobody's logging. */
const layers_max = 16;

/** A text made of another one: pieces of that as they are, and what other pieces of it stand for. */
interface Layer {
  readonly text: string;
  /** Where each piece begins in the new text, and where in the old one. */
  readonly starts: readonly number[];
  readonly origins: readonly number[];
  /** Whether all characters of the piece come from its origin, since it stands for what is there. */
  readonly spelled: readonly boolean[];
}

export class FoldedText {
  readonly text: string;
  /** Whether spellings are left that were not resolved, so that names may be in it unseen. */
  readonly is_unresolved: boolean;
  /** From the text back to the original; none where every character is at its own place. */
  readonly #layers: Layer[] = [];
  readonly #length: number;

  constructor(original: string, work: Work) {
    this.#length = original.length;
    let text = lowerCase(original);
    work.spend(original.length);
    // Backslashes that spell nothing go last, when all that is behind them is resolved.
    const next = (): Layer | undefined =>
      resolve(text, work, spellingAt) ??
      (text.includes("\\") ? resolve(text, work, plainBackslashes) : undefined);
    let layer = next();
    while (layer !== undefined && this.#layers.length < layers_max) {
      this.#layers.unshift(layer);
      ({ text } = layer);
      layer = next();
    }
    this.text = text;
    this.is_unresolved = layer !== undefined;
  }

  /** Where in the original the character at `index` begins; the original's end for the end. */
  originalOffset(index: number): number {
    if (index >= this.text.length) return this.#length;
    return this.#layers.reduce(originOf, index);
  }
}

/** The name as it appears in a folded text. Backslashes at its end go with the quote that follows them. */
export function foldName(name: string): string {
  const written = JSON.stringify(name.replace(/\\+$/, "")).slice(1, -1);
  return new FoldedText(written, new Work(Infinity)).text;
}

/** Every character at its own place: the one letter that would become two becomes one, and so does a final sigma. */
function lowerCase(text: string): string {
  return text.replaceAll("İ", "i").toLowerCase().replaceAll("ς", "σ");
}

/** Resolves the outermost of such spellings; undefined where there are none. */
function resolve(
  text: string,
  work: Work,
  spellingOf: (text: string, at: number) => Spelling,
): Layer | undefined {
  const parts: string[] = [];
  const starts: number[] = [];
  const origins: number[] = [];
  const spelled: boolean[] = [];
  let length = 0;
  const add = (part: string, origin: number, isSpelled: boolean): void => {
    if (part === "") return;
    parts.push(part);
    starts.push(length);
    origins.push(origin);
    spelled.push(isSpelled);
    length += part.length;
  };
  let done = 0;
  spelling_start.lastIndex = 0;
  while (spelling_start.test(text)) {
    const at = spelling_start.lastIndex - 1;
    const spelling = spellingOf(text, at);
    if (spelling === undefined) {
      // The rest of a run spells no more than all of it.
      if (text[at] === "\\") spelling_start.lastIndex = endOfBackslashes(text, at);
      continue;
    }
    add(text.slice(done, at), done, false);
    add(spelling.stands_for, at, true);
    done = spelling.end;
    work.spend(spelling.end - at);
    spelling_start.lastIndex = done;
  }
  work.spend(text.length);
  if (done === 0) return undefined;
  add(text.slice(done), done, false);
  return { text: parts.join(""), starts, origins, spelled };
}

function originOf(index: number, { starts, origins, spelled }: Layer): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= index) low = middle + 1;
    else high = middle;
  }
  const piece = low - 1;
  return spelled[piece] === true ? origins[piece]! : origins[piece]! + index - starts[piece]!;
}
