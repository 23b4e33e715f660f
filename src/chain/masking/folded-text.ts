/**
 * Text in one spelling: lower case, escapes, percent-encoding and entities resolved at whatever depth they are
 * nested, colours taken out, so that a name or a separator is found however it is written.
 *
 *     \"Author\u0069zation%3A   →   "authorization:
 *
 * Every character knows where in the original it comes from. Each layer of spelling is one pass.
 */
import { Work } from "./mask-work.ts";
import { spelling_start, spellingAt } from "./spellings.ts";

/** How many spellings may be nested in each other, beside those that one pass resolves. */
const layers_max = 5;

/** A text made of another one: pieces of that as they stand, and what other pieces of it stand for. */
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
  /** From the text back to the original; none where every character is at its own place. */
  readonly #layers: Layer[] = [];
  readonly #length: number;

  constructor(original: string, work: Work) {
    this.#length = original.length;
    let text = lowerCase(original);
    work.spend(original.length);
    for (let number = 0; number < layers_max; number += 1) {
      const layer = resolve(text, work);
      if (layer === undefined) break;
      this.#layers.unshift(layer);
      ({ text } = layer);
    }
    this.text = text;
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

/** Resolves the outermost spellings; undefined where there are none. */
function resolve(text: string, work: Work): Layer | undefined {
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
    const spelling = spellingAt(text, at);
    if (spelling === undefined) continue;
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
