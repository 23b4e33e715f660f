/**
 * What is kept of corrected indexes across restarts: `index-corrections.json` in the state directory. What waits in a journal
 * keeps the index that it was written with, and after a crash nobody else knows that it was corrected.
 */
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../../platform/files/atomic-file.ts";
import { readOwn } from "../../platform/files/own-file.ts";
import { state_names } from "../../platform/files/state-names.ts";

/** In JSON, null is the token's default index. */
const indexes = z.lazy(() => z.array(z.string().nullable()).max(indexes_max));
/** Of one input: nobody renames an index more often. */
export const indexes_max = 100;

const correctionsFile = z.lazy(() =>
  z.object({
    version: z.literal(1),
    /** By input, what it has named before. */
    former: z.record(z.string(), indexes),
    corrections: z.record(
      z.string(),
      z.array(z.object({ index: z.string().nullable(), until_ms: z.number() })),
    ),
    /** At a stop: what each input names, and what Splunk refuses. A restart may correct it, as a reload would. */
    stopped: z
      .object({ named: z.record(z.string(), z.string().nullable()), refused: indexes })
      .optional(),
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
