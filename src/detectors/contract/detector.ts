/**
 * What a detector is: a row that says what it finds, the literals that stand in each such secret, and a function that looks
 * at the text around one of them.
 */
import type { Alphabet } from "./alphabet.ts";
import type { Detection } from "./detection.ts";
import type { Text } from "./text.ts";

/** A literal without which there is no secret of the kind. The rarer it is in clean events, the cheaper. */
export interface Anchor {
  readonly literal: string;
  /** Whether it stands in this case only; any case otherwise, and the literal is in lower case. */
  readonly exact: boolean;
  /** What the byte behind a literal of three bytes can be; the search needs four. */
  readonly before?: Alphabet;
}

/** What a detector found: its id is known. */
export type Found = Omit<Detection, "detector">;

/** Looks at the text around an anchor that stands from `at` to `end`. Its work is bounded, or is runs of the text. */
export type Look = (text: Text, at: number, end: number) => Found | undefined;

/** The groups that `detect` can name. */
export type Group = "credentials" | "identifiers" | "personal" | "entropy";

/** One kind of secret. */
export interface Detector {
  readonly id: string;
  readonly group: Group;
  /** What it finds, for the documentation. */
  readonly finds: string;
  /** What that looks like, with an x for each character that is secret. */
  readonly example: string;
  /** What `partial` keeps, where that is anything. */
  readonly keeps?: string;
  /** Whether it is for reports alone: what it finds is no secret for certain, and is not masked. */
  readonly report_only?: true;
  /** Several ways in which it can be found, each by its own anchors. */
  readonly ways: readonly Way[];
  /** For what has no anchor: searches the whole text. */
  readonly sweep?: (text: Text) => Found[];
}

/** Anchors, and what looks around them. */
export interface Way {
  readonly anchors: readonly Anchor[];
  readonly look: Look;
  /** Whether a quote at the end of an anchor may be that of the string itself: the next one of a list follows then. */
  readonly in_lists?: true;
  /**
   * For anchors that clean events have often: whether a look is worth it. What it says of JSON must hold for what that
   * decodes to, unless there is a letter that is written as an escape.
   */
  readonly quick?: (text: Text, at: number, end: number) => boolean;
}

/** Literals that stand in any case. */
export function anyCase(...literals: string[]): Anchor[] {
  return literals.map((literal) => ({ literal: literal.toLowerCase(), exact: false }));
}

/** Literals that stand in this case only. */
export function exactly(...literals: string[]): Anchor[] {
  return literals.map((literal) => ({ literal, exact: true }));
}
