/**
 * Restored files to which nobody has written since they were read to their end. They are neither opened nor read at a start:
 * of very many files, nearly all are of this kind.
 *
 * What says so is the time of the inode's last change: the system sets it at each write, and no program can set it back. Within
 * one tick of its clock a second change has the same time. So it counts where a later look found the file as it was read. The
 * fingerprints are compared with the next read all the same.
 */
import type { Found } from "../discovery/walk.ts";
import type { Look } from "../discovery/file-access.ts";
import type { FileInputContext } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { idOf } from "../files/framing-marks.ts";
import { isReadToEnd } from "../unpacking/packed.ts";

/** Coarser than the clock of any file system in use. */
export const settled_after_ms = 2500;

/** Takes note of a look at a file that has been as it is known for so long that no change can hide behind the last one. */
export function noteSettled(file: FollowedFile, { changed_ms }: Look, now_ms: number): void {
  const { identity } = file;
  if (identity.settled_ms === changed_ms || now_ms - file.grown_at_ms < settled_after_ms) return;
  const is_read = identity.packed === undefined ? file.is_read_to_end : file.state === "finished";
  if (!is_read || file.busy) return;
  identity.settled_ms = changed_ms;
  file.stream.identityNoted();
}

/** Whether a look says that nobody has written to the file since it was read to its end. */
function isSettled({ identity }: FollowedFile, { changed_ms, size, mtime_ms }: Look): boolean {
  const known_size = identity.packed?.size ?? identity.size;
  return (
    changed_ms === identity.settled_ms && size === known_size && mtime_ms === identity.mtime_ms
  );
}

/** Takes the file at a place if it is one of these, and says whether it did. */
export function takeUntouched(
  { roster, open_files, framer, clock, wake }: FileInputContext,
  file: FollowedFile,
  { directory, name, look }: Pick<Found, "directory" | "name" | "look">,
): boolean {
  if (!open_files.isSame(file, look) || !isSettled(file, look)) return false;
  const { packed } = file.identity;
  const { offset, checkpoint } = file;
  file.looked_at_ms = clock.monotonic();
  roster.rekey(file, look);
  roster.move(file, directory, name);
  if (packed === undefined) {
    // A copy of less than what was consumed stays known as long as nothing happens to it.
    file.state = look.size < offset ? "finished" : "leaving";
    file.end_bytes = look.size;
    // Of a file in another encoding it is not known which, before it is read.
    file.at_end = idOf(checkpoint.framing) === framer.id;
  } else {
    file.packed_size = look.size;
    file.state = isReadToEnd(packed, offset, look) ? "finished" : "leaving";
  }
  if (file.readable && !file.is_read_to_end) wake(file);
  return true;
}
