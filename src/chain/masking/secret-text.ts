/**
 * One text in which secrets are looked for, with what its words are asked about: where it is strict JSON, how far
 * a value can reach, what is behind a name.
 */
import { type ShapeText, shapeText } from "./credential-shapes.ts";
import type { FoldedText } from "./folded-text.ts";
import { Ahead } from "./forward-search.ts";
import { isJson } from "../../event/strings/is-json.ts";
import { closingQuote, JsonStrings, type JsonString } from "./json-parts.ts";
import type { Work } from "./mask-work.ts";
import type { Place } from "./secret-value.ts";
import { Separators } from "./separator.ts";

export class SecretText {
  readonly original: string;
  readonly folded: FoldedText;
  readonly work: Work;
  /** Whether the text is strict JSON, so that its quotes are to be trusted. */
  readonly strict: boolean;
  /** Searches in the folded text. */
  readonly ahead: Ahead;
  readonly #original_ahead: Ahead;
  /** Made where they are asked for first: most texts with a word of a secret have no secret behind it. */
  #separators: Separators | undefined;
  #shapes: ShapeText | undefined;
  readonly #strings: JsonStrings | undefined;
  /** What takes the places of secrets, folded. */
  readonly #marks: readonly string[];

  constructor(original: string, folded: FoldedText, work: Work, marks: readonly string[] = []) {
    this.#marks = marks;
    this.original = original;
    this.folded = folded;
    this.work = work;
    this.strict = isJson(original);
    work.spend(original.length);
    this.ahead = new Ahead(folded.text, work);
    this.#original_ahead = new Ahead(original, work);
    this.#strings = this.strict ? new JsonStrings(original, work) : undefined;
  }

  get separators(): Separators {
    this.#separators ??= new Separators(this.folded.text, this.work, {
      marks: this.#marks,
      closesBefore: this.#closesBefore.bind(this),
    });
    return this.#separators;
  }

  get shapes(): ShapeText {
    this.#shapes ??= shapeText(this.folded.text, this.ahead, this.work);
    return this.#shapes;
  }

  #closesBefore(quote: number, at: number): boolean {
    if (!this.strict) return true;
    const open = this.folded.originalOffset(quote);
    const end = this.folded.originalOffset(at);
    this.work.spend(end - open);
    // No more than the name is looked at, however long the string is.
    return this.original[open] !== '"' || closingQuote(this.original.slice(open, end), 0) > 0;
  }

  /** The string of strict JSON in which the offset is; undefined outside, and in any other text. */
  stringAt(offset: number): JsonString | undefined {
    return this.#strings?.at(offset);
  }

  /**
   * The place of a value whose name or beginning is there, in offsets of the original. In strict JSON, what begins
   * inside a string ends inside it, so that JSON stays JSON. The name of a member ends with its string, though, and its
   * value comes after. In any other text, there is no limit.
   */
  placeOf(start: number, end: number): Place {
    const { original, folded, work, strict } = this;
    const string = this.stringAt(start);
    const isLimited = string !== undefined && (end !== string.close || end === start);
    const limit = isLimited ? string.close : original.length;
    const name_end = isLimited || string === undefined ? undefined : string.close + 1;
    const [ahead, folded_ahead] = [this.#original_ahead, this.ahead];
    return { original, folded, ahead, folded_ahead, limit, name_end, strict, work };
  }
}
