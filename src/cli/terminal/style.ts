/**
 * Colour and weight for text on standard output: only on a terminal that shows them, and never where NO_COLOR is set.
 */
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Whether standard output is a terminal, so that a line can be written over. */
export function isTerminal(): boolean {
  return process.stdout.isTTY;
}
