/**
 * The files of the soak on the disk: full ones are removed once the agent's written state says that they are shipped, so
 * that a soak of any length has room.
 */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { active_name } from "./writer.ts";

interface SavedStream {
  identity: { kind?: string; key?: string };
  checkpoint: { offset?: number };
}

/** Removes what is shipped, and gives the bytes of what is left. */
export function removeShipped(directory: string, state_dir: string): number {
  const offsets = shippedOffsets(join(state_dir, "state.json"));
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
function shippedOffsets(state_file: string): Map<string, number> {
  let text: string;
  try {
    text = readFileSync(state_file, "utf8");
  } catch {
    // There is none before the first event.
    return new Map();
  }
  const { streams } = JSON.parse(text) as { streams: SavedStream[] };
  return new Map(
    streams.flatMap(({ identity, checkpoint }): [string, number][] => {
      if (identity.kind !== "file" || identity.key === undefined) return [];
      return [[identity.key, checkpoint.offset ?? 0]];
    }),
  );
}
