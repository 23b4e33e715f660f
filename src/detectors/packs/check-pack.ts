/** Runs the samples of a pack through what redacts with it. */
import { isDeepStrictEqual } from "node:util";
import type { Pack } from "./pack.ts";

/** A sample that came out otherwise. */
export interface PackFault {
  readonly file: string;
  readonly line: number;
  readonly sample: string;
  readonly expected: string;
  readonly got: string;
}

/** What redacts one event with the pack, masking with `[REDACTED]`: a line in, a line out. */
export type RedactLine = (line: string) => string;

/** The samples that do not come out as they should; none where the pack does what it says. */
export function checkPack(pack: Pack, redact: RedactLine): PackFault[] {
  return pack.samples.flatMap(({ name, line, event, expect }) => {
    const expected = lineOf(expect);
    const got = redact(lineOf(event));
    const is_right =
      typeof expect === "string" ? got === expected : isDeepStrictEqual(parsed(got), expect);
    return is_right ? [] : [{ file: pack.file, line, sample: name, expected, got }];
  });
}

function lineOf(event: string | Record<string, unknown>): string {
  return typeof event === "string" ? event : JSON.stringify(event);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
