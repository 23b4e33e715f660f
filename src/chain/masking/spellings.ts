/**
 * How one character can be spelled in a log: as an escape of a programming language, percent-encoded, as an
 * entity, in another width or style; and what stands between characters without being one, such as colours.
 *
 * The text is lower case here. Each function looks at a spelling of bounded length, or at one run of backslashes.
 */

/** What is at a place of a text, and where that ends. Undefined for nothing but itself. */
export type Spelling = { readonly stands_for: string; readonly end: number } | undefined;

/** Characters in another style or unseen, of the planes that have any that stand for ASCII: first and last of each block. */
const styled_blocks: readonly (readonly [number, number])[] = [
  // Latin-1: the blank that does not break, ordinals, guillemets, the soft hyphen, superscripts, the sharp s.
  [0xa0, 0xa0],
  [0xaa, 0xab],
  [0xad, 0xad],
  [0xb2, 0xb3],
  [0xb9, 0xbb],
  [0xdf, 0xdf],
  // The i without a dot, the long s, modifier letters, the grapheme joiner, marks and fillers that are not seen.
  [0x131, 0x131],
  [0x17f, 0x17f],
  [0x2b0, 0x2b8],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x1d2c, 0x1d6a],
  [0x1e9e, 0x1e9e],
  // Punctuation, blanks, marks of direction, super- and subscripts, letterlike signs, numerals, letters in circles.
  [0x2000, 0x214f],
  [0x2160, 0x217f],
  [0x2460, 0x24ff],
  [0x2c7c, 0x2c7d],
  [0x3000, 0x3000],
  // Ligatures, variation selectors, small forms, the byte order mark, full and half width.
  [0xfb00, 0xfb06],
  [0xfe00, 0xfe6f],
  [0xfeff, 0xff65],
  [0xffa0, 0xffa0],
  // The first halves of mathematical letters and of tags.
  [0xd835, 0xd835],
  [0xdb40, 0xdb40],
];

/** Where a spelling may begin. */
export const spelling_start = new RegExp(
  `[\\\\%&^\\x1b\\x9b${styled_blocks.map(([from, to]) => `${unit(from)}-${unit(to)}`).join("")}]`,
  "g",
);

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

const escape = "\x1b";
const hexadecimal_max = 6;

export function spellingAt(text: string, at: number): Spelling {
  const initial: string = text[at]!;
  switch (initial) {
    case "\\":
      return backslashes(text, at);
    case "%":
      return percent(text, at);
    case "&":
      return entity(text, at);
    case "^":
      return caret(text, at);
    case escape:
    case "\x9b":
      return controlSequence(text, at);
    default:
      return styled(text, at);
  }
}

/**
 * A run of backslashes, and the character behind it that it spells. Each string around an escape doubles its run; in a
 * run of any other length there are backslashes that stand for themselves, too: `\\\u0075` is `\u`, the beginning of
 * another escape. A run that spells nothing is left: what is behind it may be spelled itself.
 */
function backslashes(text: string, at: number): Spelling {
  const next = endOfBackslashes(text, at);
  const character = digitsAfterBackslash(text, next);
  if (character === undefined) return escapedMark(text, next);
  if (isPowerOfTwo(next - at)) return character;
  return { stands_for: `\\${character.stands_for}`, end: character.end };
}

/** Where a run of backslashes ends that begins at `at`. */
export function endOfBackslashes(text: string, at: number): number {
  let next = at + 1;
  while (text[next] === "\\") next += 1;
  return next;
}

function isPowerOfTwo(length: number): boolean {
  return Number.isInteger(Math.log2(length));
}

function escapedMark(text: string, at: number): Spelling {
  const initial = text[at];
  if (initial === "e" && (text[at + 1] === "[" || text[at + 1] === "(")) {
    return { stands_for: escape, end: at + 1 };
  }
  const isPunctuation = initial !== undefined && "\"'`/".includes(initial);
  return isPunctuation ? { stands_for: initial, end: at + 1 } : undefined;
}

/**
 * A run of backslashes that spells nothing: the letter behind it may be an escape (\n) or not (C:\name), so that the
 * run counts as a blank, and the letter as itself.
 */
export function plainBackslashes(text: string, at: number): Spelling {
  return text[at] === "\\" ? { stands_for: " ", end: endOfBackslashes(text, at) } : undefined;
}

/** u0022, u{22}, x22, x{22}, 042, 0: what is behind the backslashes, where it is a character by its number. */
const numbers = /(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|x\{([\da-f]{1,6})\})/y;
const octal = /[0-3][0-7]{2}|0/y;

function digitsAfterBackslash(text: string, at: number): Spelling {
  const initial = text[at];
  if (initial === "u" || initial === "x") {
    numbers.lastIndex = at;
    const digits = numbers
      .exec(text)
      ?.slice(1)
      .find((each) => each !== undefined);
    return digits === undefined ? undefined : numbered(digits, 16, numbers.lastIndex);
  }
  if (initial === undefined || initial < "0" || initial > "3") return undefined;
  octal.lastIndex = at;
  const digits = octal.exec(text)?.[0];
  return digits === undefined ? undefined : numbered(digits, 8, octal.lastIndex);
}

/** The character of this number. One that is no ASCII may be a byte of several: only \u is sure to be one. */
function numbered(digits: string, base: 8 | 16, end: number): Spelling {
  const code = Number.parseInt(digits, base);
  const isCertain = code < 0x80 || (base === 16 && digits.length >= 4);
  if (!isCertain || code > 0x10ffff) return undefined;
  const character = String.fromCodePoint(code);
  return { stands_for: code < 0x80 ? character.toLowerCase() : folded(character), end };
}

/** %41, and %2541 where it was encoded twice; %u0041. */
const percent_code = /%(?:25)*(?:([0-7][\da-f])|u([\da-f]{4}))/y;

function percent(text: string, at: number): Spelling {
  percent_code.lastIndex = at;
  const match = percent_code.exec(text);
  return match === null ? undefined : numbered(match[1] ?? match[2]!, 16, percent_code.lastIndex);
}

/** The entities of ASCII punctuation in HTML, in lower case. */
const entities = new Map(
  Object.entries({
    tab: "\t",
    newline: "\n",
    nbsp: " ",
    excl: "!",
    quot: '"',
    num: "#",
    dollar: "$",
    percnt: "%",
    amp: "&",
    apos: "'",
    lpar: "(",
    rpar: ")",
    ast: "*",
    plus: "+",
    comma: ",",
    hyphen: "-",
    period: ".",
    sol: "/",
    colon: ":",
    semi: ";",
    lt: "<",
    equals: "=",
    gt: ">",
    quest: "?",
    commat: "@",
    lsqb: "[",
    lbrack: "[",
    bsol: "\\",
    rsqb: "]",
    rbrack: "]",
    hat: "^",
    lowbar: "_",
    grave: "`",
    lcub: "{",
    lbrace: "{",
    verbar: "|",
    vert: "|",
    rcub: "}",
    rbrace: "}",
  }),
);
/** With &amp;quot; where it was encoded twice. */
const entity_form = /&(?:amp;)*(?:#0{0,8}(\d{1,7})|#x0{0,8}([\da-f]{1,6})|([a-z]{2,7}));?/y;

function entity(text: string, at: number): Spelling {
  entity_form.lastIndex = at;
  const match = entity_form.exec(text);
  if (match === null) return undefined;
  const end = entity_form.lastIndex;
  const [, decimal, hexadecimal, name] = match;
  if (name !== undefined) {
    const stands_for = text[end - 1] === ";" ? entities.get(name) : undefined;
    return stands_for === undefined ? undefined : { stands_for, end };
  }
  const code = decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal);
  return numbered(code.toString(16).padStart(hexadecimal_max, "0"), 16, end);
}

/** ^[ before a control sequence and ^@, as terminals and `cat -v` show escape and NUL. */
function caret(text: string, at: number): Spelling {
  const following = text[at + 1];
  if (following === "@") return { stands_for: "\0", end: at + 2 };
  const isEscape = following === "[" && (text[at + 2] === "[" || text[at + 2] === "(");
  return isEscape ? { stands_for: escape, end: at + 2 } : undefined;
}

/** A colour or another sequence of ECMA-48 (8.3), which shows nothing. What may be a word's beginning stays. */
const control_sequence = new RegExp(
  String.raw`(?:\x1b\[|\x9b)(?:\??[\d;:]{0,32}m|\?[\d;]{1,32}[hl]|[\d;]{1,32}[a-hjksu]|k)|\x1b\([\da-b]`,
  "y",
);

function controlSequence(text: string, at: number): Spelling {
  control_sequence.lastIndex = at;
  if (!control_sequence.test(text)) return undefined;
  return { stands_for: "", end: control_sequence.lastIndex };
}

const curly = new Map([
  ...Array.from("“”„‟«»″‶", (each) => [each, '"'] as const),
  ...Array.from("‘’‚‛‹›′‵", (each) => [each, "'"] as const),
  ...Array.from("‐‑‒–—―", (each) => [each, "-"] as const),
]);

/** A letter or sign in another style: full width, ligature, long s; nothing for what is not seen. */
function styled(text: string, at: number): Spelling {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  const stands_for = folded(character);
  return stands_for === character ? undefined : { stands_for, end: at + character.length };
}

/** Texts of this many characters are taken for one character in another style. */
const expansion_max = 3;
const foldings = new Map<string, string>();

/** The plain characters in lower case that are meant; the character itself where there are none. */
function folded(character: string): string {
  const known = foldings.get(character);
  if (known !== undefined) return known;
  const plain =
    curly.get(character) ??
    character
      .normalize("NFKC")
      .toUpperCase()
      .toLowerCase()
      .replaceAll(/\p{M}|\p{Default_Ignorable_Code_Point}/gu, "");
  const isPlain = /^[\t -~]*$/.test(plain) && plain.length <= expansion_max;
  const stands_for = isPlain ? plain : character.toLowerCase();
  foldings.set(character, stands_for);
  return stands_for;
}
