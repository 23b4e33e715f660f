/**
 * What stands before a message that is sent with its length (octet counting, RFC 6587): decimal digits, of which the first
 * is not 0, and a blank.
 */

const digit_0 = 0x30;
const digit_9 = 0x39;
const space = 0x20;
const less_than = 0x3c;
const greater_than = 0x3e;

/** A larger length is a wrong one: nobody sends such messages, and what comes would be taken for a part of one. */
const octets_max = 16 * 1024 * 1024;
const digits_max = String(octets_max).length;
/** Digits of a syslog priority. */
const priority_digits_max = 3;

interface MessageHeader {
  /** Where the message begins. */
  readonly content: number;
  /** How long it is. */
  readonly octets: number;
}

function headerAt(bytes: Buffer, at: number): MessageHeader | "unsure" | undefined {
  const first = bytes[at];
  // Nearly all lines are not even looked at further.
  if (first !== undefined && (first <= digit_0 || first > digit_9)) return undefined;
  let index = at;
  let octets = 0;
  while (isDigit(bytes[index]) && index - at < digits_max) {
    octets = 10 * octets + bytes[index]! - digit_0;
    index += 1;
  }
  if (index === bytes.length) return "unsure";
  if (bytes[index] !== space || octets > octets_max) return undefined;
  return { content: index + 1, octets };
}

/**
 * A header that begins at `at` and is followed by a syslog priority, such as `<13>`; `unsure` where the bytes end before
 * that shows.
 */
export function syslogHeaderAt(bytes: Buffer, at: number): MessageHeader | "unsure" | undefined {
  const header = headerAt(bytes, at);
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

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= digit_0 && byte <= digit_9;
}
