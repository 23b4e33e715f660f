/**
 * What stands before a message that is sent with its length (octet counting, RFC 6587): decimal digits, of which the first
 * is not 0, and a blank.
 */
import { z } from "zod";
import { isDigit } from "../../../platform/text/digits.ts";

const digit_0 = 0x30;
const digit_9 = 0x39;
const space = 0x20;
const less_than = 0x3c;
const greater_than = 0x3e;

/** A larger length is a wrong one: nobody sends such messages, and what comes would be taken for a part of one. */
export const octets_max = 16 * 1024 * 1024;
/**
 * Among lines, as rsyslog has it (`MaxFrameSize`): there a line that begins like a message, perhaps because somebody
 * wants it to, takes no more of what follows with it.
 */
export const syslog_octets_max = 200_000;
/** Digits of a syslog priority. */
const priority_digits_max = 3;

/** Within a message: bytes of it that follow. */
export const messageState = z.strictObject({ octets: z.number().int().positive() });

/** Where a stream of messages stands: within one, or between two. */
export type MessageState = z.infer<typeof messageState> | undefined;

export interface MessageHeader {
  /** Where the message begins. */
  readonly content: number;
  /** How long it is. */
  readonly octets: number;
}

/** A header that begins at `at`; `unsure` where the bytes end before that shows. */
export function headerAt(
  bytes: Buffer,
  at: number,
  limit = octets_max,
): MessageHeader | "unsure" | undefined {
  const first = bytes[at];
  // Nearly all lines are not even looked at further.
  if (first !== undefined && (first <= digit_0 || first > digit_9)) return undefined;
  let index = at;
  let octets = 0;
  for (let byte = first; isDigit(byte) && octets <= limit; byte = bytes[index]) {
    octets = withDigit(octets, byte);
    index += 1;
  }
  if (octets > limit) return undefined;
  if (index === bytes.length) return "unsure";
  return bytes[index] === space ? { content: index + 1, octets } : undefined;
}

/**
 * A header that begins at `at` and is followed by a syslog priority, such as `<13>`; `unsure` where the bytes end before
 * that shows.
 */
export function syslogHeaderAt(bytes: Buffer, at: number): MessageHeader | "unsure" | undefined {
  const header = headerAt(bytes, at, syslog_octets_max);
  if (typeof header !== "object") return header;
  const start = header.content;
  if (start === bytes.length) return "unsure";
  if (bytes[start] !== less_than) return undefined;
  let index = start + 1;
  while (isDigit(bytes[index]) && index - start <= priority_digits_max) index += 1;
  if (index === bytes.length) return "unsure";
  const is_priority = index > start + 1 && bytes[index] === greater_than;
  return is_priority && index - start < header.octets ? header : undefined;
}

/** A length with one more digit. */
export function withDigit(octets: number, digit: number): number {
  return 10 * octets + digit - digit_0;
}
