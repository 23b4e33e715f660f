/** Long sentences on a terminal: broken between words, and what goes on is indented as it began. */
import { widthOf, wrap } from "./width.ts";

/** The least that a line has for its text, however narrow the terminal is. */
const text_columns_min = 20;

/**
 * The text on lines of so many columns; on one line where they are undefined, as in a pipe. A text that is an item of a list, and
 * one with `under` blanks, goes on below its first word.
 */
export function paragraph(text: string, columns: number | undefined, under = 0): string[] {
  if (columns === undefined || widthOf(text) <= columns) return [text];
  const [lead] = /^ *(?:\d+\. |- )?/.exec(text)!;
  const hanging = " ".repeat(lead.length + under);
  const room = Math.max(text_columns_min, columns - hanging.length);
  // The first line begins further to the left, so it has more room.
  const [first = "", ...rest] = wrap(text.slice(lead.length), room + under);
  if (rest.length === 0) return [text];
  return [lead + first, ...wrap(rest.join(" "), room).map((line) => hanging + line)];
}

/** How many columns a stream's terminal has; undefined of what is none. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns || undefined : undefined;
}
