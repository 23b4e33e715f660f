/**
 * Files at whose beginning is something else than records of their input's framing: for `check` and `doctor`, which say
 * so before the first event is sent.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { beginning_bytes_max, type Misfit, misfitOf } from "../framing/fitting.ts";
import type { Framer } from "../framing/contract/framer.ts";
import { errorCode, isGone } from "./discovery/file-access.ts";

/** Files of one glob that are looked into; they are of one kind, mostly. */
const files_max = 100;
/** A pipe that has taken the file's place must not block the open. */
const open_flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Files that are the same kind of something else. */
export interface UnfitFiles {
  readonly misfit: Misfit;
  /** The first of them. */
  readonly path: string;
  /** How many there are. */
  count: number;
}

/** A file that cannot be read, so that nothing is known of its framing. */
export interface UnreadFile {
  readonly path: string;
  /** The system's word for why, such as EACCES. */
  readonly error: string;
}

export interface Beginnings {
  readonly unfit: readonly UnfitFiles[];
  readonly unread: readonly UnreadFile[];
}

/** Looks at the first bytes of each file. */
export async function lookAtBeginnings(
  files: readonly { readonly path: string }[],
  framer: Framer,
): Promise<Beginnings> {
  const unfit = new Map<string, UnfitFiles>();
  const unread: UnreadFile[] = [];
  const bytes = Buffer.alloc(beginning_bytes_max);
  for (const { path } of files.slice(0, files_max)) {
    try {
      const misfit = misfitOf(await beginningOf(path, bytes), framer, "file");
      if (misfit === undefined) continue;
      const key = `${misfit.fitting} ${misfit.seen}`;
      const same = unfit.get(key);
      if (same === undefined) unfit.set(key, { misfit, path, count: 1 });
      else same.count += 1;
    } catch (error) {
      if (!isGone(error)) unread.push({ path, error: errorCode(error) });
    }
  }
  return { unfit: [...unfit.values()], unread };
}

/** The files and what they are, as a sentence. */
export function describeUnfit({ misfit, path, count }: UnfitFiles): string {
  const others = count === 1 ? "" : `, as do ${count - 1} others`;
  return `${path} ${misfit.seen}${others}`;
}

/** Reads what fits into `bytes`. Rejects with the system's error. */
async function beginningOf(path: string, bytes: Buffer): Promise<Buffer> {
  const file = await open(path, open_flags);
  try {
    if (!(await file.stat()).isFile()) return bytes.subarray(0, 0);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
