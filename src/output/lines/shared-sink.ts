/**
 * A place for lines that more than one output writes to: one that was retired may not have finished when another begins.
 * They take turns, so that none tears a line of another, or takes back what another has written.
 */
import type PQueue from "p-queue";
import type { LineSink } from "./line-output.ts";

export class SharedSink implements LineSink {
  readonly #sink: LineSink;
  readonly #turns: PQueue;

  /** `turns` is one for all that write to the place, and lets one go at a time. */
  constructor(sink: LineSink, turns: PQueue) {
    this.#sink = sink;
    this.#turns = turns;
  }

  async write(lines: Buffer, stop: AbortSignal): Promise<void> {
    await this.#turns.add(async () => {
      stop.throwIfAborted();
      await this.#sink.write(lines, stop);
    });
  }

  close(): Promise<void> {
    return this.#turns.add(() => this.#sink.close());
  }
}
