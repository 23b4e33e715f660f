/** Copies that `copytruncate` makes: several rotations between two looks, in every order of what a look may meet. */
import { appendFileSync, copyFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WatchDirectory } from "../../../../../src/inputs/file/discovery/watcher.ts";
import { sampled } from "../../../../support/effort.ts";
import { systemClock, type Clock } from "../../../../../src/platform/clock.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

/** Counts the waits of an input: one begins when a look is over. */
class LookClock implements Clock {
  waits = 0;
  now = systemClock.now.bind(systemClock);
  monotonic = systemClock.monotonic.bind(systemClock);
  after = systemClock.after.bind(systemClock);

  sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    this.waits += 1;
    return systemClock.sleep(delay_ms, stop);
  }
}

type Notify = (kind: "rename" | "change", name: string) => void;

/** A log that is rotated, and followed by what looks only when the test says so. */
class Rotated {
  readonly directory = temporaryDirectory();
  readonly path = join(this.directory, "audit.log");
  readonly written: string[] = [];
  readonly clock = new LookClock();
  following!: FileFollowing;
  #notify: Notify = () => undefined;
  readonly #copied = new Set<string>();
  #copies = 0;
  #letOn = (): void => undefined;

  async follow(glob: string, options: Record<string, unknown> = {}): Promise<void> {
    const watch: WatchDirectory = (watched, onEvent) => {
      if (watched === this.directory) this.#notify = onEvent;
      return { close: () => undefined };
    };
    const paths = [join(this.directory, glob)];
    const never = { poll_interval: "60s", rotate_wait: "1h" };
    const { clock } = this;
    this.following = await follow({ paths, watch, clock, ...never, ...options });
    await eventually(() => clock.waits > 0);
  }

  append(count: number): void {
    const from = this.written.length;
    const lines = Array.from({ length: count }, (_, at) => `event number ${1000 + from + at}`);
    this.written.push(...lines);
    appendFileSync(this.path, lines.map((line) => `${line}\n`).join(""));
  }

  copy(): void {
    this.#copies += 1;
    copyFileSync(this.path, `${this.path}.${this.#copies}`);
    this.#copied.add(`audit.log.${this.#copies}`);
  }

  truncate(): void {
    truncateSync(this.path);
  }

  /** Has the copies looked at, all in one look. */
  async look(): Promise<void> {
    const { clock } = this;
    const { waits } = clock;
    for (const name of this.#copied) this.#notify("rename", name);
    if (this.#copied.size > 0) await eventually(() => clock.waits > waits);
    this.#copied.clear();
  }

  /** A rotation that no look falls into. */
  rotate(): void {
    this.copy();
    this.truncate();
  }

  /** A rotation with a look between its halves. */
  async copyAndLook(): Promise<void> {
    this.copy();
    await this.lookAtAll();
    this.truncate();
  }

  /** Has the copies looked at, and then the log. */
  async lookAtAll(): Promise<void> {
    await this.look();
    this.#notify("change", "audit.log");
    await this.following.polls(1);
  }

  /** Has the input read on, or not for now. */
  readOn(is_allowed: boolean): void {
    this.#letOn();
    this.#letOn = () => undefined;
    if (is_allowed) return;
    const { following } = this;
    following.backpressure = new Promise((resolve) => {
      this.#letOn = () => {
        following.backpressure = undefined;
        resolve();
      };
    });
  }

  /** Looks, and waits until everything is read; what is read twice is seen by then, or at the looks that follow. */
  async settle(): Promise<void> {
    const { following } = this;
    this.readOn(true);
    await this.look();
    for (let again = 0; again < 2; again += 1) {
      this.#notify("change", "audit.log");
      await eventually(() => new Set(following.lines).size >= this.written.length);
      await following.polls(2);
    }
    expect(following.lines.toSorted()).toEqual(this.written);
    expect(following.lost_bytes).toBe(0);
  }
}

const steps = ["append", "append", "rotate", "copy", "look", "hold", "let on"] as const;

describe("copies", () => {
  it.each(["audit.log", "audit.log*"])(
    "copies - with the glob %s a copy of what a log holds since a rotation that nobody saw is not read twice",
    async (glob) => {
      const log = new Rotated();
      log.append(100);
      await log.follow(glob);
      await log.settle();
      log.copy();
      log.truncate();
      log.append(100);
      log.copy();
      await log.settle();
      log.truncate();
      log.append(1);
      await log.settle();
    },
  );

  it("copies - one that is not followed by a truncation is not held for ever", async () => {
    const log = new Rotated();
    log.append(2);
    await log.follow("audit.log*", { rotate_wait: "150ms", poll_interval: "25ms" });
    await log.settle();
    log.rotate();
    log.append(2);
    log.copy();
    await log.look();
    await log.following.lineCount(6);
    const [first, second, ...copied] = log.written;
    expect(log.following.lines.toSorted()).toEqual([
      first,
      second,
      ...copied.flatMap((line) => [line, line]),
    ]);
  });

  sampled(
    "copies - whatever rotations a look may meet, everything is read once",
    { sample: 4, all: 24 },
    async (numRuns) => {
      const globs = fc.constantFrom("audit.log", "audit.log*");
      const orders = fc.array(fc.constantFrom(...steps), { minLength: 3, maxLength: 14 });
      const property = fc.asyncProperty(globs, orders, async (glob, order) => {
        const log = new Rotated();
        log.append(3);
        await log.follow(glob);
        for (const step of order) {
          if (step === "append") log.append(3);
          else if (step === "look") await log.lookAtAll();
          else if (step === "rotate") log.rotate();
          else if (step === "copy") await log.copyAndLook();
          else log.readOn(step === "let on");
        }
        await log.settle();
        await log.following.stop();
      });
      // Two rotations that no look saw, and the copy of a third in the making.
      const examples: [string, (typeof steps)[number][]][] = [
        ["audit.log*", ["look", "rotate", "append", "copy"]],
        ["audit.log", ["look", "rotate", "append", "rotate", "append", "copy"]],
      ];
      await fc.assert(property, { numRuns, examples });
    },
  );
});
