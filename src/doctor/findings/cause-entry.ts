/**
 * What there is to know of each cause that `tallyman doctor` can name.
 */

export interface CauseEntry {
  /** A failure makes `doctor` fail: events do not arrive, or tallyman does not start. */
  readonly verdict: "failed" | "warning";
  readonly meaning: string;
  readonly remedy: string;
}

export function failed(meaning: string, remedy: string): CauseEntry {
  return { verdict: "failed", meaning, remedy };
}

export function warning(meaning: string, remedy: string): CauseEntry {
  return { verdict: "warning", meaning, remedy };
}
