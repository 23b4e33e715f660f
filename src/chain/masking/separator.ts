/**
 * What stands between a secret's name and its value, in text of an unknown kind: JSON, headers, log lines, dumps of
 * programs.
 *
 * A separator that is not known separates, too. Where a format says for certain that there is no value, there is none.
 */
import {
  blanks,
  isAlphanumeric,
  isContainer,
  isQuote,
  openingQuote,
  quotes,
} from "./characters.ts";
import { Runs } from "./forward-search.ts";
import type { Work } from "./mask-work.ts";

/** Where a name is in the folded text. */
export interface Name {
  readonly start: number;
  readonly end: number;
  /** Whether its value is all that the field holds, with blanks and pairs in it, as of Authorization and Cookie. */
  readonly isField: boolean;
}

/**
 * How a value is written, which says where it ends: as in JSON, in an XML element, behind one, as words, up to the next
 * `name=` or its line's end, up to that alone, as a whole field, or to the end of all.
 */
export type Style = "json" | "element" | "tail" | "words" | "pairs" | "line" | "field" | "rest";

/** Where a value begins in the folded text. */
export interface ValueStart {
  readonly at: number;
  readonly style: Style;
  /** Where the mark ends that has taken its place. */
  readonly mark_end?: number;
}

/** Lists and objects that are written flat: `name[0]=…` and `name.scheme=…` are parts of its value. */
const subscripts = /(?:\[[^\]\s]{0,64}\]|\.[\w-]{1,64}){0,64}/y;

/** What may be between a name and its value, however often: signs of assignment, and what is unknown. */
export const separating = {
  closers: `${blanks}])`,
  braces: `${blanks}])}`,
  assignments: `${blanks}:=>`,
  unknown: `${blanks}:=>-|~#*+@$^/([{,.;&!?\\`,
} as const;

/** How far the quote before a name is looked for: `"x-name`. */
const prefix_length_max = 64;

/** What is known of the quotes in a text, and of what has been masked in it. */
export interface QuotesAndMarks {
  /**
   * Says of a quote that opens whether its string is closed before an index: in strict JSON that is certain, whatever quotes are
   * folded there.
   */
  readonly closesBefore: (quote: number, at: number) => boolean;
  /** What takes the places of secrets, folded. */
  readonly marks: readonly string[];
}

/** The separators of one text. */
export class Separators {
  readonly #text: string;
  readonly #work: Work;
  readonly #closesBefore: QuotesAndMarks["closesBefore"];
  readonly #marks: readonly string[];
  readonly #blanks: Runs;
  readonly #quotes: Runs;
  readonly #closers: Runs;
  readonly #braces: Runs;
  readonly #assignments: Runs;
  readonly #unknown: Runs;
  #subscripts_from = 0;
  #subscripts_end = 0;

  /** `text` is a folded one. */
  constructor(text: string, work: Work, { closesBefore, marks }: QuotesAndMarks) {
    const runs = (characters: string): Runs => new Runs(text, characters, work);
    this.#text = text;
    this.#work = work;
    this.#closesBefore = closesBefore;
    this.#marks = marks;
    this.#blanks = runs(blanks);
    this.#quotes = runs(quotes);
    this.#closers = runs(separating.closers);
    this.#braces = runs(separating.braces);
    this.#assignments = runs(separating.assignments);
    this.#unknown = runs(separating.unknown);
  }

  /** Where the name's value begins; undefined where what follows shows that there is none. */
  valueAfter(name: Name): ValueStart | undefined {
    const value = this.#valueAfter(name);
    if (value === undefined || value.at >= this.#text.length) return undefined;
    const isLine = ["words", "pairs", "line"].includes(value.style);
    return name.isField && isLine ? { at: value.at, style: "field" } : value;
  }

  #valueAfter(name: Name): ValueStart | undefined {
    const path_end = this.#subscriptsEnd(name.end);
    const quotes_end = this.#closingQuotesEnd(name, path_end);
    const isQuoted = quotes_end > path_end;
    const closers_end = this.#closers.end(quotes_end);
    const braces_end = this.#braces.end(quotes_end);
    for (const at of [closers_end, braces_end]) {
      const separator = this.#text[at];
      if (separator !== ":" && separator !== "=") continue;
      const isMember = isQuoted && (separator === ":" || this.#text[at + 1] === ">");
      const style = isMember ? "json" : separator === ":" ? "line" : "pairs";
      return { at: this.#assignments.end(at), style };
    }
    if (this.#markEnd(name.end) !== undefined && this.#tag(name, name.end) !== undefined) {
      return { at: name.end, style: "tail" };
    }
    // What is in brackets right behind the name is no index, then, but may be its value.
    if (this.#text[name.end] === "[" && path_end > name.end) return { at: name.end, style: "line" };
    if (isQuoted) {
      const isClosed = closers_end > this.#blanks.end(quotes_end);
      return this.#neighbour(name, closers_end, isClosed);
    }
    return this.#tag(name, path_end) ?? this.#unquoted(path_end, braces_end);
  }

  /** Behind a name in quotes without an assignment: `"name", "value"` in a list, `"name" "value"`, and what is unknown. */
  #neighbour(name: Name, at: number, isClosed: boolean): ValueStart | undefined {
    const text = this.#text;
    const separator = text[at];
    if (separator === undefined || separator === "}") return undefined;
    if (separator === ",") {
      const next = this.#blanks.end(at + 1);
      const isNothing = next >= text.length || "]})".includes(text[next]!);
      if (isNothing) return undefined;
      const member = this.#memberName(next);
      // Stores of secrets name them by paths.
      if (member !== undefined) {
        return this.#isWhole(name, "_.-/") ? this.#valueOfPair(member, next) : undefined;
      }
      if (!this.#isWhole(name, "_.-")) return undefined;
      if (openingQuote(text, next) !== undefined) return { at: next, style: "json" };
      if (isClosed) return undefined;
      return { at: next, style: isContainer(text, next) || isScalar(text, next) ? "json" : "line" };
    }
    if (isQuote(text, at) || isContainer(text, at) || isAlphanumeric(text, at)) {
      return { at, style: "json" };
    }
    if (isClosed) return undefined;
    return this.#tagOrUnknown(at);
  }

  /** Behind a name without quotes and without an assignment. */
  #unquoted(path_end: number, after: number): ValueStart | undefined {
    const text = this.#text;
    let at = after;
    let isApart = at > path_end;
    // The end of a sentence is not the end of a line that may hold a value.
    if (/[.!?]/.test(text[at] ?? "") && (at + 1 >= text.length || blanks.includes(text[at + 1]!))) {
      at = this.#blanks.end(at + 1);
      isApart = true;
    }
    const separator = text[at];
    if (separator === undefined) return undefined;
    if (",;&".includes(separator)) return { at: this.#blanks.end(at + 1), style: "pairs" };
    if (isApart && openingQuote(text, at) !== undefined) return { at, style: "pairs" };
    const mark_end = isApart ? this.#markEnd(at) : undefined;
    if (mark_end !== undefined) return { at, style: "words", mark_end };
    if (isApart && isAlphanumeric(text, at)) {
      // The name was the end of an HTTP request's target.
      if (/^http\/\d/.test(text.slice(at, at + 6))) return undefined;
      const isClosed = after > this.#blanks.end(path_end);
      return { at, style: isClosed ? "pairs" : "words" };
    }
    return this.#tagOrUnknown(at);
  }

  /** Where the mark ends that has taken the place of something there. */
  #markEnd(at: number): number | undefined {
    const mark = this.#marks.find((each) => this.#text.startsWith(each, at));
    return mark === undefined ? undefined : at + mark.length;
  }

  /** Behind the name of an XML element, whose attributes may say what they like. */
  #tag({ start }: Name, at: number): ValueStart | undefined {
    const text = this.#text;
    const isTagEnd = text[at] === ">";
    const isApart = blanks.includes(text[at] ?? "x") || this.#markEnd(at) !== undefined;
    if (!isTagEnd && !isApart) return undefined;
    const before = this.#beforePrefix(start, "_.-:");
    const isEndTag = text[before] === "/";
    if (text[isEndTag ? before - 1 : before] !== "<") return undefined;
    return { at: isTagEnd ? at + 1 : at, style: isEndTag ? "tail" : "element" };
  }

  #tagOrUnknown(at: number): ValueStart {
    if (this.#text[at] === "<" || this.#text[at] === ">") return { at, style: "rest" };
    return { at: this.#unknown.end(at), style: "line" };
  }

  #subscriptsEnd(at: number): number {
    if (this.#text[at] !== "." && this.#text[at] !== "[") return at;
    if (this.#subscripts_from <= at && at < this.#subscripts_end) return this.#subscripts_end;
    subscripts.lastIndex = at;
    subscripts.test(this.#text);
    this.#subscripts_from = at;
    this.#subscripts_end = Math.max(subscripts.lastIndex, at);
    this.#work.spend(2 * (this.#subscripts_end - at) + prefix_length_max);
    return this.#subscripts_end;
  }

  /** Where the quotes end that close the name; `at` itself where there are none. */
  #closingQuotesEnd({ start }: Name, at: number): number {
    if (isQuote(this.#text, at)) return this.#quotes.end(at);
    const next = this.#blanks.end(at);
    const isClosing = next > at && isQuote(this.#text, next) && isQuote(this.#text, start - 1);
    return isClosing ? this.#quotes.end(next) : at;
  }

  /** Whether the quotes hold nothing but the name, or a word that ends with it. */
  #isWhole({ start }: Name, joints: string): boolean {
    const before = this.#beforePrefix(start, joints);
    return before < 0 || isQuote(this.#text, before);
  }

  /** Where what is before the word is that the name ends, as far as that is looked for. */
  #beforePrefix(start: number, joints: string): number {
    const last = start - prefix_length_max;
    let at = start - 1;
    while (
      at >= Math.max(0, last) &&
      (isAlphanumeric(this.#text, at) || joints.includes(this.#text[at]!))
    )
      at -= 1;
    this.#work.spend(start - at);
    return at;
  }

  /** Where a member's name ends: in `"name", "other": …` and `"name", other: …`, the name is a value that reads like one. */
  #memberName(at: number): number | undefined {
    member_name.lastIndex = at;
    this.#work.spend(2 * member_name_length_max);
    if (!member_name.test(this.#text)) return undefined;
    const end = member_name.lastIndex;
    return this.#text[at] !== '"' || this.#closesBefore(at, end) ? end : undefined;
  }

  /** As in `{"name":"Cookie","value":"…"}`, where the name is a value, and its own is one of the next. */
  #valueOfPair(first_end: number, first_start: number): ValueStart | undefined {
    let start = first_start;
    let end: number | undefined = first_end;
    for (let count = 0; end !== undefined && count < members_between_max; count += 1) {
      if (value_member.test(this.#text.slice(start, end))) {
        return { at: this.#assignments.end(end), style: "json" };
      }
      other_value.lastIndex = end;
      this.#work.spend(2 * member_name_length_max);
      if (!other_value.test(this.#text)) return undefined;
      start = other_value.lastIndex;
      end = this.#memberName(start);
    }
    return undefined;
  }
}

/** Members in which the value of a name is, and how many may be before it. */
const value_member =
  /^["'`:]?(?:values?|val|v|content|string_?value|secret_?(?:string|value)?|plaintext)\b/;
const members_between_max = 4;
const other_value =
  /\s{0,8}(?:"[^"\\]{0,64}"|'[^'\\]{0,64}'|`[^`\\]{0,64}`|:?[\w.+-]{1,64})\s{0,8},\s{0,8}/y;

const member_name_length_max = 64;
/** Of one that is longer, the value is masked: that is more than necessary. */
const member_name =
  /(?:"[^"\\]{0,64}"|'[^'\\]{0,64}'|`[^`\\]{0,64}`|:?[\p{L}_$][\p{L}\p{N}_.$-]{0,64})\s{0,8}(?::|=>)/uy;

/** A number or a word of JSON, up to what follows a value. */
const scalar = /(?:-?\d[\d.e+-]{0,64}|true|false|null)[ \t\r\n]{0,8}[,}\]]/y;

function isScalar(text: string, at: number): boolean {
  scalar.lastIndex = at;
  return scalar.test(text);
}
