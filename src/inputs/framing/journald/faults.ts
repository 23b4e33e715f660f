/**
 * Why what stands among the entries of a journal is not given out as one.
 */
import { Verdict } from "../../../event/event.ts";
import { restOfRecord } from "../containers/faults.ts";
import type { EntryFault } from "./entry-walk.ts";

const not_a_field = new Verdict(
  "quarantined",
  "not_journald",
  "no entry of the journal: its first line is no field (NAME=value)",
);

const broken_entry = new Verdict(
  "quarantined",
  "broken_entry",
  "an entry of the journal with a line that is no field, or a length that is none, so that nobody knows what in it is secret; only " +
    "its length and SHA-256 are kept",
);

/** Of a line by itself, the text is kept. Of anything else it is not: what names its secrets may be elsewhere. */
export function refusalOf(fault: EntryFault): { verdict: Verdict; is_withheld: boolean } {
  if (fault === "line") return { verdict: not_a_field, is_withheld: false };
  return { verdict: fault === "rest" ? restOfRecord() : broken_entry, is_withheld: true };
}
