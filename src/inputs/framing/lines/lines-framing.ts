/**
 * The framing `lines`: records that end with a line end, or with a separator of the user's choice.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { lines as fileLines } from "./lines.ts";
import { separatedBy } from "./separated.ts";
import { streamLines } from "./stream-lines.ts";

const separator_bytes_max = 16;

const separator = z
  .string()
  .superRefine((text, context) => {
    const { length } = Buffer.from(text);
    if (length === 0 || length > separator_bytes_max) {
      context.addIssue(`expected text of 1 to ${separator_bytes_max} bytes, found ${length}`);
    } else if (/^(?:\\(?:[nrt0ae]|x[0-9a-f]{2}|u[0-9a-f]{4}))+$/i.test(text)) {
      context.addIssue(`write "${text}": an escape has a meaning in double quotes only`);
    }
  })
  .optional()
  .describe(
    'What ends a record instead of a line end: 1 to 16 bytes, such as "\\r" (old Macintosh and serial lines), "\\0", "\\x1e" or ' +
      '"\\n\\n", in double quotes. Then nothing else does, and CR before it is part of the record.',
  );

/** Two records in a row without a line end. Characters of two bytes (UTF-16) have a NUL after each. */
const nul_separated = /^[^\n\0]{2,}\0[^\n\0]{2,}\0/;

const options = z
  .strictObject({ separator })
  .describe(
    "A record is a line. Blank lines are no records. LF or CRLF ends it, and over a socket or standard input NUL, too; " +
      "there, what begins with a length of at most 200,000 and a syslog priority (`17 <13>…`) is a message of that length " +
      "(RFC 6587).",
  );

export const lines: Framing<z.output<typeof options>> = {
  options,
  explain: (chosen, from) =>
    chosen.separator === undefined
      ? explained[from]
      : `A record ends with ${shown(chosen.separator)}.`,
  fits: (text, from) =>
    from === "file" && nul_separated.test(text)
      ? { write: '{ lines: { separator: "\\0" } }', seen: "has records that end with NUL" }
      : undefined,
  framer: (chosen, from) => {
    if (chosen.separator !== undefined) return separatedBy(Buffer.from(chosen.separator), from);
    return from === "file" ? fileLines : streamLines;
  },
};

const explained = {
  file: "A record is a line, which ends with LF or CRLF.",
  stream:
    "A record is a line, which ends with LF, CRLF or NUL, or a syslog message with its length before it (octet counting).",
};

/** As it is written in the configuration. */
function shown(text: string): string {
  return JSON.stringify(text);
}
