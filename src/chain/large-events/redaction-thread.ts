/**
 * The thread that redacts large events, as the chains see it: it answers one event after the other, in their order.
 *
 * It is started for the first large event. Where it ends, or works on one event for too long, the step has failed on that event,
 * and another thread goes on with those behind it.
 */
import type { Worker } from "node:worker_threads";
import { type Clock, systemClock, type Timer } from "../../platform/clock.ts";
import { redaction_worker } from "../../platform/places.ts";
import type { ChainOrders, EventAnswer, EventOrders, ThreadMessage } from "./orders.ts";

/** Far more than a megabyte takes that is made of secrets. */
const answer_ms_max = 120_000;

const failed: EventAnswer = { kind: "failed", patterns: [], paths: [] };

/** An event that it has not answered. */
interface Asked {
  readonly chain: ChainOrders;
  readonly event: EventOrders;
  readonly resolve: (answer: EventAnswer) => void;
}

export class RedactionThread {
  readonly #clock: Clock;
  #worker: Worker | undefined;
  /** In their order; the thread works on the first. */
  #asked: Asked[] = [];
  /** The numbers of the chains that the thread has. */
  #chains = new Map<ChainOrders, number>();
  #timer: Timer | undefined;
  /** Threads that were started so far. */
  started = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** What becomes of an event by one step. Never rejects. */
  ask(chain: ChainOrders, event: EventOrders): Promise<EventAnswer> {
    const { promise, resolve } = Promise.withResolvers<EventAnswer>();
    const asked = { chain, event, resolve };
    this.#asked.push(asked);
    if (this.#worker === undefined) this.#start();
    this.#post(asked);
    if (this.#asked.length === 1) this.#watch();
    return promise;
  }

  #start(): void {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const worker = new Worker(redaction_worker, { execArgv, name: "redaction" });
    this.started += 1;
    this.#worker = worker;
    this.#chains = new Map();
    worker.on("message", (answer: EventAnswer) => this.#take(worker, answer));
    worker.on("error", () => this.#replace(worker));
    worker.on("exit", () => this.#replace(worker));
  }

  #post({ chain, event }: Asked): void {
    const worker = this.#worker!;
    let number = this.#chains.get(chain);
    if (number === undefined) {
      number = this.#chains.size;
      this.#chains.set(chain, number);
      send(worker, { kind: "chain", chain: number, orders: chain });
    }
    send(worker, { kind: "event", chain: number, event });
    // It keeps the process alive as long as it has something to do.
    worker.ref();
  }

  #take(worker: Worker, answer: EventAnswer): void {
    if (worker !== this.#worker) return;
    this.#asked.shift()?.resolve(answer);
    this.#watch();
  }

  /** Gives up the event that the thread worked on, and the thread. */
  #replace(worker: Worker): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    void worker.terminate();
    this.#asked.shift()?.resolve(failed);
    if (this.#asked.length > 0) {
      this.#start();
      for (const asked of this.#asked) this.#post(asked);
    }
    this.#watch();
  }

  /** Bounds the time that the first event takes. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const worker = this.#worker;
    if (worker === undefined) return;
    if (this.#asked.length === 0) worker.unref();
    else this.#timer = this.#clock.after(answer_ms_max, () => this.#replace(worker));
  }
}

function send(worker: Worker, message: ThreadMessage): void {
  worker.postMessage(message, []);
}

/** That of this process. */
export const redaction_thread = new RedactionThread();
