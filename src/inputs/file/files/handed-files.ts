/**
 * What a file input leaves to the next one of the same name in the same process, beside the ledger's streams: what the
 * ledger does not know, and could not be found out again.
 */
import type { StreamLedger } from "../../../ledger/stream-ledger.ts";
import { closeFile } from "../discovery/file-access.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { FileState } from "../known/file-state.ts";
import type { FileCheckpoint } from "./identity.ts";
import type { OpenFiles } from "./open-files.ts";

export interface HandedFile {
  readonly state: FileState;
  /** Open still: a file that is deleted meanwhile cannot be opened again. */
  readonly descriptor: number | undefined;
  readonly trail: readonly FileCheckpoint[];
}

/** By the id of their streams. */
export type HandedFiles = ReadonlyMap<string, HandedFile>;

/** Takes all files out of the hands of an input that has ended, but for the handles that nobody needs any more. */
export function handFiles(
  files: Iterable<FollowedFile>,
  open_files: OpenFiles,
  former: HandedFiles,
): HandedFiles {
  const handed = new Map<string, HandedFile>();
  for (const file of files) {
    const { stream, trail } = file;
    const state = file.state === "unplaced" ? stateBefore(former, stream) : file.state;
    const descriptor = state === "retired" ? undefined : open_files.release(file);
    handed.set(stream.id, { state, descriptor, trail });
  }
  return handed;
}

/** In which state a file was before it has to be found again. */
export function stateBefore(handed: HandedFiles, { id }: StreamLedger): FileState {
  return handed.get(id)?.state ?? "unplaced";
}

/** Closes what was handed over, where nobody takes it. */
export async function closeHanded(handed: HandedFiles): Promise<void> {
  const descriptors = [...handed.values()].flatMap(({ descriptor }) => descriptor ?? []);
  await Promise.all(descriptors.map((descriptor) => closeFile(descriptor)));
}
