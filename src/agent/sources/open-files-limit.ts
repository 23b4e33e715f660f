/**
 * How many files each file input may hold open, so that descriptors are left for connections, directories and the
 * state file: an agent that used them all up for files could ship nothing of what it reads.
 */
import { isJournaled, type InputOptions } from "../../config/inputs.ts";
import { descriptorsMax } from "../../platform/process/descriptors.ts";

/** Node itself has about 25 open; the rest is for connections, directories, the state, the quarantine and tallyman's own journal. */
const descriptors_reserved = 52;
/** Of a journal: the segments that are written and read, and what is removed meanwhile. */
const descriptors_per_journal = 4;

/** Where clients might take all descriptors, files are read all the same. */
const open_files_min = 8;

/** An equal share for each file input of what the system's limit and the other inputs leave. */
export function openFilesMax(inputs: readonly InputOptions[], output_buffers: number): number {
  let left = descriptorsMax() - descriptors_reserved - output_buffers * descriptors_per_journal;
  let files = 0;
  for (const input of inputs) {
    if (input.type === "file") files += 1;
    else if (isJournaled(input)) left -= descriptors_per_journal;
    if ("max_connections" in input) left -= input.max_connections;
  }
  return Math.max(open_files_min, Math.floor(left / Math.max(1, files)));
}
