/**
 * What a shipper has to be for the race: how it is configured for a case, and how it is started in the foreground.
 */

/** What is done with each event, and how it is sent. All of them are sent to the same sink. */
export interface Race {
  readonly name: string;
  /** `text` may hide the value by what stands around it; `json` has to find it by its path. */
  readonly mask: "none" | "text" | "json";
  readonly compression: "none" | "gzip";
}

export const races: readonly Race[] = [
  { name: "mask, no gzip", mask: "text", compression: "none" },
  { name: "mask, gzip", mask: "text", compression: "gzip" },
  { name: "pass-through, no gzip", mask: "none", compression: "none" },
  { name: "JSON-aware mask, no gzip", mask: "json", compression: "none" },
];

/** Where a contestant reads from, sends to, and may write. */
export interface Course {
  /** Its own, and empty. */
  readonly directory: string;
  readonly log_file: string;
  readonly port: number;
}

export interface Prepared {
  /** Stays in the foreground. */
  readonly command: readonly [string, ...string[]];
  /** Ends with 0 where the program understands its configuration: an older version may lack what a case needs. */
  readonly check: readonly [string, ...string[]];
}

export interface Contestant {
  readonly name: string;
  /** Looked for on the PATH; undefined for what is built here. */
  readonly program: string | undefined;
  /** Writes the configuration. Undefined where the program has nothing for the case. */
  prepare(race: Race, course: Course): Prepared | undefined;
}

/** What the mask puts in the place of the value of `requestHeader.Authorization`. */
export const masked = "[REDACTED]";
