/**
 * A user's own patterns, in RE2's syntax: in linear time, whatever the text. The engine is loaded where there are some.
 */
import type { Matcher, RE2JS } from "re2js";
import { DetectorError } from "../contract/detector-error.ts";
import type { Part } from "../contract/detection.ts";
import { messageOf } from "../../platform/errors.ts";
import { literalOf } from "./literal.ts";

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
  /** Whether JSON can write the literal in other bytes. */
  readonly is_plain: boolean;
  /** What it costs, where that is worth a word. */
  readonly warning: string | undefined;
  find(bytes: Buffer, start: number, end: number): Part[];
}

const name_shape = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

/** Compiles them. Throws a DetectorError for one that is wrong. */
export async function ownPatterns(patterns: readonly PatternText[]): Promise<OwnPattern[]> {
  if (patterns.length === 0) return [];
  const { RE2JS: engine } = await import("re2js");
  return patterns.map(({ name, match }, index) => {
    const refuse = (message: string): never => {
      throw new DetectorError("patterns", index, message);
    };
    if (!name_shape.test(name)) refuse(`"${name}" is no name: letters, digits, - and _`);
    const compiled = compile(engine, match, refuse);
    return patternOf(name, match, compiled);
  });
}

function compile(engine: typeof RE2JS, match: string, refuse: (message: string) => never): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = engine.compile(match);
  } catch (thrown) {
    return refuse(`this pattern is wrong: ${messageOf(thrown)}`);
  }
  if (compiled.matcher("").find()) refuse("this pattern matches nothing at all, at every place");
  return compiled;
}

function patternOf(name: string, match: string, compiled: RE2JS): OwnPattern {
  const literal = literalOf(match);
  const warning =
    literal === undefined
      ? `the pattern ${name} has no text that stands in all that it matches, so that every value is searched for it`
      : undefined;
  return {
    name,
    literal: literal === undefined ? undefined : Buffer.from(literal),
    is_plain: literal !== undefined && /^[ -~]+$/.test(literal) && !/["\\/]/.test(literal),
    warning,
    find: (bytes, start, end) => matchesOf(compiled.matcher(bytes.subarray(start, end)), start),
  };
}

function matchesOf(matcher: Matcher, offset: number): Part[] {
  const parts: Part[] = [];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > start) parts.push({ start: offset + start, end: offset + end });
  }
  return parts;
}
