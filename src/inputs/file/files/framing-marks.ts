/**
 * Where a framing stands, as a checkpoint has it: what is written of it, and whether it is used after a start.
 */
import type { Framer, FramingState } from "../../framing/contract/framer.ts";
import { framingIdOf } from "../../framing/decoding/file-framers.ts";
import type { FileInputContext } from "./context.ts";
import type { FileCheckpoint, FramingMark } from "./identity.ts";

/** What checkpoints without a mark are of: the default, which has no state. */
const unmarked_id = "lines";

export function markOf({ id }: Pick<Framer, "id">, state: FramingState): FramingMark | undefined {
  if (state !== undefined) return { id, state };
  return id === unmarked_id ? undefined : { id };
}

/** The id of the framer that left the mark. */
export function idOf(mark: FramingMark | undefined): string {
  return mark?.id ?? unmarked_id;
}

/**
 * A checkpoint from the state file as the input's framing can go on from it: without a state that is of another framing
 * or damaged. Then the framing begins at the offset, so that no byte is passed over. It is told that nobody knows what is
 * before, if it has a state for that; else the first record there may be a part of one.
 */
export function usableCheckpoint(
  { framer, log, input }: Pick<FileInputContext, "framer" | "log" | "input">,
  { framing, ...place }: FileCheckpoint,
  path: string,
): FileCheckpoint {
  const former = idOf(framing);
  const state = framing?.state;
  const { offset } = place;
  const lost = offset > 0 ? markOf(framer, framer.lost) : undefined;
  const restarted = { ...place, ...(lost && { framing: lost }) };
  if (framingIdOf(former) !== framer.id) {
    if (offset > 0) {
      const facts = { input, path, offset, former, framing: framer.id };
      log.info(
        "file_framing_changed",
        facts,
        "Another framing read the file so far. This one begins at the offset, as with a new file.",
      );
    }
    return restarted;
  }
  if (state === undefined || framer.isState(state))
    return { ...place, ...(framing && { framing }) };
  log.warn(
    "file_framing_state_invalid",
    { input, path, offset },
    "The framing's state in the state file is invalid and ignored. It begins at the offset, as with a new file.",
  );
  return restarted;
}
