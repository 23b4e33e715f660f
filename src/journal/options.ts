/**
 * The options of the journal that is behind an input whose events cannot be read again.
 */
import { z } from "zod";
import { duration, size } from "../platform/text/unit-options.ts";

const KiB = 1024;
const bytes_min = 64 * KiB;
const sync_ms_min = 10;
const sync_ms_max = 60_000;

/** To be spread into the options of every input that is journaled. */
export const journalOptions = () => ({
  when_full: z
    .enum(["block", "drop_newest", "drop_oldest"])
    .default("block")
    .describe(
      "What happens while the journal is full: senders wait (`block`), new events are dropped " +
        "(`drop_newest`), or the oldest unread events are dropped (`drop_oldest`). Dropped events are " +
        "counted under the reason `journal_full`.",
    ),
  journal: z
    .strictObject({
      max_bytes: size()
        .pipe(z.number().min(bytes_min))
        .prefault("1GiB")
        .describe(
          "Size limit of the journal on disk. A single larger delivery is accepted while it is empty.",
        ),
      sync: z
        .union([z.literal("always"), duration().pipe(z.number().min(sync_ms_min).max(sync_ms_max))])
        .default("always")
        .describe(
          "When events count as received: once they are safely on the disk (`always`), or as soon as they are " +
            "written, with a sync at least this often. With a duration such as 1s, a power cut can lose the acknowledged events of the last second, and " +
            "events are sent up to a second later. Neither setting loses anything when only tallyman is killed.",
        ),
    })
    .prefault({})
    .describe("The disk buffer that keeps events until Splunk has accepted them."),
});

/** To be spread into the options of every output: of the buffer that is before it for each input that routes. */
export const outputBufferOptions = {
  buffer: z
    .strictObject({
      max_bytes: size()
        .pipe(z.number().min(bytes_min))
        .prefault("1GiB")
        .describe(
          "Its size limit on disk, for each input. While it is full, the input waits, together with the events it " +
            "has for other outputs. Nothing is dropped.",
        ),
    })
    .prefault({})
    .describe(
      "The disk buffer in which events wait for this output, so that it does not delay other outputs. Only for inputs whose " +
        "chain routes to several outputs.",
    ),
};

/** The options as they are used. `sync` is `always` or milliseconds. */
export interface JournalOptions {
  readonly when_full: "block" | "drop_newest" | "drop_oldest";
  readonly max_bytes: number;
  readonly sync: "always" | number;
}

/** For whoever keeps them and may be given others. */
export type ChangeableJournalOptions = {
  -readonly [Key in keyof JournalOptions]: JournalOptions[Key];
};

/** Picks the journal's options out of an input's. */
export function journalOptionsOf(options: {
  when_full: JournalOptions["when_full"];
  journal: Pick<JournalOptions, "max_bytes" | "sync">;
}): JournalOptions {
  return { when_full: options.when_full, ...options.journal };
}

/** For a journal whose input is not configured any more. */
export function defaultJournalOptions(): JournalOptions {
  return journalOptionsOf(z.object(journalOptions()).parse({}));
}
