/**
 * Why what stands in a container's log is not given out as a record.
 */
import { Verdict } from "../../../event/event.ts";
import type { LineFormat } from "./line-format.ts";

const names = { cri: "CRI", docker: "json-file" };

/** For a line of another form; `fault` says what is wrong with it. */
export function notALine({ name }: LineFormat, fault: string): Verdict {
  return new Verdict("quarantined", `not_${name}`, `no ${names[name]} line: ${fault}`);
}

/** For what is kept as length and hash only. */
export function restOfRecord(): Verdict {
  return new Verdict(
    "quarantined",
    "rest_of_record",
    "the beginning of this record is elsewhere, so that nobody knows what in it is secret; only its length and SHA-256 are kept",
  );
}
