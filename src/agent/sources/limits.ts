/**
 * How much inputs may have: files that are open, so that descriptors are left for connections, directories and the state file (an
 * agent that used them all up for files could ship nothing of what it reads), and bytes that no written state covers.
 */
import { isJournaled, type InputOptions } from "../../config/inputs.ts";
import { outputsOf } from "../../config/outputs.ts";
import { descriptorsMax } from "../../platform/process/descriptors.ts";
import { heldBytesMax } from "../outputs/output-maker.ts";
import type { Setup } from "../setup/setup.ts";
import { buffer_held_bytes_max } from "./buffer-room.ts";
import { countBuffers } from "./output-buffer.ts";

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

/**
 * What may be read of an input and not yet covered by a written state: the most that a crash can repeat. Twice what the
 * outputs can hold, so that the state is written in time without holding up the flow, also where one of them is down.
 */
export function unsavedBytesMax({ config, inputs }: Setup): number {
  const outputs = outputsOf(config);
  const held_bytes = outputs.reduce((sum, output) => sum + heldBytesMax(output), 0);
  return 2 * (held_bytes + countBuffers(inputs, outputs) * buffer_held_bytes_max);
}
