/**
 * What stands between two entries of a journal's export, and what is known where the bytes stand.
 */
import { z } from "zod";
import type { FramingState } from "../contract/framer.ts";

const line_feed = 10;

/** What follows may be the rest of an entry, until one surely begins. */
export const rest: FramingState = { rest: true };

const restState = z.strictObject({ rest: z.literal(true) });

/** Whether a value, of any content, is a state. */
export function isJournaldState(value: unknown): boolean {
  return restState.safeParse(value).success;
}

export function isRest(state: FramingState): boolean {
  return state !== undefined;
}

/** Where something begins from `from` on, behind blank lines and NUL bytes; `to` where nothing does. */
export function startOfEntry(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isBetween(bytes[at])) at += 1;
  return at;
}

/** Line feeds, and NUL bytes: holes in a file. */
function isBetween(byte: number | undefined): boolean {
  return byte === line_feed || byte === 0;
}
