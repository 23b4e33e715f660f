/** The one pass over a record's bytes. */
import type { Path } from "./path.ts";

export declare class Scanner {
  constructor(paths: readonly Path[]);
}
