/** What a detector finds in a text. Offsets are of the bytes that were searched, the end is behind the last one. */

/** A piece of a text. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** A part of a text that looks like a secret. */
export interface Detection extends Part {
  /** The id of the detector, or the name of a user's pattern. */
  readonly detector: string;
  /** The parts of it that authenticate, where the rest identifies; undefined where all of it is secret. */
  readonly secret?: readonly Part[];
}

/** The detector that knows options of commands. In lists of strings it looks at all of them as one command. */
export const command_line = "command-line";
