/**
 * Reads records from a stream, with the feed of inputs that receive streams: standard input, a pipe, lines that are followed.
 */
import type { Readable } from "node:stream";
import { framerOf } from "../../inputs/framing-option.ts";
import type { JournaledIntake } from "../../inputs/input.ts";
import { LineFeed, LineFeeds } from "../../inputs/lines/line-feed.ts";
import { silentLogger } from "../../platform/log.ts";
import { isCompressed } from "../../inputs/file/unpacking/kinds.ts";
import { type LogReading, unreadable } from "./log-reading.ts";

/** Resolves at the stream's end, or when no more is wanted. Rejects with TallymanError log_unreadable. */
export async function readStream(source: Readable, reading: LogReading): Promise<void> {
  const refused = Promise.withResolvers<never>();
  source.once("data", (first: Buffer) => {
    if (!isCompressed(first)) return;
    const reason = "what comes in is compressed; decompress it first: zcat LOG | tallyman try …";
    refused.reject(unreadable(reading.origin.stream, reason));
  });
  const { framing, encoding, max_event_bytes, origin, clock, take, progress } = reading;
  const enough = Promise.withResolvers<void>();
  const intake: JournaledIntake = {
    accept: async (records) => {
      const { starts, ends, count } = records;
      if (count > 0) progress?.(ends[count - 1]! - starts[0]!);
      if (!(await take(records))) enough.resolve();
      return "accepted";
    },
    quarantine: () => Promise.resolve("accepted"),
    room: () => undefined,
  };
  const framer = framerOf(framing, "stream");
  const feeds = new LineFeeds({
    origin,
    framer,
    encoding,
    max_event_bytes,
    intake,
    clock,
    log: silentLogger,
  });
  const feed = new LineFeed(source, feeds);
  try {
    await Promise.race([feed.done, enough.promise, refused.promise]);
  } finally {
    source.destroy();
  }
}
