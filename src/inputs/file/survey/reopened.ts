/**
 * A look at a file that is no longer what was read of it.
 */
import { holds, holdsSamples } from "../files/content.ts";
import { closeFile, errorCode, lookAtOpen, type Look } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { compareHeads } from "../files/identity.ts";
import { openChecked, type OpenFiles } from "../files/open-files.ts";
import type { Packed } from "../unpacking/packed.ts";
import { meeting } from "./met.ts";

/** A file that is no longer what was read of it, as it is now. */
export interface Reopened {
  readonly look: Look;
  readonly head: Buffer;
  /** Where the file itself has none. */
  readonly descriptor: number | undefined;
  /** Where it is compressed. */
  readonly packed: Packed | undefined;
  /** As Met has it: where it is set, it is not read on. */
  readonly unfit: string | undefined;
  /** Whether it was found to be shorter than before, and still has all that was read of it. */
  readonly is_cut: boolean;
}

/** Looks at the truncated file as it is now, through the open handle if there is one. */
export async function reopen(
  file: FollowedFile,
  open_files: OpenFiles,
): Promise<Reopened | "later" | undefined> {
  try {
    const { path } = file;
    const held = open_files.holding(file, async (descriptor) => {
      const look = await lookAtOpen(descriptor);
      return { look, ...(await inspect(file, descriptor, look)), descriptor: undefined };
    });
    if (held !== undefined) return await held;
    if (path === undefined) return undefined;
    const opened = await openChecked(path, (look) => open_files.isSame(file, look));
    if (opened === undefined) return undefined;
    try {
      return { ...opened, ...(await inspect(file, opened.descriptor, opened.look)) };
    } catch (error) {
      await closeFile(opened.descriptor);
      throw error;
    }
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" || code === "EBADF" ? undefined : "later";
  }
}

function inspect(file: FollowedFile, descriptor: number, look: Look) {
  return meeting(descriptor, look.size, async ({ content, head, packed, unfit }) => {
    const is_cut =
      file.cut_at !== undefined &&
      compareHeads(file.identity.heads, head) !== "unlike" &&
      (await holds(content, file.checkpoint)) &&
      (await holdsSamples(file, content));
    return { head, packed, unfit, is_cut };
  });
}
