/**
 * Tries events that somebody has pasted into the page, one after the other, each in a process of its own that is ended
 * afterwards: nothing of it touches the flow, its books or the state of its steps, and a plugin that hangs, takes all memory
 * or kills its process holds up nobody.
 */
import { fileURLToPath } from "node:url";
import type { TryQuestion, TryReport } from "../../admin/web/tried-event.ts";
import type { Clock } from "../../platform/clock.ts";
import { try_worker } from "../../platform/places.ts";

/** Starting the process and loading the configuration are part of it. */
const trial_ms_max = 15_000;
/** Those that wait while one is under way. */
const waiting_max = 3;
/** A chain with large lists and plugins needs some room. */
const heap = "--max-old-space-size=256";

/** What is to be tried. */
export interface TrialOrders extends TryQuestion {
  readonly config_file: string;
  /** Of the configuration and the plugins in force: what is tried is no other. */
  readonly digest: string;
}

/** What the process is given. */
export interface TrialStart {
  readonly orders: TrialOrders;
  /** The id of the agent's process. */
  readonly parent: number;
}

export class EventTrials {
  readonly #clock: Clock;
  readonly #end = new AbortController();
  /** Those that are under way, or wait. */
  #present = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** "busy" where so many wait that it is not tried. Never rejects. */
  run(orders: TrialOrders): Promise<TryReport | "busy"> {
    if (this.#present > waiting_max) return Promise.resolve("busy");
    this.#present += 1;
    const done = this.#last
      .then(() => (this.#end.signal.aborted ? refused(stopping) : this.#run(orders)))
      .finally(() => (this.#present -= 1));
    this.#last = done;
    return done;
  }

  /** Ends what is under way, and what waits. */
  stop(): void {
    this.#end.abort();
  }

  async #run(orders: TrialOrders): Promise<TryReport> {
    const { fork } = process.getBuiltinModule("node:child_process");
    const outcome = Promise.withResolvers<TryReport>();
    const gone = Promise.withResolvers<void>();
    const child = fork(fileURLToPath(try_worker), [], {
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-sigusr1", heap],
      // What a plugin prints may hold the event.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const end = (): void => {
      outcome.resolve(refused(broken));
      gone.resolve();
    };
    child.on("error", end);
    child.on("exit", end);
    child.on("message", (report: TryReport) => outcome.resolve(report));
    child.send({ orders, parent: process.pid } satisfies TrialStart, () => undefined);
    child.unref();
    child.channel?.unref();
    const timer = this.#clock.after(trial_ms_max, () => {
      const message = `The steps have not finished within ${trial_ms_max / 1000} s.`;
      outcome.resolve(refused(message));
    });
    const stop = (): void => outcome.resolve(refused(stopping));
    this.#end.signal.addEventListener("abort", stop);
    try {
      return await outcome.promise;
    } finally {
      timer.cancel();
      this.#end.signal.removeEventListener("abort", stop);
      child.kill("SIGKILL");
      await gone.promise;
    }
  }
}

const stopping = "tallyman is stopping.";
const broken =
  "The trial has ended before it could report: a plugin has failed, or it needs too much memory.";

function refused(message: string): TryReport {
  return { kind: "refused", message };
}
