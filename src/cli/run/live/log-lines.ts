/**
 * A line of the log as one line on a terminal: the time, a sign for the level, the sentence, and the facts that fit.
 *
 *     06:37:27 ▲ File cannot be read. path=/var/log/audit.log error=EACCES
 */
import type { Books } from "../../../ledger/books.ts";
import type { LogLevel } from "../../../platform/log-codes/log-code.ts";
import { booksLine } from "../../status/flow-lines.ts";
import { lineWidth, type Line, type Look, type Span } from "../../terminal/drawing/spans.ts";

/** A line as the log has it. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly time: string;
  readonly code: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

type Style = Exclude<Span, string>[0];

const signs: Readonly<Record<LogLevel, readonly [Style, sign: string, letter: string]>> = {
  debug: ["dim", "·", "D"],
  info: ["green", "●", "I"],
  warn: ["yellow", "▲", "W"],
  error: [["red", "bold"], "▲", "E"],
};
/** What the facts begin with, as far as they are there. */
const first = ["input", "output", "step", "plugin", "file", "path", "url", "error", "reason"];
/** The line has them elsewhere, or they are for machines. */
const left_out = new Set(["level", "time", "code", "msg", "pid", "node", "digest", "books", "at"]);

/** The line, which may be cut at the width; below it, where a mistake of the program was made. */
export function logLines(entry: LogEntry, { colour }: Look, width: number): Line[] {
  const { level, time, msg, books, at } = entry;
  const [style, sign, letter] = signs[level];
  const lineWith = (sentences: string): Line => [
    ["dim", `${time.slice(11, 19)} `],
    [style, colour ? sign : letter],
    " ",
    level === "error" ? [style, sentences] : sentences,
    ...(books === undefined ? [] : booksOf(books as Books)),
    ["dim", factsOf(entry)],
  ];
  const whole = lineWith(msg);
  // The facts say more than the further sentences do.
  const line = lineWidth(whole) <= width ? whole : lineWith(firstSentence(msg));
  const places = Array.isArray(at) ? at.map((place): Line => [["dim", `    at ${place}`]]) : [];
  return [line, ...places];
}

function firstSentence(text: string): string {
  return /^.*?\.(?= )/.exec(text)?.[0] ?? text;
}

function booksOf(books: Books): Line {
  const [, ...counts] = booksLine({ books }, Infinity);
  return [" ", ...counts];
}

function factsOf(entry: LogEntry): string {
  const names = Object.keys(entry).filter((name) => !left_out.has(name) && !first.includes(name));
  const shown = [...first, ...names].flatMap((name) => {
    const text = textOf(entry[name]);
    return text === undefined ? [] : [` ${name}=${text}`];
  });
  return shown.join("");
}

/** Undefined for what is more than a few words. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return undefined;
  const texts = value.map(textOf);
  return texts.length === 0 || texts.includes(undefined) ? undefined : texts.join(",");
}
