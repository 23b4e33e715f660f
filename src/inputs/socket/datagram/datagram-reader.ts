/**
 * The thread that reads a datagram socket, as the others see it: the batches that it gives, one after the other, and its end.
 *
 * It reads only as far ahead as batches are taken. Whoever takes them may change, as at a reload, while it goes on.
 */
import type { Worker } from "node:worker_threads";
import type { Clock } from "../../../platform/clock.ts";
import { untilAborted } from "../../../platform/patience.ts";
import { datagram_worker } from "../../../platform/places.ts";
import {
  control_length,
  order,
  order_at,
  taken_at,
  type DatagramBatch,
  type ReaderMessage,
  type ReaderOrders,
} from "./batch.ts";

/** It holds a few buffers, which are not among these. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

export class DatagramReader {
  /** Resolves when it has ended and nothing more comes: with why, where it was not ordered to. Never rejects. */
  readonly ended: Promise<Error | undefined>;
  readonly #control: Int32Array;
  readonly #batches: DatagramBatch[] = [];
  readonly #clock: Clock;
  #wake: () => void = () => undefined;
  #is_ended = false;
  #taken_bytes = 0;

  private constructor(worker: Worker, control: Int32Array, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.ended = promise;
    let cause: Error | undefined = new Error("the thread that reads it has ended");
    worker.on("message", (message: ReaderMessage) => {
      if (message.kind === "batch") this.#add(message);
      if (message.kind === "ended") cause = undefined;
    });
    worker.once("error", (error: unknown) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.once("exit", () => {
      this.#is_ended = true;
      this.#wake();
      resolve(cause);
    });
  }

  /** Has a thread read the descriptor. Rejects where that cannot be. */
  static async start(fd: number, clock: Clock): Promise<DatagramReader> {
    // Who has no such input does without threads.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const control = new Int32Array(new SharedArrayBuffer(control_length * 4));
    const workerData: ReaderOrders = { fd, control };
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const options = { workerData, execArgv, resourceLimits, name: "datagrams" };
    const worker = new Worker(datagram_worker, options);
    const reader = new DatagramReader(worker, control, clock);
    const ready = Promise.withResolvers<undefined>();
    worker.once("message", () => ready.resolve(undefined));
    const failed = await Promise.race([ready.promise, reader.ended]);
    if (failed !== undefined) throw failed;
    return reader;
  }

  /** Bytes that were given and not taken. */
  get untaken_bytes(): number {
    return this.#batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /**
   * The next batch: the same one until it is taken. Undefined where it has ended and all are taken, and when the signal is
   * aborted.
   */
  async next(signal: AbortSignal): Promise<DatagramBatch | undefined> {
    while (this.#batches.length === 0 && !this.#is_ended && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await untilAborted(promise, signal);
    }
    return signal.aborted ? undefined : this.#batches[0];
  }

  /** Where the next batch begins in all that came in. */
  get taken_bytes(): number {
    return this.#taken_bytes;
  }

  /** Lets go of the batch that is the next one, so that another may be read. */
  taken(): void {
    this.#taken_bytes += this.#batches.shift()?.bytes.length ?? 0;
    Atomics.add(this.#control, taken_at, 1);
    Atomics.notify(this.#control, taken_at);
  }

  /** Has it read what is there, and end. */
  drain(): void {
    Atomics.store(this.#control, order_at, order.drain);
  }

  /** Has it read nothing more, and end. */
  stop(): void {
    Atomics.store(this.#control, order_at, order.stop);
    Atomics.notify(this.#control, taken_at);
  }

  #add({ bytes, ends }: ReaderMessage & { kind: "batch" }): void {
    this.#batches.push({ bytes: Buffer.from(bytes), ends, read_at_ms: this.#clock.now() });
    this.#wake();
  }
}
