/**
 * The files of the soak on the disk: full ones are removed once the agent's written state says that they are shipped, so
 * that a soak of any length has room.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { StateFile } from "../../src/ledger/state-file.ts";
import { active_name } from "./writer.ts";

interface SavedStream {
  identity: { kind?: string; key?: string };
  checkpoint: { offset?: number };
}

/** Removes what is shipped, and gives the bytes of what is left. */
export async function removeShipped(directory: string, state_dir: string): Promise<number> {
  const offsets = await shippedOffsets(state_dir);
  let left_bytes = 0;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith("audit")) continue;
    const path = join(directory, name);
    const { dev, ino, size } = statSync(path);
    if (name !== active_name && offsets.get(`${dev}:${ino}`) === size) rmSync(path);
    else left_bytes += size;
  }
  return left_bytes;
}

/** By device and inode. */
async function shippedOffsets(state_dir: string): Promise<Map<string, number>> {
  // There is none before the first event.
  const state = await new StateFile(state_dir).read();
  return new Map(
    (state?.streams ?? []).flatMap((stream): [string, number][] => {
      const { identity, checkpoint } = stream as SavedStream;
      if (identity.kind !== "file" || identity.key === undefined) return [];
      return [[identity.key, checkpoint.offset ?? 0]];
    }),
  );
}
