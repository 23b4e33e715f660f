/**
 * What conditions are compiled with: the clock, the lists in files, and who takes the paths and the notes.
 */
import type { Path } from "../../event/scan/path.ts";
import type { Clock } from "../../platform/clock.ts";
import type { FileLists } from "../lists/file-lists.ts";
import type { ValueKind } from "./expected-kinds.ts";

/** What is likely not meant so, and where in the expression it is. */
export interface Note {
  readonly message: string;
  readonly position: number;
}

export interface ConditionContext {
  /** What `now()` is. */
  readonly clock: Pick<Clock, "now">;
  /** The lists that conditions of the chain read from files. */
  readonly lists: Pick<FileLists, "open">;
  /** Makes a path that a condition names known to the scan; `expected` is of what kind it takes the value to be. */
  readonly path: (text: string, expected: ValueKind | undefined) => Path;
  /** Hears what is likely not meant so. */
  readonly note: (note: Note) => void;
}
