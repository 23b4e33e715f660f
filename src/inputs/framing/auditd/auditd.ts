/**
 * The framing `auditd`: the lines of one event are one record.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { auditdFramer } from "./auditd-framer.ts";

const options = z
  .strictObject({})
  .describe(
    "A record is an event of Linux auditd: its lines, which have the same machine, time and serial number, joined with LF. Lines of " +
      "other events may be between them. A line that is not from auditd is a record by itself.",
  );

const audit_line = /^(?:node=\S+ )?type=[A-Z_\d]+ msg=audit\(\d+\.\d+:\d+\):/;

export const auditd: Framing<z.output<typeof options>> = {
  options,
  explain: () => "A record is an event of auditd, with all of its lines.",
  fits: (text) =>
    audit_line.test(text)
      ? { write: "auditd", seen: "is the log of auditd, whose events have several lines" }
      : undefined,
  framer: () => auditdFramer,
};
