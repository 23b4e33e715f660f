/**
 * Command lines as lists of words: `["mysqldump", "--password", "…"]`. An option and its value are strings of their own there, so
 * that each alone tells nothing; the words of a list are looked at as one command, as auditd joins them.
 */
import { command_line, type Part } from "../../detectors/contract/detection.ts";
import { closingQuote, nextQuote } from "../scan/named-values.ts";
import { skipSpace } from "../scan/json-text.ts";
import { carriedBack, type Splice } from "../scan/string-reader.ts";
import type { DetectedSecrets } from "./detected-secrets.ts";
import { heldIn } from "./splices.ts";

const [quote_dash, quote, comma, colon] = ['"-', 0x22, 0x2c, 0x3a];

/** What is replaced in the lists of words of the JSON in the range, sorted. */
export function detectedInLists(bytes: Buffer, range: Part, secrets: DetectedSecrets): Splice[] {
  const splices: Splice[] = [];
  // Without an option, no list is a command.
  if (!bytes.subarray(range.start, range.end).includes(quote_dash)) return splices;
  let words: Part[] = [];
  let open = nextQuote(bytes, range.start);
  while (open >= 0 && open < range.end) {
    const end = closingQuote(bytes, open);
    const next = skipSpace(bytes, end, range.end);
    if (bytes[next] === colon) words = [];
    else words.push({ start: open, end });
    const following = bytes[next] === comma ? skipSpace(bytes, next + 1, range.end) : -1;
    const goes_on = following >= 0 && bytes[following] === quote;
    if (!goes_on) {
      for (const splice of detectedInWords(bytes, words, secrets)) splices.push(splice);
      words = [];
    }
    open = goes_on ? following : nextQuote(bytes, end);
  }
  return splices;
}

function detectedInWords(
  bytes: Buffer,
  words: readonly Part[],
  { search, replace }: DetectedSecrets,
): Splice[] {
  const is_command = words.length > 1 && words.some(({ start }) => bytes[start + 1] === 0x2d);
  if (!is_command) return [];
  const held = words.map(({ start, end }) => heldIn(bytes, start, end));
  const command = Buffer.concat(held.flatMap((word) => [word, nul]));
  const found = search
    .find(command, 0, command.length)
    .filter(({ detector }) => detector === command_line);
  const splices: Splice[] = [];
  let number = 0;
  let from = 0;
  for (const { start, end } of found) {
    while (from + held[number]!.length < end) {
      from += held[number]!.length + 1;
      number += 1;
    }
    if (start < from) continue;
    const secret = command.toString("utf8", start, end);
    const splice = { start: start - from, end: end - from, bytes: Buffer.from(replace(secret)) };
    const word = words[number]!;
    splices.push(...carriedBack([splice], bytes.subarray(0, word.end), word.start + 1));
  }
  return splices;
}

const nul = Buffer.alloc(1);
