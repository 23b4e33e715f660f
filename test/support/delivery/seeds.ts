/** Lives through the hours of many seeds, on a thread for each processor. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SeedResult, SeedTask } from "./seed-worker.ts";

const threads_max = 4;
/** While one waits for the disk, another goes on. */
const seeds_each_thread = 3;

/** Gives what came of each seed. A seed that breaks its thread, or never ends, is a failure, too. */
export async function liveSeeds(
  seeds: readonly number[],
  { events, seed_ms_max }: { events: number; seed_ms_max: number },
): Promise<SeedResult[]> {
  const waiting = [...seeds];
  const results: SeedResult[] = [];
  const runThread = (): Promise<void> =>
    new Promise((resolve) => {
      const worker = new Worker(new URL("./seed-worker.ts", import.meta.url));
      const open = new Set<number>();
      let watch: NodeJS.Timeout | undefined;
      const next = (): void => {
        clearTimeout(watch);
        while (open.size < seeds_each_thread && waiting.length > 0) {
          const seed = waiting.shift()!;
          open.add(seed);
          worker.postMessage({ seed, events } satisfies SeedTask, []);
        }
        if (open.size === 0) void worker.terminate().then(() => resolve());
        else watch = setTimeout(() => broken(`nothing in ${seed_ms_max} ms`), seed_ms_max);
      };
      const broken = (failure: string): void => {
        clearTimeout(watch);
        for (const seed of open) results.push({ seed, troubles: [], failure });
        void worker.terminate().then(() => resolve());
      };
      worker.on("message", (result: SeedResult) => {
        open.delete(result.seed);
        results.push(result);
        next();
      });
      worker.on("error", (cause) => broken(String(cause)));
      next();
    });
  const threads = Math.min(availableParallelism(), threads_max);
  await Promise.all(Array.from({ length: threads }, runThread));
  return results;
}
