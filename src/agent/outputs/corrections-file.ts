/**
 * What is kept of corrected indexes across restarts: `index-corrections.json` in the state directory. What waits in a journal
 * keeps the index that it was written with, and after a crash nobody else knows that it was corrected.
 */
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../../platform/files/atomic-file.ts";
import { readOwn } from "../../platform/files/own-file.ts";
import { state_names } from "../../platform/files/state-names.ts";

/** Of one input: nobody renames an index more often. */
export const indexes_max = 100;
/** In JSON, null is the token's default index. */
const name = z.lazy(() => z.string().nullable());
/** By input, indexes that it has named, and until when; wall clock. */
const former = z.lazy(() =>
  z.record(z.string(), z.array(z.object({ index: name, until_ms: z.number() })).max(indexes_max)),
);

const correctionsFile = z.lazy(() =>
  z.object({
    version: z.literal(1),
    /** What each input has named before. */
    former,
    /** Those of them that Splunk has refused. */
    corrections: former,
    /** What each input names, and what Splunk refuses, as far as is known. A restart may correct it, as a reload would. */
    last: z.object({
      named: z.record(z.string(), name),
      refused: z.array(name).max(indexes_max),
    }),
  }),
);

export type KeptCorrections = z.infer<typeof correctionsFile>;

/** Undefined where there are none, or none that can be read: then events keep their index. */
export async function readCorrections(state_dir: string): Promise<KeptCorrections | undefined> {
  try {
    return correctionsFile.parse(JSON.parse(await readOwn(pathIn(state_dir))));
  } catch {
    return undefined;
  }
}

/** Rejects with the system's error. */
export async function writeCorrections(state_dir: string, kept: KeptCorrections): Promise<void> {
  await replaceFile(pathIn(state_dir), JSON.stringify(kept));
}

function pathIn(state_dir: string): string {
  return join(state_dir, state_names.index_corrections);
}
