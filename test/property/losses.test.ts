/**
 * Property: whatever is done to a log, the books have no loss that is none, and hide none that a look could see.
 *
 * - What is booked as lost is at most what was written and not delivered.
 * - It is at least what of that was seen at a look, and is nowhere any more.
 * - What is still there is delivered.
 */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect } from "vitest";
import type { WatchDirectory } from "../../src/inputs/file/discovery/watcher.ts";
import { sampled } from "../support/effort.ts";
import { FileFollowing } from "../support/files/file-following.ts";
import { LossyWriter, numberOf, record_bytes } from "../support/files/lossy-writer.ts";
import { SurveyClock } from "../support/clocks/survey-clock.ts";
import { temporaryDirectory } from "../support/temporary.ts";

type Step = { kind: string; count?: number };

const watch: WatchDirectory = () => ({ close: () => undefined });
class Attempt {
  readonly writer: LossyWriter;
  readonly #glob: string;
  readonly #clock = new SurveyClock();
  readonly delivered = new Map<number, number>();
  #following!: FileFollowing;
  #release: (() => void) | undefined;

  constructor(glob: string) {
    const directory = temporaryDirectory();
    this.writer = new LossyWriter(join(directory, "audit.log"));
    this.#glob = join(directory, glob);
  }

  get lost_bytes(): number {
    return this.#following.lost_bytes;
  }

  get undelivered(): number[] {
    return Array.from({ length: this.writer.written }, (_, number) => number).filter(
      (number) => !this.delivered.has(number),
    );
  }

  async start(state?: Awaited<ReturnType<FileFollowing["stop"]>>): Promise<void> {
    this.#following = new FileFollowing({
      paths: [this.#glob],
      poll_interval: "10ms",
      rotate_wait: "40ms",
      watch,
      clock: this.#clock,
      ...(state && { state }),
    });
    const { records } = this.#following;
    this.#following.onBlock = () => {
      for (const { bytes } of records.splice(0)) {
        const number = numberOf(bytes.toString());
        expect(number).toBeDefined();
        this.delivered.set(number!, (this.delivered.get(number!) ?? 0) + 1);
      }
    };
    await this.#following.input.start(this.#following);
  }

  async stop(): Promise<void> {
    this.release();
    await this.#following.input.stop();
  }

  async restart(): Promise<void> {
    this.release();
    const state = await this.#following.stop();
    await this.start(state);
  }

  hold(): void {
    if (this.#release !== undefined) return;
    this.#following.backpressure = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#following.backpressure = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  /** A look at everything, and where nothing holds it back, until all of it is read. */
  async look(): Promise<void> {
    await this.#clock.looks(3);
    if (this.#release === undefined) {
      await this.#allDelivered();
      await this.#clock.looks(3);
    }
    this.writer.looked();
  }

  check(): void {
    const undelivered = this.undelivered.length * record_bytes;
    const { seen, readable } = this.writer;
    const gone = this.undelivered.filter((number) => seen.has(number) && !readable.has(number));
    expect(this.lost_bytes).toBeLessThanOrEqual(undelivered);
    expect(this.lost_bytes).toBeGreaterThanOrEqual(gone.length * record_bytes);
  }

  /** Waits for all that can still be read, but not for ever. */
  async #allDelivered(): Promise<void> {
    const missing = (): number[] =>
      [...this.writer.readable].filter((number) => !this.delivered.has(number));
    await this.#clock.until(() => missing().length === 0);
    expect(missing()).toEqual([]);
  }

  async do({ kind, count = 0 }: Step): Promise<void> {
    const { writer } = this;
    if (kind === "append") writer.append(count);
    else if (kind === "rewrite") writer.rewrite(count);
    else if (kind === "truncate") writer.truncate(count / 4);
    else if (kind === "rename") writer.rename();
    else if (kind === "copy") writer.copyAndTruncate();
    else if (kind === "delete") writer.delete();
    else if (kind === "restart") await this.restart();
    else if (kind === "hold") this.hold();
    else if (kind === "release") this.release();
    else await this.look();
  }
}

function steps(kind: string, min = 0, max = 0): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant(kind), count: fc.integer({ min, max }) });
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: steps("append", 1, 40) },
  { weight: 4, arbitrary: steps("look") },
  { weight: 3, arbitrary: steps("rewrite", -20, 20) },
  { weight: 2, arbitrary: steps("truncate", 0, 3) },
  { weight: 2, arbitrary: steps("hold") },
  ...["rename", "copy", "delete", "restart", "release"].map((kind) => steps(kind)),
);

describe("losses", () => {
  for (const glob of ["audit.log", "audit.log*"]) {
    const name = `losses - with the glob ${glob} the books are right in both directions`;
    sampled(name, { sample: 4, all: 12 }, async (runs) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (all) => {
          const attempt = new Attempt(glob);
          await attempt.start();
          try {
            // What is renamed before its name was ever known is not asked for.
            attempt.writer.append(1);
            await attempt.look();
            for (const each of all) await attempt.do(each);
            attempt.release();
            await attempt.look();
            await attempt.look();
            attempt.check();
          } finally {
            await attempt.stop();
          }
        }),
        {
          numRuns: runs,
          interruptAfterTimeLimit: 100_000,
          endOnFailure: true,
        },
      );
    });
  }
});
