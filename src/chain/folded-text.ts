/**
 * Text in one spelling: lower case, JSON escapes and percent-encoding resolved at whatever depth they are
 * nested, so that a name or a separator is found however it is written.
 *
 *     \"Author\u0069zation%3A   →   "authorization:
 *
 * Every character knows where in the original it comes from. Made in one pass, in linear time.
 */

const backslash = 0x5c;
const percent = 0x25;
const ampersand = 0x26;
const blank = 0x20;
const letter_u = 0x75;

/** Entities under which the characters that matter here are found in HTML and XML. */
const entities: readonly (readonly [string, number])[] = [
  ["&quot;", 0x22],
  ["&#34;", 0x22],
  ["&#x22;", 0x22],
  ["&amp;", ampersand],
];

export class FoldedText {
  readonly text: string;
  /** Undefined where every character is at its own place. */
  readonly #offsets: Int32Array | undefined;

  constructor(original: string) {
    const lower = original.toLowerCase();
    // A sigma at a word's end has a lower case of its own, which depends on its neighbours.
    if (lower.length === original.length && !/[\\%&Σ]/.test(original)) {
      this.text = lower;
      return;
    }
    const units = new Uint16Array(original.length);
    const offsets = new Int32Array(original.length + 1);
    let length = 0;
    let at = 0;
    while (at < original.length) {
      const code = original.charCodeAt(at);
      let unit = code;
      let end = at + 1;
      if (code === backslash) {
        [unit, end] = readEscape(original, at);
        // A letter may be an escape (\n) or not (C:\name): it counts as a blank and as itself.
        if (unit === blank && end < original.length) {
          units[length] = blank;
          offsets[length] = at;
          length += 1;
          unit = original.charCodeAt(end);
          at = end;
          end += 1;
        }
      } else if (code === percent) {
        [unit, end] = readPercent(original, at);
      } else if (code === ampersand) {
        [unit, end] = readEntity(original, at);
      }
      units[length] = lowerCase(unit);
      offsets[length] = at;
      length += 1;
      at = end;
    }
    offsets[length] = original.length;
    this.#offsets = offsets;
    this.text = Buffer.from(units.buffer, 0, length * 2).toString("utf16le");
  }

  /** Where in the original the character at `index` begins; the original's end for the end. */
  originalOffset(index: number): number {
    const within = Math.min(index, this.text.length);
    return this.#offsets === undefined ? within : this.#offsets[within]!;
  }
}

/** The name as it appears in a folded text. Backslashes at its end go with the quote that follows them. */
export function foldName(name: string): string {
  return new FoldedText(JSON.stringify(name.replace(/\\+$/, "")).slice(1, -1)).text;
}

/** What a run of backslashes and the character behind it stand for; a blank where that is not certain. */
function readEscape(text: string, at: number): [unit: number, end: number] {
  let next = at;
  while (text.charCodeAt(next) === backslash) next += 1;
  const code = text.charCodeAt(next);
  if (code === letter_u) {
    const unit = hexadecimal(text, next + 1, 4);
    if (unit >= 0) return [unit, next + 5];
  }
  const isPunctuation = code === 0x22 || code === 0x27 || code === 0x2f;
  return isPunctuation ? [code, next + 1] : [blank, next];
}

/** %41, and %2541 where it was encoded twice. */
function readPercent(text: string, at: number): [unit: number, end: number] {
  let digits = at + 1;
  while (text.startsWith("25", digits) && hexadecimal(text, digits + 2, 2) >= 0) digits += 2;
  const unit = hexadecimal(text, digits, 2);
  return unit >= blank && unit < 0x7f ? [unit, digits + 2] : [percent, at + 1];
}

function readEntity(text: string, at: number): [unit: number, end: number] {
  const entity = entities.find(([name]) => text.startsWith(name, at));
  return entity === undefined ? [ampersand, at + 1] : [entity[1], at + entity[0].length];
}

function hexadecimal(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexadecimalDigit(text.charCodeAt(index));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** -1 for anything else, NaN (beyond the end) included. */
function hexadecimalDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function lowerCase(unit: number): number {
  if (unit < 0x80) return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}
