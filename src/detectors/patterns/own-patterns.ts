/**
 * A user's own patterns, in RE2's syntax: in linear time, whatever the text. The engine is loaded where there are some.
 */
import type { Matcher } from "re2js";
import { DetectorError } from "../contract/detector-error.ts";
import type { Part } from "../contract/detection.ts";
import type { Anchor } from "../contract/detector.ts";
import { fingerprint_bytes } from "../scan/fingerprints.ts";
import { messageOf } from "../../platform/errors.ts";
import { linearPattern, type LinearPattern } from "../../platform/text/linear-pattern.ts";
import { bytesMaxOf, literalOf } from "./literal.ts";

/** A pattern as it is configured. */
export interface PatternText {
  readonly name: string;
  readonly match: string;
}

/** A pattern that is ready to be used. */
export interface OwnPattern {
  readonly name: string;
  /** What stands in all that it matches; undefined where that is not known. */
  readonly literal: Buffer | undefined;
  /** The literal as an anchor of the one scan; undefined where it is none. */
  readonly anchor: Anchor | undefined;
  /** Whether JSON writes the literal in these bytes, or else in an escape that is an anchor itself. */
  readonly is_plain: boolean;
  /** What it costs, where that is worth a word. */
  readonly warning: string | undefined;
  /** How many bytes the engine was given so far. */
  readonly steps: number;
  find(bytes: Buffer, start: number, end: number): Part[];
}

const name_shape = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

/** Compiles them. Throws a DetectorError for one that is wrong. */
export async function ownPatterns(patterns: readonly PatternText[]): Promise<OwnPattern[]> {
  if (patterns.length === 0) return [];
  return patterns.map(({ name, match }, index) => {
    const refuse = (message: string): never => {
      throw new DetectorError("patterns", index, message);
    };
    if (!name_shape.test(name)) refuse(`"${name}" is no name: letters, digits, - and _`);
    const compiled = compile(match, refuse);
    return patternOf(name, match, compiled);
  });
}

function compile(match: string, refuse: (message: string) => never): LinearPattern {
  let compiled: LinearPattern;
  try {
    compiled = linearPattern(match);
  } catch (thrown) {
    return refuse(`this pattern is wrong: ${messageOf(thrown)}`);
  }
  if (compiled.matcher("").find()) refuse("this pattern matches nothing at all, at every place");
  return compiled;
}

/** What is likely not meant so, or costs much. */
function warningOf(name: string, match: string, literal: string | undefined): string | undefined {
  if (/^\/.+\/[a-z]*$/s.test(match)) {
    return `the pattern ${name} has slashes around it, which are part of it here; write it without them`;
  }
  if (literal !== undefined) return undefined;
  return `the pattern ${name} has no text that stands in all that it matches, so that every value is searched for it`;
}

function patternOf(name: string, match: string, compiled: LinearPattern): OwnPattern {
  const literal = literalOf(match);
  const warning = warningOf(name, match, literal);
  const literal_bytes = literal === undefined ? undefined : Buffer.from(literal);
  const is_ascii = literal !== undefined && /^[ -~]+$/.test(literal);
  const is_anchor = is_ascii && literal.length >= fingerprint_bytes;
  const length_max = bytesMaxOf(match);
  let steps = 0;
  const find = (bytes: Buffer, { start, end }: Part): Part[] => {
    steps += end - start;
    return matchesOf(compiled.matcher(bytes.subarray(start, end)), start);
  };
  return {
    name,
    literal: literal_bytes,
    anchor: is_anchor ? { literal, exact: true } : undefined,
    is_plain: is_ascii && !/["\\/&<>]/.test(literal),
    warning,
    get steps() {
      return steps;
    },
    find(bytes, start, end) {
      if (literal_bytes === undefined || length_max === undefined)
        return find(bytes, { start, end });
      const near = rangesNear(literal_bytes, bytes, { start, end }, length_max);
      return near.flatMap((range) => find(bytes, range));
    },
  };
}

/**
 * The ranges of a text in which a match of so many bytes can be that has the literal in it, apart from each other: the engine
 * takes far longer for a byte than the search for a literal does.
 */
function rangesNear(
  literal: Buffer,
  bytes: Buffer,
  { start, end }: Part,
  length_max: number,
): Part[] {
  const ranges: { start: number; end: number }[] = [];
  const text = bytes.subarray(start, end);
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    const from = characterStart(text, Math.max(at + literal.length - length_max, 0));
    const to = Math.min(characterStart(text, at + length_max) + character_bytes, text.length);
    const last = ranges.at(-1);
    if (last !== undefined && start + from <= last.end) last.end = start + to;
    else ranges.push({ start: start + from, end: start + to });
  }
  return ranges;
}

/** Longer than any character in UTF-8. */
const character_bytes = 4;

/** Where the character begins that is there. */
function characterStart(text: Buffer, at: number): number {
  let place = at;
  while (place > 0 && place > at - character_bytes && (text[place]! & 0xc0) === 0x80) place -= 1;
  return place;
}

function matchesOf(matcher: Matcher, offset: number): Part[] {
  const parts: Part[] = [];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > start) parts.push({ start: offset + start, end: offset + end });
  }
  return parts;
}
