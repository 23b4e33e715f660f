/** How much of an input may be read beyond what the written state covers. */
import { outputsOf } from "../../config/outputs.ts";
import { buffer_held_bytes_max } from "./buffer-room.ts";
import { countBuffers } from "./output-buffer.ts";
import { heldBytesMax } from "../outputs/output-maker.ts";
import type { Setup } from "../setup/setup.ts";

/**
 * What may be read of an input and not yet covered by a written state: the most that a crash can repeat. Twice what the
 * outputs can hold, so that the state is written in time without holding up the flow, also where one of them is down.
 */
export function unsavedBytesMax({ config, inputs }: Setup): number {
  const outputs = outputsOf(config);
  const held_bytes = outputs.reduce((sum, output) => sum + heldBytesMax(output), 0);
  return 2 * (held_bytes + countBuffers(inputs, outputs) * buffer_held_bytes_max);
}
