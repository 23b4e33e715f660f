/**
 * Tries events that somebody has pasted into the page, one after the other, each in a thread of its own that is ended
 * afterwards: nothing of it touches the flow, its books or the state of its steps, and a plugin that hangs holds up nobody.
 */
import type { TryQuestion, TryReport } from "../../admin/web/tried-event.ts";
import type { Clock } from "../../platform/clock.ts";
import { try_worker } from "../../platform/places.ts";

/** Starting the thread and loading the configuration are part of it. */
const trial_ms_max = 15_000;
/** A chain with large lists and plugins needs some room. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** What the thread is given. */
export interface TrialOrders extends TryQuestion {
  readonly config_file: string;
  /** Of the configuration and the plugins in force: what is tried is no other. */
  readonly digest: string;
}

export class EventTrials {
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #is_busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never rejects. */
  async run(orders: TrialOrders): Promise<TryReport> {
    if (this.#is_busy) {
      return refused("Another event is being tried. Try again in a moment.");
    }
    this.#is_busy = true;
    try {
      return await this.#run(orders);
    } finally {
      this.#is_busy = false;
    }
  }

  /** Ends what is under way. */
  stop(): void {
    this.#end.abort();
  }

  async #run(orders: TrialOrders): Promise<TryReport> {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const outcome = Promise.withResolvers<TryReport>();
    const worker = new Worker(try_worker, {
      workerData: orders,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits,
      name: "try",
      // What a plugin prints may hold the event.
      stdin: false,
      stdout: true,
      stderr: true,
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on("message", (report: TryReport) => outcome.resolve(report));
    worker.on("error", () => outcome.resolve(refused(broken)));
    worker.on("exit", () => outcome.resolve(refused(broken)));
    const timer = this.#clock.after(trial_ms_max, () => {
      const message = `The steps have not finished within ${trial_ms_max / 1000} s.`;
      outcome.resolve(refused(message));
    });
    const stop = (): void => outcome.resolve(refused("tallyman is stopping."));
    this.#end.signal.addEventListener("abort", stop);
    try {
      return await outcome.promise;
    } finally {
      timer.cancel();
      this.#end.signal.removeEventListener("abort", stop);
      await worker.terminate();
    }
  }
}

const broken =
  "The trial has ended before it could report: a plugin has failed, or it needs too much memory.";

function refused(message: string): TryReport {
  return { kind: "refused", message };
}
