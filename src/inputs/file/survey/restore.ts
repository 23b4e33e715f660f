/**
 * Finds the files again that were followed before a restart, or by another input in whose place this one is: by
 * device and inode and by content, or for what was copied or moved meanwhile by content alone.
 */
import { dirname } from "node:path";
import { compareHeads } from "../files/identity.ts";
import { findCopy } from "./copies.ts";
import { meeting, type Met } from "./met.ts";
import { holdsPacked, isReadToEnd } from "../unpacking/packed.ts";
import { holds, holdsSamples } from "../files/content.ts";
import type { Departures } from "./departures.ts";
import { joinPath } from "../discovery/directories.ts";
import type { Found } from "../discovery/walk.ts";
import { closeFile, isGone, lookAt, lookAtOpen, type Look } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import { stateBefore } from "../files/handed-files.ts";
import { loseBytes } from "../files/losses.ts";
import { openChecked } from "../files/open-files.ts";
import { takeUntouched } from "./untouched.ts";

/** Looks that must miss a file before it counts as gone: it may be renamed during a look. */
const looks_max = 3;

/**
 * Places the restored files: first all that are in the directory where they were, or are `discovered` in another,
 * so that no copy is taken for another.
 */
export async function placeRestored(
  context: FileInputContext,
  departures: Departures,
  discovered: readonly Found[],
): Promise<void> {
  const { roster, log, input, not_followed } = context;
  const changed = new Set<FollowedFile>();
  let unplaced = [...roster].filter(
    (file) => file.state === "unplaced" && !not_followed.covers(file),
  );
  if (unplaced.length === 0) return;
  const elsewhere = new Map(discovered.toReversed().map((found) => [found.look.key, found]));
  for (let looks = 0; looks < looks_max && unplaced.length > 0; looks += 1) {
    if (looks > 0) forgetDirectories(context, unplaced);
    const missing: FollowedFile[] = [];
    for (const file of unplaced) {
      const placing = await placeByKey(context, departures, { file, elsewhere });
      if (placing === "changed") changed.add(file);
      if (placing === "missing") missing.push(file);
    }
    unplaced = missing;
  }
  for (const file of [...changed, ...unplaced]) {
    const copy = await findCopy(file, context, (look) =>
      roster.withKey(look.key) === undefined ? "nobody" : "another",
    );
    if (copy === "later") continue;
    const { directory } = file.identity;
    const is_copied =
      copy?.is_followed === false &&
      (await placeFound(context, file, { directory, ...copy })) === "placed";
    const end = Math.max(file.offset, copy?.size ?? 0);
    if (is_copied) {
      loseBytes(context, file, "truncated", file.proven_size - end);
      file.resize(file.sizeOf(copy.look), context.clock.monotonic());
      log.info(
        "file_copied",
        { input, path: file.identity.path, copy: copy.name },
        copy.packed === undefined
          ? "File was copied and truncated. Reading the rest from the copy."
          : "File was compressed. Reading the rest, if there is any, from the compressed file.",
      );
    } else if (changed.has(file)) {
      loseBytes(context, file, "truncated", file.proven_size - end);
      roster.retire(file);
    } else if (await isCertainlyGone(file)) {
      loseBytes(context, file, "deleted", file.identity.size - end);
      roster.retire(file);
    }
  }
}

/** So that the next look takes new listings. */
function forgetDirectories(
  { directories }: FileInputContext,
  files: readonly FollowedFile[],
): void {
  for (const directory of new Set(files.map(({ identity }) => identity.directory)))
    directories.forget(directory);
}

type Placing = "placed" | "changed" | "missing" | "unavailable";

async function placeByKey(
  context: FileInputContext,
  departures: Departures,
  { file, elsewhere }: { file: FollowedFile; elsewhere: ReadonlyMap<string, Found> },
): Promise<Placing> {
  if ((await placeOpen(context, file)) === "placed") return "placed";
  const { directory, name } = file.identity;
  const isWanted = (look: Look): boolean => context.open_files.isSame(file, look);
  const found = await departures.find(directory, name, isWanted);
  if (typeof found === "object") return placeFound(context, file, found);
  const other = elsewhere.get(file.identity.key);
  if (other !== undefined && isWanted(other.look)) return placeFound(context, file, other);
  return found ?? "missing";
}

/** Takes a file by the handle that was handed over: it may have no name any more. */
async function placeOpen(context: FileInputContext, file: FollowedFile): Promise<Placing> {
  const { roster, open_files, handed, clock, wake } = context;
  const { descriptor } = file;
  if (descriptor === undefined) return "missing";
  try {
    const look = await lookAtOpen(descriptor);
    const state = await recognise(file, descriptor, look);
    file.looked_at_ms = clock.monotonic();
    roster.rekey(file, look);
    // While its directory cannot be listed, a live one must not pass for one that was rotated.
    const is_live = state === "leaving" && stateBefore(handed, file.stream) === "live";
    file.state = is_live ? "live" : (state ?? "truncated");
    wake(file);
    return "placed";
  } catch {
    await open_files.close(file);
    return "unavailable";
  }
}

/** Takes the file at a place if it has the content that it should have. */
export async function placeFound(
  context: FileInputContext,
  file: FollowedFile,
  found: Pick<Found, "directory" | "name" | "look">,
): Promise<Placing> {
  if (takeUntouched(context, file, found)) return "placed";
  const { roster, clock, wake } = context;
  const { directory, name } = found;
  const { key } = found.look;
  try {
    const opened = await openChecked(joinPath(directory, name), (look) => look.key === key);
    if (opened === undefined) return "missing";
    const { descriptor, look } = opened;
    try {
      const state = await recognise(file, descriptor, look);
      if (state === undefined) return "changed";
      file.looked_at_ms = clock.monotonic();
      roster.rekey(file, look);
      roster.move(file, directory, name);
      file.state = state;
    } finally {
      await closeFile(descriptor);
    }
    wake(file);
    return "placed";
  } catch (error) {
    return isGone(error) ? "missing" : "unavailable";
  }
}

/** In which state the open file goes on; undefined where it has not the content that it should have. */
async function recognise(
  file: FollowedFile,
  descriptor: number,
  look: Look,
): Promise<"leaving" | "finished" | undefined> {
  const { packed } = file.identity;
  if (packed !== undefined && (await holdsPacked(descriptor, packed))) {
    file.packed_size = look.size;
    file.identity.mtime_ms = look.mtime_ms;
    file.stream.identityNoted();
    return isReadToEnd(packed, file.offset, look) ? "finished" : "leaving";
  }
  return meeting(descriptor, look.size, (met) => recogniseContent(file, met, look));
}

async function recogniseContent(
  file: FollowedFile,
  { content, head, packed }: Met,
  look: Look,
): Promise<"leaving" | "finished" | undefined> {
  const { heads, size } = file.identity;
  const { checkpoint } = file;
  if (heads.length > 0 && compareHeads(heads, head) !== "alike") return undefined;
  // A copy of less than what was consumed stays known as long as nothing happens to it.
  const is_plain = packed === undefined;
  const settled = is_plain && look.size < checkpoint.offset && look.size === size;
  if (!settled && !(await holds(content, checkpoint))) return undefined;
  if (!settled && !(await holdsSamples(file, content))) return undefined;
  file.setHead(head);
  if (!is_plain || file.identity.packed !== undefined) file.repack(packed);
  if (is_plain && look.size > size) file.prove(look.size);
  file.identity.mtime_ms = look.mtime_ms;
  file.identity.settled_ms = undefined;
  file.stream.identityNoted();
  return settled ? "finished" : "leaving";
}

/** Whether the file cannot come back: not so while its directory cannot be read or another disk is there. */
async function isCertainlyGone(file: FollowedFile): Promise<boolean> {
  const [device] = file.identity.key.split(":");
  for (let path = file.identity.directory; ; path = dirname(path)) {
    try {
      return (await lookAt(path)).device === device;
    } catch (error) {
      if (!isGone(error)) return false;
    }
  }
}
