/**
 * Reads records from a stream, with the feed of inputs that receive streams: standard input, a pipe, lines that are followed.
 */
import type { Readable } from "node:stream";
import { framerOf } from "../../inputs/framing-option.ts";
import type { JournaledIntake } from "../../inputs/input.ts";
import { LineFeed, LineFeeds } from "../../inputs/lines/line-feed.ts";
import { silentLogger } from "../../platform/log.ts";
import type { LogReading } from "./log-reading.ts";

/** Resolves at the stream's end, or when no more is wanted. */
export async function readStream(source: Readable, reading: LogReading): Promise<void> {
  const { framing, encoding, max_event_bytes, origin, clock, take, progress } = reading;
  const enough = Promise.withResolvers<void>();
  const intake: JournaledIntake = {
    accept: async (records) => {
      progress?.(0);
      if (!(await take(records))) enough.resolve();
      return "accepted";
    },
    quarantine: () => Promise.resolve("accepted"),
    room: () => undefined,
  };
  const framer = framerOf(framing, "stream");
  const feeds = new LineFeeds({
    ...{ origin, framer, encoding, max_event_bytes, intake, clock },
    log: silentLogger,
  });
  const feed = new LineFeed(source, feeds);
  await Promise.race([feed.done, enough.promise]);
  source.destroy();
}
