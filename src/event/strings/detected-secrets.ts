/**
 * What finds secrets in strings, and what is to be done with them. These are types of the plugin API, so they are apart from
 * what needs types of Node, which whoever writes a plugin may not have.
 */
import type { Detection, Part } from "../../detectors/contract/detection.ts";

/** Finds secrets in text. */
export interface SecretSearch {
  /** Whether `bytes[start, end)`, JSON or decoded text, may hold a secret outside of the ranges of `except`. Quick. */
  readonly mayFind: (
    bytes: Uint8Array,
    start: number,
    end: number,
    except?: readonly Part[],
  ) => boolean;
  /** Gives whether ranges of `bytes[start, end)` may hold a secret, to be asked from left to right. */
  readonly mayFindIn: (
    bytes: Uint8Array,
    start: number,
    end: number,
  ) => (from: number, to: number) => boolean;
  /** The secrets in decoded text, sorted and apart from each other. */
  readonly find: (bytes: Uint8Array, start: number, end: number) => readonly Detection[];
}

/** What is to be done with secrets that are found in strings. */
export interface DetectedSecrets {
  readonly search: SecretSearch;
  /** Whether only what authenticates is replaced, and what identifies stays. */
  readonly partial: boolean;
  /** Gives what takes the place of a secret. */
  readonly replace: (secret: string) => string;
}
