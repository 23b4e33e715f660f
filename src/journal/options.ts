/**
 * The options of the journal that stands behind an input whose events cannot be read again.
 */
import { z } from "zod";
import { duration, size } from "../platform/text/unit-options.ts";

const KiB = 1024;
const bytes_min = 64 * KiB;
const sync_ms_min = 10;
const sync_ms_max = 60_000;

const syncInterval = duration().pipe(z.number().min(sync_ms_min).max(sync_ms_max));

/** To be spread into the options of every input that is journaled. */
export const journalOptions = {
  when_full: z
    .enum(["block", "drop_newest", "drop_oldest"])
    .default("block")
    .describe(
      "What happens while the journal is full: the senders wait (`block`), or what comes in is dropped " +
        "(`drop_newest`), or the oldest events that were not read yet are (`drop_oldest`). What is dropped is " +
        "counted under the reason `journal_full`.",
    ),
  journal: z
    .strictObject({
      max_bytes: size()
        .pipe(z.number().min(bytes_min))
        .prefault("1GiB")
        .describe(
          "What the journal may hold on the disk. A single larger delivery is let in where it is empty.",
        ),
      sync: z
        .union([z.literal("always"), syncInterval])
        .default("always")
        .describe(
          "When events count as received: once they are safely on the disk (`always`), or as soon as they are " +
            "written, with a sync at least this often. With a duration such as 1s, a power cut can lose the events " +
            "of the last such time although their sender was told that they arrived, and events are " +
            "sent that much later. Neither setting loses anything when only tallyman is killed.",
        ),
    })
    .prefault({})
    .describe("The disk buffer in which events are kept until Splunk has taken them."),
};

/** To be spread into the options of every output: of the buffer that stands before it for each input that routes. */
export const outputBufferOptions = {
  buffer: z
    .strictObject({
      max_bytes: size()
        .pipe(z.number().min(bytes_min))
        .prefault("1GiB")
        .describe(
          "What it may hold on the disk, for each input. While it is full, the input waits, and with it what the input " +
            "has for other outputs. Nothing is dropped.",
        ),
    })
    .prefault({})
    .describe(
      "The disk buffer in which events wait for this output, so that it holds up no other one. Only for inputs whose " +
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
export const defaultJournalOptions: JournalOptions = journalOptionsOf(
  z.object(journalOptions).parse({}),
);
