/**
 * What is replaced in the strings of JSON text, keys included: each string that may hold something is decoded, also where it
 * holds JSON itself, and what is replaced in it is carried back into its escapes.
 */
import { isAscii } from "node:buffer";
import type { Part } from "../../detectors/contract/detection.ts";
import { beginsLikeJson } from "../scan/json-hint.ts";
import { closingQuote, nextQuote } from "../scan/named-values.ts";
import { isJson } from "./is-json.ts";
import { carriedBack, type Splice } from "../scan/string-reader.ts";

/** What is looked for in strings. */
export interface StringSearch {
  /** Gives whether a string of this JSON, as it is written, may hold something. Quick; asked from left to right. */
  readonly mayHoldIn: (bytes: Buffer, range: Part) => (start: number, end: number) => boolean;
  /** What is replaced in a decoded string that is no JSON, sorted. */
  readonly inText: (held: Buffer) => readonly Splice[];
}

/** JSON in strings in each other that is looked into; what is deeper is searched as text. */
const strings_max = 2;

/** What is replaced in the strings of the JSON in the range, sorted. */
export function splicesInJson(
  bytes: Buffer,
  range: Part,
  search: StringSearch,
  depth = 0,
): Splice[] {
  const splices: Splice[] = [];
  const mayHold = search.mayHoldIn(bytes, range);
  let open = nextQuote(bytes, range.start);
  while (open >= 0 && open < range.end) {
    const end = closingQuote(bytes, open);
    if (mayHold(open + 1, end - 1)) {
      // One by one: too many are no arguments of a call.
      for (const splice of splicesInString(bytes, { start: open, end }, search, depth)) {
        splices.push(splice);
      }
    }
    open = nextQuote(bytes, end);
  }
  return splices;
}

function splicesInString(
  bytes: Buffer,
  { start, end }: Part,
  search: StringSearch,
  depth: number,
): Splice[] {
  const held = heldIn(bytes, start, end);
  const is_json =
    depth < strings_max && beginsLikeJson(bytes, start + 1, end - 1) && isJson(held.toString());
  const splices = is_json
    ? splicesInJson(held, { start: 0, end: held.length }, search, depth + 1)
    : search.inText(held);
  return carriedBack(splices, bytes.subarray(0, end), start + 1);
}

/** What the string holds. Nearly all strings are ASCII without escapes, and hold what is written there. */
export function heldIn(bytes: Buffer, start: number, end: number): Buffer {
  const written = bytes.subarray(start + 1, end - 1);
  if (!written.includes(backslash) && isAscii(written)) return written;
  return Buffer.from(JSON.parse(bytes.toString("utf8", start, end)) as string);
}

const backslash = 0x5c;

/** The bytes with the splices in them. */
export function spliced(bytes: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (const splice of splices) {
    parts.push(bytes.subarray(done, splice.start), splice.bytes);
    done = splice.end;
  }
  parts.push(bytes.subarray(done));
  return Buffer.concat(parts);
}
