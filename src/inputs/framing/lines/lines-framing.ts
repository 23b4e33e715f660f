/**
 * The framing `lines`: records that end with a line end, or with a separator of the user's choice.
 */
import { z } from "zod";
import type { Framer } from "../contract/framer.ts";
import type { BytesFrom, Fit, Framing } from "../contract/framing.ts";
import { takingOff } from "../header/prefix.ts";
import { withoutHeaders } from "../header/taken-off.ts";
import { lines as fileLines } from "./lines.ts";
import { separatedBy } from "./separated.ts";
import { streamLines } from "./stream-lines.ts";

const separator_bytes_max = 16;
const prefix_length_max = 256;

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
    'The separator that ends a record instead of a line end: 1 to 16 bytes, such as "\\r" (old Macintosh and serial lines), "\\0", "\\x1e" or ' +
      '"\\n\\n", in double quotes. Then nothing else ends a record, and CR before it is part of the record.',
  );

/** Two records in a row without a line end. Characters of two bytes (UTF-16) have a NUL after each. */
const nul_separated = /^[^\n\0]{2,}\0[^\n\0]{2,}\0/;
/** Records that end with CR, and no LF anywhere: one that has both is no such, but shows progress on one line of a terminal. */
const cr_separated = /^[^\n\r\0]{2,}\r[^\n\r\0]{2,}\r[^\n\0]*$/;

const prefix = z
  .string()
  .min(1)
  .max(prefix_length_max)
  .optional()
  .describe(
    'A fixed text before the JSON of each record, such as "@cee:" or the `prefix` of Vault\'s audit device. It is removed if exactly ' +
      "one JSON object follows it; any other record stays as it is.",
  );

const options = z
  .strictObject({ separator, prefix })
  .describe(
    "A record is a line. Blank lines are ignored. LF or CRLF ends a line, and over a socket or standard input NUL, too. " +
      "There, a line that begins with a length of at most 200,000 and a syslog priority (`17 <13>…`) begins a message of that " +
      "length (RFC 6587).",
  );

export const lines: Framing<z.output<typeof options>> = {
  options,
  explain: ({ separator: end, prefix: before }, from) => {
    const ends = end === undefined ? explained[from] : `A record ends with ${shown(end)}.`;
    return before === undefined ? ends : `${ends} ${takenOff(before)}`;
  },
  fits: (text, from) => {
    if (from === "file" && nul_separated.test(text)) return fitOf("\\0", "NUL");
    return cr_separated.test(text) ? fitOf("\\r", "CR") : undefined;
  },
  framer: ({ separator: end, prefix: before }, from) => {
    const framer = framerOf(end, from);
    return before === undefined ? framer : withoutHeaders(framer, takingOff(Buffer.from(before)));
  },
  takesOff: ({ separator: end, prefix: before }) =>
    end === undefined && before !== undefined
      ? { take: takingOff(Buffer.from(before)), explained: takenOff(before) }
      : undefined,
};

function framerOf(end: string | undefined, from: BytesFrom): Framer {
  if (end !== undefined) return separatedBy(Buffer.from(end), from);
  return from === "file" ? fileLines : streamLines;
}

function fitOf(end: string, name: string): Fit {
  return {
    write: `{ lines: { separator: "${end}" } }`,
    seen: `has records that end with ${name}`,
  };
}

const explained = {
  file: "A record is a line, which ends with LF or CRLF.",
  stream:
    "A record is a line, which ends with LF, CRLF or NUL, or a syslog message with its length before it (octet counting).",
};

function takenOff(before: string): string {
  return `${shown(before)} before JSON is taken off.`;
}

/** As it is written in the configuration. */
function shown(text: string): string {
  return JSON.stringify(text);
}
