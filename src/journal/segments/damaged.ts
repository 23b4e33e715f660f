/**
 * Sets damaged segments aside, in `damaged/`, for someone to look at: a second name for the same bytes, so that it
 * costs no room before the segment itself is removed. The latest few are kept.
 */
import { basename, join } from "node:path";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import type { Segment, Segments } from "./segments.ts";

export const damaged_directory = "damaged";
const kept_max = 4;

/** Never rejects: what cannot be set aside is only logged. */
export async function setAside(segments: Segments, segment: Segment, log: Logger): Promise<void> {
  const { files } = segments;
  const directory = join(segments.directory, damaged_directory);
  const copy = join(directory, basename(segment.path));
  try {
    await files.makeDirectory(directory);
    const names = (await files.list(directory)).sort();
    for (const name of names.slice(0, Math.max(0, names.length - kept_max + 1))) {
      await files.remove(join(directory, name));
    }
    if (names.includes(basename(copy))) return;
    await files.link(segment.path, copy);
    log.warn("journal_segment_kept", { file: copy }, "The damaged segment is kept for inspection.");
  } catch (cause) {
    log.warn(
      "journal_segment_not_kept",
      { file: segment.path, error: messageOf(cause) },
      "The damaged segment could not be kept for inspection.",
    );
  }
}
