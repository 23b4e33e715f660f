/** Outputs that are configured no more, and have something in progress yet: each is closed when it has finished. */
import { sumHeld, type Output } from "../../output/output.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { untilAborted } from "../../platform/patience.ts";
import type { HandedOver } from "../redaction/handed-over.ts";
import type { OutputDestination } from "./destination.ts";

export interface RetiredOutputsDeps {
  /** What comes between outputs that are retired and their successors. */
  handed_over?: Pick<HandedOver, "before">;
  clock: Clock;
  log: Logger;
}

export class RetiredOutputs {
  readonly #deps: RetiredOutputsDeps;
  /** Called when one has finished, and has given away what was being tried when it was retired. */
  readonly #onFinished: () => void;
  /** Resolved when the output has finished, and is closed. */
  readonly #through = new Map<Output, Promise<void>>();

  constructor(deps: RetiredOutputsDeps, onFinished: () => void) {
    this.#deps = deps;
    this.#onFinished = onFinished;
  }

  get held_bytes_max(): number {
    return [...this.#through.keys()].reduce((sum, output) => sum + output.held_bytes_max, 0);
  }

  /** Events of requests that are in flight, or not acknowledged yet. */
  get held_events(): number {
    return sumHeld([...this.#through.keys()].map(({ held }) => held)).events;
  }

  /** Retires the output. What it does not deliver goes to `destination`, most of it at once. */
  add(output: Output, destination: OutputDestination): void {
    const { handed_over, log } = this.#deps;
    const { successor } = destination;
    const delivered = output.retire(handed_over?.before(successor) ?? successor);
    const { events, bytes } = output.held;
    log.info(
      "output_retired",
      { output: output.name, events, bytes },
      "A reload replaced or removed an output. Its requests in flight finish; all other events go to its successor.",
    );
    const through = this.#close(output, delivered, events);
    this.#through.set(output, through);
    // Never rejects, but for a bug of ours.
    void destination.follow(output, through);
  }

  /** Resolves when all have finished, or `stop` is aborted. Never rejects. */
  async drain(stop: AbortSignal): Promise<void> {
    await untilAborted(Promise.all(this.#through.values()), stop);
  }

  /** Nothing is settled or handed over after it. */
  async close(): Promise<void> {
    const outputs = [...this.#through.keys()];
    await Promise.all(outputs.map((output) => output.close()));
  }

  async #close(output: Output, delivered: Promise<void>, events: number): Promise<void> {
    const { clock, log } = this.#deps;
    const began_ms = clock.monotonic();
    await delivered;
    await output.close();
    this.#through.delete(output);
    this.#onFinished();
    const took_ms = Math.round(clock.monotonic() - began_ms);
    if (events > 0) {
      log.info(
        "output_finished",
        { output: output.name, took_ms },
        "A replaced or removed output has finished.",
      );
    }
  }
}
