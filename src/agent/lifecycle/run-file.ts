/**
 * What is kept of the run that goes on, for the next one to say how it ended: `lifecycle.json` in the state directory.
 *
 * It is a file of its own, beside the state: it must say that a run goes on before the first event does, and that is
 * no matter of what was delivered. It is written again now and then, so that after a crash something is known of when.
 */
import { join } from "node:path";
import { z } from "zod";
import { state_names } from "../../platform/files/state-names.ts";
import { replaceFile } from "../../platform/files/atomic-file.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { readOwn } from "../../platform/files/own-file.ts";
import type { LastRun } from "./events.ts";

const runFile = z.lazy(() =>
  z.object({
    started: z.string(),
    /** When it was last known to run. */
    seen: z.string(),
    /** Once everything was written and closed. */
    stopped: z.string().optional(),
  }),
);

type Run = z.infer<typeof runFile>;

export class RunFile {
  readonly path: string;
  readonly #log: Logger;
  #started: string | undefined;
  #has_failed = false;

  constructor(state_dir: string, log: Logger) {
    this.path = join(state_dir, state_names.lifecycle);
    this.#log = log;
  }

  /** How the last run ended. Never rejects. */
  async lastRun(): Promise<LastRun> {
    let run: Run;
    try {
      run = runFile.parse(JSON.parse(await readOwn(this.path)));
    } catch (cause) {
      const is_first = (cause as NodeJS.ErrnoException).code === "ENOENT";
      return { ended: is_first ? "no_run" : "unknown" };
    }
    const { started, stopped, seen } = run;
    if (stopped !== undefined) return { ended: "cleanly", started, stopped };
    return { ended: "uncleanly", started, seen };
  }

  /** Says that a run began. Never rejects, as the next two: where it cannot be written, the log says so. */
  async started(now_ms: number): Promise<void> {
    this.#started = timeText(now_ms);
    await this.seen(now_ms);
  }

  /** Says that the run still goes on. */
  async seen(now_ms: number): Promise<void> {
    if (this.#started === undefined) return;
    await this.#write({ started: this.#started, seen: timeText(now_ms) });
  }

  /** Says that the run ended as it should. */
  async stopped(now_ms: number): Promise<void> {
    if (this.#started === undefined) return;
    const seen = timeText(now_ms);
    await this.#write({ started: this.#started, seen, stopped: seen });
  }

  async #write(run: Run): Promise<void> {
    try {
      await replaceFile(this.path, JSON.stringify(run));
      this.#has_failed = false;
    } catch (cause) {
      if (this.#has_failed) return;
      this.#has_failed = true;
      this.#log.warn(
        "run_file_unwritable",
        { file: this.path, error: messageOf(cause) },
        "Cannot record that this run is active. The next start may misreport how it ended.",
      );
    }
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
