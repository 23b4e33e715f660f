/**
 * Anchors as JSON writes them: a quote, a backslash or a tab of a text is an escape there, and a slash may be one. Any other
 * character may be written by its number; a string that has such an escape is worth decoding.
 */
import { alphabet } from "../contract/alphabet.ts";
import { type Anchor, exactly, type Way } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";
import { fingerprint_bytes } from "./fingerprints.ts";

/** The anchors of a way in JSON. */
export function inJson(way: Way): Way {
  const anchors = [...way.anchors.flatMap(spellings), ...(way.in_lists ? inLists(way) : [])];
  return { ...way, anchors: [...new Map(anchors.map((each) => [each.literal, each])).values()] };
}

/** The quote at the end of an anchor is that of its string in a list, and another one follows. */
function inLists({ anchors }: Way): Anchor[] {
  return anchors
    .filter(({ literal }) => literal.endsWith('"'))
    .map((anchor) => ({ ...anchor, literal: `${anchor.literal},` }));
}

function spellings(anchor: Anchor): Anchor[] {
  const { literal } = anchor;
  const written = JSON.stringify(literal).slice(1, -1);
  const usual = { ...anchor, literal: shortened(written) };
  if (!literal.includes("/")) return [usual];
  // Also in JSON that stands in the text of a string.
  const escaped = ["\\/", "\\\\/"].map((slash) => written.replaceAll("/", slash));
  return [usual, ...escaped.map((each) => ({ ...anchor, literal: shortened(each) }))];
}

/** The first sign of an escape is enough to make the string worth a look, and one anchor serves for several then. */
function shortened(literal: string): string {
  const length = literal.search(/[%\\]/) + 1;
  return length >= fingerprint_bytes ? literal.slice(0, length) : literal;
}

/** Characters that many writers escape for the sake of HTML, and that no anchor has. */
const harmless = new Set(["26", "3c", "3e"]);

/** Whether the escape stands for something that an anchor can have. */
function spellsAnchor(text: Text, _at: number, end: number): boolean {
  const number = text.slice(end, end + 2).toLowerCase();
  return /^(?:00|09|[2-7][0-9a-f])$/.test(number) && !harmless.has(number);
}

/** `\x22` in the text of a string, as nginx writes it: its backslash is one in JSON. */
const escape_of_text: Anchor = { literal: "\\\\x", exact: true, before: alphabet("2-7") };

/** Finds nothing itself. */
export const escapes: Way = {
  anchors: [...exactly("\\u00"), escape_of_text],
  look: () => undefined,
  quick: spellsAnchor,
};
