/**
 * The thread of an isolated step as the chain sees it: it is asked with one event at a time, for a bounded time. When it does
 * not answer, takes too much memory, or ends, it is ended and started again, later each time.
 */
import type { ResourceLimits, Worker } from "node:worker_threads";
import type { Clock } from "../../platform/clock.ts";
import { classOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { isolation_worker } from "../../platform/places.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import { formatSize } from "../../platform/text/units.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";
import type { Budget } from "../options.ts";
import { type BodySource, Channel, type Parcel } from "./channel.ts";
import type { IsolationMessage, IsolationOrders, IsolationReport } from "./orders.ts";

/**
 * Where V8 ends the thread by itself. A single allocation beyond it ends the whole process, so it is far above the budget,
 * which is looked at every second instead; what can be taken within the time for one event stays below it.
 */
const resourceLimits: ResourceLimits = { maxOldGenerationSizeMb: 4096 };
const memory_look_ms = 1000;
const start_ms_max = 30_000;
/** Longer than its own step is given, which is logged. */
const dispose_ms_max = 6000;
const backoff_ms_min = 1000;
const backoff_ms_max = 10_000;
/** Who has worked so long is started again at once. */
const settled_ms = 60_000;

const ended_itself = "its plugin failed outside of an event";

export interface ThreadDeps {
  readonly budget: Budget;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes what the plugin logs. */
  readonly onLog: (report: IsolationReport & { kind: "log" }) => void;
}

export class IsolatedThread {
  readonly #orders: Omit<IsolationOrders, "memory">;
  readonly #deps: ThreadDeps;
  #channel = new Channel();
  #worker: Worker | undefined;
  /** `ending`: it has ended itself, and why is still to come. */
  #state: "starting" | "ready" | "ending" | "down" | "disposed" = "starting";
  /** Whoever makes the step hears of what goes wrong before. */
  #has_been_ready = false;
  #backoff_ms = 0;
  #started_ms = 0;
  /** Resolved when the next attempt to start has come to an end. */
  #attempt = Promise.withResolvers<void>();
  #disposed = Promise.withResolvers<void>();

  constructor(orders: Omit<IsolationOrders, "memory">, deps: ThreadDeps) {
    this.#orders = orders;
    this.#deps = deps;
  }

  /** Starts it for the first time; gives its first report, or nothing where it is late or ends. */
  start(): Promise<IsolationReport | undefined> {
    return new Promise((resolve) => this.#start(resolve));
  }

  /** While it cannot take events: resolves when it has been tried to start it. */
  hold(): Promise<void> | undefined {
    if (this.#state === "ready" && this.#channel.has_ended) this.#endsItself();
    return this.#state === "ready" || this.#state === "disposed"
      ? undefined
      : this.#attempt.promise;
  }

  /** Has it handle one event. Throws a StepFailure where it does not. */
  ask(head: string, body: BodySource): Parcel {
    if (this.#state !== "ready") throw new StepFailure("its thread does not run");
    const { timeout } = this.#deps.budget;
    if (!this.#channel.write(0, head, body)) {
      throw new StepFailure("the event is too long for an isolated step");
    }
    const wake = (): void => this.#post("wake");
    // The thread has a bounded time, so the watchdog need not take the wait for a hang.
    if (this.#channel.ask(timeout, wake, () => watchdog.beat())) return this.#channel.read();
    if (this.#channel.has_ended) {
      this.#endsItself();
      throw new StepFailure(ended_itself);
    }
    const why = `it did not return within ${timeout} ms`;
    this.#fault(this.#worker, why);
    throw new StepFailure(why);
  }

  /** Ends it, after its own `dispose`. */
  async dispose(): Promise<void> {
    const was_ready = this.#state === "ready";
    this.#state = "disposed";
    this.#attempt.resolve();
    if (was_ready) {
      this.#post("dispose");
      await atMost(this.#disposed.promise, dispose_ms_max, this.#deps.clock);
    }
    this.#end();
  }

  #start(onFirst: (report: IsolationReport | undefined) => void): void {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    this.#channel = new Channel();
    const workerData: IsolationOrders = { ...this.#orders, memory: this.#channel.memory };
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const name = this.#orders.step;
    const worker = new Worker(isolation_worker, { workerData, execArgv, resourceLimits, name });
    worker.unref();
    this.#worker = worker;
    this.#state = "starting";
    this.#started_ms = this.#deps.clock.monotonic();
    const fail = (why: string): void => {
      onFirst(undefined);
      if (this.#has_been_ready) this.#fault(worker, why);
    };
    this.#deps.clock.after(start_ms_max, () => {
      if (this.#worker === worker && this.#state === "starting") fail("it did not start in time");
    });
    worker.on("message", (report: IsolationReport) => {
      if (this.#worker === worker) this.#take(report, onFirst);
    });
    worker.on("error", (error: unknown) => fail(reasonOf(error)));
    worker.on("exit", () => fail(ended_itself));
  }

  #take(report: IsolationReport, onFirst: (report: IsolationReport) => void): void {
    if (report.kind === "log") return this.#deps.onLog(report);
    if (report.kind === "uncaught") {
      const { error, at } = report;
      if (this.#has_been_ready)
        this.#fault(this.#worker, `it threw ${error} outside of an event`, at);
      return;
    }
    if (report.kind === "disposed") return this.#disposed.resolve();
    if (report.kind === "ready") {
      this.#state = "ready";
      this.#has_been_ready = true;
      this.#attempt.resolve();
      this.#lookAtMemory(this.#worker!);
    }
    onFirst(report);
    if (report.kind === "refused" && this.#has_been_ready) {
      this.#fault(this.#worker, "its plugin has changed, or does not load any more");
    }
  }

  /** Ends a thread that has failed, and starts the next one after a while. */
  #fault(worker: Worker | undefined, why: string, at?: readonly string[]): void {
    if (worker === undefined || this.#worker !== worker) return;
    const { clock, log } = this.#deps;
    if (this.#state === "starting") this.#attempt.resolve();
    if (this.#state !== "ending") this.#attempt = Promise.withResolvers();
    const has_settled = clock.monotonic() - this.#started_ms >= settled_ms;
    const wait_ms = has_settled ? 0 : this.#backoff_ms;
    this.#backoff_ms = Math.min(Math.max(2 * wait_ms, backoff_ms_min), backoff_ms_max);
    this.#end();
    this.#disposed.resolve();
    if (this.#state === "disposed") return;
    this.#state = "down";
    const { step, plugin } = this.#orders;
    const facts = { step, plugin, reason: why, at, restart_in_ms: wait_ms };
    const sentence = "The thread of an isolated step failed. It is started again; its input waits.";
    log.error("isolated_step_failed", facts, sentence);
    this.#deps.clock.after(wait_ms, () => {
      if (this.#state === "down") this.#start(() => undefined);
    });
  }

  /** It says why, and then its end is noticed. */
  #endsItself(): void {
    this.#state = "ending";
    this.#attempt = Promise.withResolvers();
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  #lookAtMemory(worker: Worker): void {
    this.#deps.clock.after(memory_look_ms, () => void this.#judgeMemory(worker));
  }

  /** Never rejects. */
  async #judgeMemory(worker: Worker): Promise<void> {
    if (this.#worker !== worker) return;
    const { memory } = this.#deps.budget;
    try {
      const { used_heap_size, external_memory } = await worker.getHeapStatistics();
      if (used_heap_size + external_memory > memory) {
        return this.#fault(worker, `it uses more than ${formatSize(memory)} of memory`);
      }
    } catch {
      // It has ended meanwhile.
    }
    this.#lookAtMemory(worker);
  }

  #post(message: IsolationMessage): void {
    this.#worker?.postMessage(message, []);
  }
}

/** The message of an error may hold what the plugin was looking at. */
function reasonOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "it is out of memory";
  return error instanceof Error ? `it threw ${classOf(error)} outside of an event` : ended_itself;
}
