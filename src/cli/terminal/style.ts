/**
 * Colour and weight for text on standard output: only on a terminal that shows them, and never where NO_COLOR is set, unless
 * somebody asks for them.
 */
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** What may be asked for with --color. */
export type Colouring = "auto" | "always" | "never";

/** For all of this process, which prints for one command. */
export const colouring: { wanted: Colouring } = { wanted: "auto" };

export function styled(style: Style, text: string): string {
  if (colouring.wanted === "never") return text;
  if (colouring.wanted === "always") return styleText(style, text, { validateStream: false });
  return styleText(style, text, { stream: process.stdout });
}

/** Whether standard output is a terminal, so that a line can be written over. */
export function isTerminal(): boolean {
  return process.stdout.isTTY;
}
