/**
 * Files that have been unchanged for so long that what is at their end is taken as it is: a group of records, or a record
 * without an end.
 *
 * Nobody can know in general whether a file still has a writer, and a writer may stop in the middle of a line. So by
 * default a record without an end is shipped from a file that stays in its place only where nothing can be missing of it: it
 * is a whole JSON object.
 */
import type { FileInputContext } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { Quiet } from "../files/seldom-set.ts";

/** After this time a whole document is taken for a record, though its line end is missing. */
const whole_after_ms = 60_000;

/** Takes note of how long a file has been unchanged, and says whether that makes something of it readable. */
export function becomesQuiet(file: FollowedFile, context: FileInputContext): boolean {
  if (!file.at_end || file.busy || !file.readable || file.unread_bytes === 0) return false;
  const quiet = quietOf(file, context);
  const { quiet: before } = file;
  if (!quiet.is_group_whole && quiet.unfinished === "left") return false;
  const is_news =
    before?.is_group_whole !== quiet.is_group_whole || before.unfinished !== quiet.unfinished;
  file.found_quiet = quiet;
  return is_news;
}

function quietOf(file: FollowedFile, { clock, framer, options }: FileInputContext): Quiet {
  const since_ms = file.grown_at_ms;
  const quiet_ms = clock.monotonic() - since_ms;
  const is_group_whole = quiet_ms >= (framer.flush_after_ms ?? Infinity);
  const is_long = quiet_ms >= (options.flush_after ?? whole_after_ms);
  // A file that has left its place is finished after `rotate_wait`.
  if (!is_long || file.state !== "live") return { since_ms, is_group_whole, unfinished: "left" };
  const unfinished = options.flush_after === undefined ? "shipped_if_whole" : "shipped";
  return { since_ms, is_group_whole, unfinished };
}
