/**
 * The framing `syslog`: lines, and over streams messages with their length before them, with the header of syslog.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { withoutHeaders } from "../header/taken-off.ts";
import { lines } from "../lines/lines.ts";
import { streamLines } from "../lines/stream-lines.ts";
import { takeSyslogHeader } from "./syslog-header.ts";

const options = z
  .strictObject({})
  .describe(
    "A record is a line, or a message with its length before it, that begins with a header of RFC 3164 or RFC 5424. If a JSON object " +
      "follows it, also behind `@cee:`, the object is the event. Text keeps its header. Time, host and the rest of the header go along " +
      "as time, host and indexed fields. A line without a header is a record as it is.",
  );

/** A syslog priority, or a time as RFC 3339 and 3164 have it, and JSON behind it up to the line's end. */
const text_before_json =
  /^(?:<\d{1,3}>|\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d)[^{]{0,200}\{.*\}\s*$/;

const taken_off = "Its header becomes metadata, and JSON behind it is the event.";

export const syslog: Framing<z.output<typeof options>> = {
  options,
  explain: (_, from) =>
    (from === "file"
      ? "A record is a line of syslog. "
      : "A record is a syslog message: a line, which ends with LF, CRLF or NUL, or one with its length before it. ") +
    taken_off,
  fits: (text) => {
    const lines_there = text.split("\n").slice(0, -1);
    if (lines_there.length === 0) return undefined;
    if (!lines_there.every((line) => text_before_json.test(line))) return undefined;
    const seen = "has text before the JSON in each line, so that steps find no fields in it";
    return { write: "syslog", seen };
  },
  framer: (_, from) => withoutHeaders(from === "file" ? lines : streamLines, takeSyslogHeader),
  takesOff: () => ({ take: takeSyslogHeader, explained: taken_off }),
};
