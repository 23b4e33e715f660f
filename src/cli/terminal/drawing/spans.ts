/**
 * Lines made of parts with a style, and how they look on a terminal: with colour or without, in Unicode or in ASCII, and
 * never wider than there is room. Whatever is shown goes through `printable` here, wherever it comes from.
 */
import { styleText } from "node:util";
import { printable } from "../../../platform/text/printable.ts";
import { cut, widthOf } from "./width.ts";

type Style = Parameters<typeof styleText>[0];

/** What a terminal can show. */
export interface Look {
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** A text, or a text with a style. */
export type Span = string | readonly [style: Style, text: string];
export type Line = readonly Span[];

/** What drawings are made of where the terminal knows only ASCII. */
const in_ascii: Readonly<Record<string, string>> = {
  "…": "~",
  µ: "u",
  "·": "-",
  "─": "-",
  "█": "#",
  "░": ".",
  "▁": "_",
  "▂": "_",
  "▃": "-",
  "▄": "-",
  "▅": "=",
  "▆": "=",
  "▇": "#",
  "●": "*",
  "▲": "!",
  "▶": ">",
  "↑": "^",
  "↓": "v",
};

/** The line as it is written to the terminal. */
export function rendered(line: Line, columns: number, { colour, unicode }: Look): string {
  let room = columns;
  let text = "";
  for (const span of line) {
    const [style, given] = typeof span === "string" ? [undefined, span] : span;
    const clean = printable(given);
    // Before it is cut: what replaces a wide character has another width.
    const shown = cut(unicode ? clean : asciiOf(clean), room);
    if (shown === "") continue;
    room -= widthOf(shown);
    const last = unicode ? shown : asciiOf(shown);
    text +=
      style !== undefined && colour ? styleText(style, last, { validateStream: false }) : last;
  }
  return text;
}

/** How many columns the line would need. */
export function lineWidth(line: Line): number {
  return line.reduce(
    (sum, span) => sum + widthOf(printable(typeof span === "string" ? span : span[1])),
    0,
  );
}

/** Two texts at both ends of a line of so many columns; the second is left out where there is no room. */
export function apart(left: Line, right: Line, columns: number): Line {
  const room = columns - lineWidth(left) - lineWidth(right);
  return room < 2 ? left : [...left, " ".repeat(room), ...right];
}

function asciiOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, (character) => in_ascii[character] ?? "?");
}

/** Whether the locale says that the terminal shows Unicode. */
export function isUnicode(environment: NodeJS.ProcessEnv): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  // An empty one counts as not set.
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== "");
  return /utf-?8/i.test(locale ?? "");
}
