/**
 * The watchdog of the main thread: a thread beside it that says which plugin hangs, at which event, and ends the process.
 *
 * An endless loop in a plugin blocks all that tallyman does, its log included; nothing in the same thread can say so or
 * stop it. The thread is started only where there is a directory of plugins.
 */
import { watchdog_worker } from "../places.ts";
import { systemClock, type Clock } from "../clock.ts";
import { type HungEvent, HungEventsOfStep } from "./hung-events.ts";
import { readHungEvents } from "./hung-file.ts";
import { looks_max } from "./looks.ts";
import { type MarkedRecord, Marks } from "./marks.ts";
import type { Activity, ReportForm, WatchMessage, WatchOrders } from "./orders.ts";

/** A loop over a few numbers needs little. */
const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2 };

export interface WatchOptions {
  readonly timeout_ms: number;
  readonly form: ReportForm;
  /** Where the events are kept on which steps hung. Without it none is kept. */
  readonly file?: string;
  readonly clock?: Clock;
}

export class Watchdog {
  /** Where the thread runs. */
  #marks: Marks | undefined;
  readonly #numbers = new Map<string, number>();
  #events: readonly HungEvent[] = [];
  #post: (message: WatchMessage) => void = () => undefined;

  /** Starts the thread, unless it runs. */
  async start({ timeout_ms, form, file, clock = systemClock }: WatchOptions): Promise<void> {
    if (this.#marks !== undefined) return;
    const marks = new Marks();
    this.#marks = marks;
    if (file !== undefined) this.#events = await readHungEvents(file);
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const kept = file === undefined ? undefined : { file, events: this.#events };
    const workerData: WatchOrders = { memory: marks.memory, timeout_ms, form, kept };
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const worker = new Worker(watchdog_worker, {
      workerData,
      execArgv,
      resourceLimits,
      name: "watchdog",
    });
    worker.unref();
    this.#post = (message) => worker.postMessage(message, []);
    beat(marks, timeout_ms / looks_max, clock);
  }

  /** Notes that a plugin's code is loaded, or makes a step, until the promise is settled. */
  async during<Value>(activity: Activity, work: () => Value | Promise<Value>): Promise<Value> {
    const marks = this.#marks;
    if (marks === undefined) return work();
    const number = this.#numberOf(activity);
    marks.begin(number);
    try {
      return await work();
    } finally {
      if (marks.activity === number) marks.begin(0);
    }
  }

  /** Shows that the main thread works, to be called where it waits for something by itself. */
  beat(): void {
    this.#marks?.beat();
  }

  /** What notes the records that a step is given; undefined where nobody looks. */
  step(activity: Activity & { code: string }): StepWatch | undefined {
    if (this.#marks === undefined) return undefined;
    const known = new HungEventsOfStep(this.#events, activity.code);
    return new StepWatch(this.#marks, this.#numberOf(activity), known);
  }

  #numberOf(activity: Activity): number {
    const key = JSON.stringify(activity);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(key, number);
    this.#post({ number, activity });
    return number;
  }
}

/** Shows that the event loop turns. */
function beat(marks: Marks, interval_ms: number, clock: Clock): void {
  marks.beat();
  clock.after(interval_ms, () => beat(marks, interval_ms, clock));
}

/** Notes what one step is given. */
export class StepWatch {
  readonly #marks: Marks;
  readonly #number: number;
  readonly #known: HungEventsOfStep;
  #before = 0;

  constructor(marks: Marks, number: number, known: HungEventsOfStep) {
    this.#marks = marks;
    this.#number = number;
    this.#known = known;
  }

  /** Whether the step hung on such a record before. */
  hungOn({ block: { bytes, starts, ends }, number }: MarkedRecord): boolean {
    return !this.#known.is_empty && this.#known.has(bytes, starts[number]!, ends[number]!);
  }

  begin(record: MarkedRecord): void {
    this.#before = this.#marks.beginRecord(this.#number, record);
  }

  end(): void {
    this.#marks.begin(this.#before);
  }
}

/** That of this process. */
export const watchdog = new Watchdog();
