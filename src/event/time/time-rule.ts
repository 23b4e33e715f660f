/**
 * What an input's configuration says of the times of its events.
 */
import type { Path } from "../scan/path.ts";
import type { TimeFormat } from "./timestamp-reader.ts";

export interface TimeRule extends TimeFormat {
  /** The options that it was made of, to tell it from others. */
  readonly options: string;
  /** Where an event's own timestamp may be; the first of them that holds one counts. */
  readonly paths: readonly Path[];
  /** Whether the beginning of a record that is not JSON is looked at. */
  readonly reads_heads: boolean;
}
