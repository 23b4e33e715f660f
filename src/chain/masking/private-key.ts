/**
 * Private keys in text (RFC 7468, and what OpenSSH, PGP, SSH2 and PuTTY write): from the first line of one to the last.
 */
import type { FoldedText } from "./folded-text.ts";
import type { Ahead } from "./forward-search.ts";
import type { Work } from "./mask-work.ts";

/** Where a private key may begin, in folded text. */
export const key_starts = ["begin", "private-lines:"];

const label_length_max = 64;
/** In a form that was sent by a browser, a blank is a plus. */
const label = /[\s+_]*(?:[a-z0-9]+[\s+_]+){0,4}?(?:private[\s+_]+key|encrypted[\s+_]+private)/y;

/** The text in which keys are looked for. */
export interface KeyText {
  readonly folded: FoldedText;
  /** Searches in the folded text. */
  readonly ahead: Ahead;
  readonly work: Work;
}

/** Where the first line of a key begins in which the word is; undefined where it is in no such line. */
export function privateKeyStart({ folded: { text } }: KeyText, start: number): number | undefined {
  if (text.startsWith("private-lines:", start)) return start;
  const dashes = /-{4,5} ?$/.exec(text.slice(Math.max(0, start - dashes_length_max), start));
  return dashes === null ? undefined : start - dashes[0].length;
}

const dashes_length_max = 6;

/** Where the key ends that begins there, in the folded text; its end for one without a last line. Undefined for no key. */
export function privateKeyEnd(
  { folded: { text }, ahead, work }: KeyText,
  { start, end }: { start: number; end: number },
): number | undefined {
  if (text.startsWith("private-lines:", start)) return text.length;
  work.spend(2 * label_length_max);
  if (!isLabel(text, end)) return undefined;
  for (let last = ahead.next("end", end); last < text.length; last = ahead.next("end", last + 1)) {
    work.spend(2 * label_length_max);
    const isMarker = /----\s?$/.test(text.slice(last - "----- ".length, last));
    if (!isMarker || !isLabel(text, last + "end".length)) continue;
    return endOfMarker(text, last);
  }
  return text.length;
}

function isLabel(text: string, at: number): boolean {
  label.lastIndex = 0;
  return label.test(text.slice(at, at + label_length_max));
}

/** The dashes behind the label belong to the marker. */
function endOfMarker(text: string, last: number): number {
  const dashes = /-{4,5}/.exec(text.slice(last, last + 2 * label_length_max));
  return dashes === null ? text.length : last + dashes.index + dashes[0].length;
}

/** How long the lines of a key are, as OpenSSL, OpenSSH and others break them. */
const full_lines = new Set([64, 70, 76]);
const base64_line = /^[A-Za-z0-9+/]{1,76}={0,2}$/;
/** Not so are hashes in hexadecimal digits. */
const mixed = /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)/;
const last_line = /^-{4,5} ?END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY/;

/**
 * Where the lines end that a text begins with in the midst of a key: each line of a log is an event, and a group of lines may
 * have been cut. 0 for a text that does not begin so.
 */
export function keyRestEnd(text: string): number {
  let at = 0;
  let rest_end = 0;
  let is_key = false;
  while (at < text.length) {
    const line_feed = text.indexOf("\n", at);
    const end = line_feed < 0 ? text.length : line_feed;
    if (end - at > line_length_max) break;
    const line = text.slice(at, end).trim();
    if (last_line.test(line)) return rest_end === 0 ? 0 : end;
    if (line !== "" && !base64_line.test(line)) break;
    is_key ||= full_lines.has(line.length) && mixed.test(line);
    rest_end = end;
    at = end + 1;
  }
  return is_key ? rest_end : 0;
}

/** With what is around it, such as blanks. */
const line_length_max = 100;
