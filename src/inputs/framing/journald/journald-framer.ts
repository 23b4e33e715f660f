/**
 * The framer of the journal's export format. Its only state is that what follows may be the rest of an entry: reading goes on at
 * the first byte of an entry otherwise.
 */
import type { Framer } from "../contract/framer.ts";
import { isJournaldState, rest, startOfEntry } from "./between.ts";
import { EntryScan } from "./entry-scan.ts";
import { JournaldFrame, raw_factor } from "./journald-frame.ts";
import { LongEntry } from "./long-entry.ts";

/** With `keeps_nuls`, NUL bytes at the end of what is there may have been allocated by a writer that will fill them. */
export function journaldFramer(keeps_nuls: boolean): Framer {
  return {
    id: "journald",
    isState: isJournaldState,
    lost: rest,
    raw_factor,
    is_utf8: true,
    frame: (window, positions) => new JournaldFrame(window, positions, keeps_nuls).run(),
    contentStart: (bytes, from) => startOfEntry(bytes, from, bytes.length),
    // A value may hold what looks like the end of an entry.
    lastEnd: () => 0,
    scan: (state) => new EntryScan(state),
    long: (state, kept_bytes_max) => new LongEntry(state, raw_factor * kept_bytes_max),
    inherited: (state, known) => (known === undefined ? state : rest),
  };
}
