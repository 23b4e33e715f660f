/**
 * What the feeds of an input's streams need.
 */
import type { Origin } from "../../event/block.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { ChosenEncoding } from "../framing/decoding/encodings.ts";
import type { Framer } from "../framing/contract/framer.ts";
import type { JournaledIntake } from "../input.ts";

export interface LineFeedDeps {
  /** Not with the stream, which is the same for all. */
  readonly origin: Origin;
  /** Finds the records in the streams. */
  readonly framer: Framer;
  readonly encoding: ChosenEncoding;
  readonly max_event_bytes: number;
  readonly intake: JournaledIntake;
  readonly clock: Clock;
  readonly log: Logger;
}
