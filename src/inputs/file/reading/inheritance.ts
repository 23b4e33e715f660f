/**
 * A record that goes on in the file that takes the place of another: where the first one left off is known before anything of
 * the second one is framed.
 */
import type { FramingState } from "../../framing/contract/framer.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import { type Look, lookAt, lookAtOpen } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { markOf } from "../files/framing-marks.ts";

/** Whether nothing of the file was framed yet: at its beginning there is a state, too, once something was. */
export function mayInherit(
  { offset, checkpoint }: FollowedFile,
  { inherited }: FileFramer,
): boolean {
  return inherited !== undefined && offset === 0 && checkpoint.framing?.state === undefined;
}

/** The file whose place this one took, if there is more to read in that. What follows here was written after it. */
export async function unreadBefore({
  predecessor,
}: FollowedFile): Promise<FollowedFile | undefined> {
  if (predecessor === undefined || !predecessor.readable) return undefined;
  if (predecessor.trouble !== undefined) return undefined;
  const look = await lookNow(predecessor);
  const is_same = look?.key === predecessor.identity.key;
  return is_same && look.size > predecessor.end_bytes ? predecessor : undefined;
}

/** Undefined where it cannot be looked at: then it is not waited for. */
async function lookNow({ descriptor, path }: FollowedFile): Promise<Look | undefined> {
  try {
    if (descriptor !== undefined) return await lookAtOpen(descriptor);
    return path === undefined ? undefined : await lookAt(path);
  } catch {
    return undefined;
  }
}

/** Has a file of which nothing was read begin where the one left off whose place it took. */
export function inherit(file: FollowedFile, framer: FileFramer): void {
  const { predecessor, checkpoint } = file;
  if (framer.inherited === undefined || predecessor === undefined) return;
  const { long, followed } = predecessor;
  const state = framer.inherited(stateOf(predecessor, framer), long?.record ?? followed);
  const framing = markOf(framer, state);
  file.checkpoint = { ...checkpoint, ...(framing && { framing }) };
}

function stateOf({ checkpoint }: FollowedFile, { id }: FileFramer): FramingState {
  const { framing } = checkpoint;
  return framing?.id === id ? framing.state : undefined;
}
