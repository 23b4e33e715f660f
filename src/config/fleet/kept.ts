/**
 * What an agent keeps of its fleet, in `state_dir`: the configuration that it took last, so that it starts without NATS, and
 * by group the highest serial that it has seen signed, so that nothing older is ever taken again.
 */
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../../platform/files/atomic-file.ts";
import { readOwn } from "../../platform/files/own-file.ts";
import { state_names } from "../../platform/files/state-names.ts";

const groups_max = 64;

const seen = z.strictObject({ serial: z.int().min(1), sha256: z.string() });

const keptSchema = z.lazy(() =>
  z.strictObject({
    v: z.literal(1),
    /** The highest serial of each group that this agent has been in, and what had it. */
    highest: z.record(z.string(), seen),
    /** What was taken last, as it was signed; it is verified again at each start. */
    note: z.string().optional(),
  }),
);

export type Kept = z.output<typeof keptSchema>;
export type Seen = z.output<typeof seen>;

export const nothing_kept: Kept = { v: 1, highest: {} };

export function keptPath(state_dir: string): string {
  return join(state_dir, state_names.fleet);
}

/** Where there is no file, nothing is kept. Rejects with why it cannot be read, or is none. */
export async function readKept(state_dir: string): Promise<Kept> {
  let text: string;
  try {
    text = await readOwn(keptPath(state_dir));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return nothing_kept;
    throw cause;
  }
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch (cause) {
    const remedy =
      "remove it if the agent is to take the fleet's configuration as if it had never had one";
    throw new Error(
      `${keptPath(state_dir)} has not the form of such a file; restore it, or ${remedy}`,
      { cause },
    );
  }
}

/** Whole or not at all, and on the disk when it resolves. Rejects with the system's error. */
export async function writeKept(state_dir: string, kept: Kept): Promise<void> {
  await replaceFile(keptPath(state_dir), `${JSON.stringify(kept)}\n`);
}

/** With a serial that was seen signed. Of groups that the agent was in long ago, the oldest are forgotten. */
export function withSeen(kept: Kept, group: string, seen_now: Seen): Kept {
  const { [group]: _, ...others } = kept.highest;
  const entries = Object.entries(others).slice(-(groups_max - 1));
  return { ...kept, highest: Object.fromEntries([...entries, [group, seen_now]]) };
}
