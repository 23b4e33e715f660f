/** A thread that lives through the hour of each seed that it is given, and says what came of it. */
import { flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { Hour } from "./hour.ts";
import type { Trouble } from "./troubles.ts";

export interface SeedTask {
  readonly seed: number;
  readonly events: number;
}

export interface SeedResult {
  readonly seed: number;
  readonly troubles: readonly Trouble[];
  /** What did not hold. */
  readonly failure: string | undefined;
}

async function live({ seed, events }: SeedTask): Promise<SeedResult> {
  try {
    const { troubles } = await new Hour(seed, events).run();
    return { seed, troubles: [...troubles], failure: undefined };
  } catch (cause) {
    return { seed, troubles: [], failure: String(cause) };
  }
}

// Who is ended from outside keeps nothing of what was compiled for the next start.
flushCompileCache();
parentPort!.on("message", (task: SeedTask) => {
  void live(task).then((result) => parentPort!.postMessage(result, []));
});
