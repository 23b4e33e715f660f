/**
 * One file input after the other in one process, on one ledger, while events are under way: none missing, none twice,
 * whatever happens to the files meanwhile.
 */
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { closeHanded } from "../../../../src/inputs/file/files/handed-files.ts";
import type { Receipt } from "../../../../src/ledger/receipt.ts";
import { writeRotating } from "../../../support/files/audit-files.ts";
import { sampled } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import {
  FileFollowing,
  follow,
  type FollowingOptions,
  type Record,
} from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** A log of so many bytes is not read at once. */
const long_log_lines = 60_000;

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `event number ${from + index}`);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** File inputs that take each other's place; nothing is settled before the test says so. */
class Succession {
  readonly records: Record[] = [];
  readonly receipts: Receipt[] = [];
  current: FileFollowing;
  readonly #options: FollowingOptions;
  #backpressure: Promise<void> | undefined;

  constructor(options: FollowingOptions) {
    this.#options = { receipts: "keep", ...options };
    this.current = new FileFollowing(this.#options);
    onTestFinished(() => this.current.input.stop());
  }

  get lines(): string[] {
    return [...this.records, ...this.current.records].map(({ bytes }) => bytes.toString());
  }

  /** Has whoever reads wait from its next block on, and before its first, until the call that this gives. */
  block(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#backpressure = promise;
    this.current.backpressure = promise;
    return () => {
      this.#backpressure = undefined;
      this.current.backpressure = undefined;
      resolve();
    };
  }

  start(): Promise<void> {
    return this.current.input.start(this.current);
  }

  async handOver(changes: Partial<FollowingOptions> = {}): Promise<void> {
    const { ledger, input, records, receipts } = this.current;
    const handed = await input.handOver();
    this.records.push(...records);
    this.receipts.push(...receipts);
    this.current = new FileFollowing({ ...this.#options, ...changes, ledger, handed });
    this.current.backpressure = this.#backpressure;
    await this.start();
  }

  async lineCount(count: number): Promise<void> {
    await eventually(() => this.lines.length >= count);
    // For any that come twice.
    await this.current.polls(10);
  }

  settleAll(): void {
    for (const receipt of this.receipts.splice(0)) this.current.settle(receipt);
    for (const receipt of this.current.receipts.splice(0)) this.current.settle(receipt);
  }
}

async function succeed(options: FollowingOptions): Promise<Succession> {
  const succession = new Succession(options);
  await succession.start();
  return succession;
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").filter(isOfTest).length;
}

/** Whether a descriptor is of a file or directory of a test: what Node itself opens once and keeps is no leak. */
function isOfTest(descriptor: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).includes("tallyman-test-");
  } catch {
    return false;
  }
}

describe("hand-over", () => {
  it("hand-over - goes on where the former has read, although nothing is settled", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const succession = await succeed({ paths: [path] });
    await succession.lineCount(10);
    const [stream] = succession.current.ledger.streams();
    for (let turn = 1; turn <= 4; turn += 1) {
      await succession.handOver();
      appendFileSync(path, text(numbers(10 * turn, 10 * (turn + 1))));
      await succession.lineCount(10 * (turn + 1));
    }
    expect(succession.lines).toEqual(numbers(0, 50));
    expect(stream!.checkpoint).toMatchObject({ offset: 0 });
    succession.settleAll();
    expect(stream!.checkpoint).toMatchObject({ offset: text(numbers(0, 50)).length });
    expect(succession.current.ledger.books()).toMatchObject({ balanced: true });
  });

  it("hand-over - a reader that is held up is replaced, and no block comes before there is room", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, long_log_lines);
    writeFileSync(path, text(lines));
    const succession = new Succession({ paths: [path] });
    let release = (): void => undefined;
    succession.current.onBlock = () => (release = succession.block());
    await succession.start();
    await eventually(() => succession.current.blocks === 1);
    const before = succession.lines.length;
    for (let turn = 0; turn < 5; turn += 1) {
      await succession.handOver();
      await succession.current.polls(3);
    }
    expect(succession.lines.length).toBe(before);
    release();
    await succession.handOver();
    await succession.lineCount(lines.length);
    expect(succession.lines).toEqual(lines);
  });

  it("hand-over - a deleted file is read to its end through several hands, and then closed", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, long_log_lines);
    writeFileSync(path, text(lines));
    const before = openFiles();
    const succession = await succeed({ paths: [path] });
    const release = succession.block();
    await eventually(() => succession.current.blocks > 0);
    renameSync(path, `${path}.1`);
    unlinkSync(`${path}.1`);
    const more = numbers(lines.length, lines.length + 10);
    writeFileSync(path, text(more));
    for (let turn = 0; turn < 3; turn += 1) await succession.handOver();
    release();
    await succession.handOver();
    await succession.lineCount(lines.length + more.length);
    expect(succession.lines.toSorted()).toEqual([...lines, ...more].toSorted());
    expect(succession.current.lost_bytes).toBe(0);
    succession.settleAll();
    await eventually(() => succession.current.ledger.streams().length === 1);
    await succession.current.input.stop();
    expect(openFiles()).toBe(before);
  });

  it("hand-over - what nobody takes is closed, be the paths others or nobody there", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const before = openFiles();
    const succession = await succeed({ paths: [path] });
    await succession.lineCount(10);
    expect(openFiles()).toBeGreaterThan(before);
    await succession.handOver({ paths: [join(directory, "other.log")] });
    await succession.current.input.stop();
    expect(openFiles()).toBe(before);
    const last = await follow({ paths: [path] });
    await last.lineCount(10);
    await closeHanded(await last.input.handOver());
    expect(openFiles()).toBe(before);
  });

  it("hand-over - paths that come back later go on where they were left", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const succession = await succeed({ paths: [path] });
    await succession.lineCount(10);
    await succession.handOver({ paths: [join(directory, "other.log")] });
    appendFileSync(path, text(numbers(10, 20)));
    await succession.current.polls(3);
    expect(succession.lines.length).toBe(10);
    await succession.handOver();
    await succession.lineCount(20);
    expect(succession.lines).toEqual(numbers(0, 20));
  });

  it("hand-over - an input that never started gives on what it was given", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const before = openFiles();
    const first = await follow({ paths: [path] });
    await first.lineCount(10);
    unlinkSync(path);
    const { ledger } = first;
    const handed = await first.input.handOver();
    const second = new FileFollowing({ paths: [path], ledger, handed });
    expect(await second.input.handOver()).toEqual(handed);
    await second.input.stop();
    const third = new FileFollowing({ paths: [path], ledger, handed });
    await third.input.stop();
    await third.input.stop();
    expect(openFiles()).toBe(before);
  });
});

describe("losses", () => {
  it("hand-over - what is lost is booked once, by whoever sees it", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, long_log_lines);
    writeFileSync(path, text(lines));
    const succession = await succeed({ paths: [path] });
    const release = succession.block();
    await eventually(() => succession.current.blocks > 0);
    await succession.current.polls(3);
    truncateSync(path, 0);
    await eventually(() => succession.current.lost_bytes > 0 || succession.lines.length > 0);
    for (let turn = 0; turn < 3; turn += 1) await succession.handOver();
    release();
    await succession.handOver();
    appendFileSync(path, text(numbers(0, 10)));
    await eventually(() => succession.lines.at(-1) === "event number 9");
    for (let turn = 0; turn < 3; turn += 1) await succession.handOver();
    const read_bytes = text(succession.lines).length - text(numbers(0, 10)).length;
    expect(succession.current.lost_bytes).toBe(text(lines).length - read_bytes);
    succession.settleAll();
    await eventually(() => succession.current.ledger.streams().length === 1);
    expect(succession.current.lost_bytes).toBe(text(lines).length - read_bytes);
  });

  it("hand-over - what was cut off is booked by who saw it, though nobody got what it read", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, long_log_lines);
    const left = lines.slice(0, long_log_lines - 10_000);
    writeFileSync(path, text(lines));
    const succession = new Succession({ paths: [path] });
    let release = (): void => undefined;
    succession.current.onBlock = () => {
      // The next read is not begun yet, and its block will not be delivered.
      if (succession.current.blocks === 2) truncateSync(path, text(left).length);
      if (succession.current.blocks === 2) release = succession.block();
    };
    await succession.start();
    await eventually(() => succession.current.blocks === 2);
    await succession.current.polls(3);
    await succession.handOver();
    release();
    await succession.handOver();
    await succession.lineCount(left.length);
    expect(succession.lines).toEqual(left);
    expect(succession.current.lost_bytes).toBe(text(lines).length - text(left).length);
  });

  it("hand-over - a file that is gone for good, with events under way, is booked once", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const succession = await succeed({ paths: [path], max_open_files: 1 });
    await succession.lineCount(10);
    const other = join(temporaryDirectory(), "other.log");
    writeFileSync(other, text(numbers(0, 10)));
    // The only handle goes to the other file, so that of the first what is unread is lost when it is deleted.
    const release = succession.block();
    const both = { paths: [path, other], max_open_files: 1 };
    await succession.handOver(both);
    appendFileSync(path, text(numbers(10, 20)));
    await eventually(() => sizeKnown(succession.current, path) === text(numbers(0, 20)).length);
    unlinkSync(path);
    for (let turn = 0; turn < 3; turn += 1) {
      await succession.current.polls(4);
      await succession.handOver(both);
    }
    release();
    await succession.handOver(both);
    await succession.current.polls(10);
    const read_bytes = text(succession.lines).length - text(numbers(0, 10)).length;
    const lost_bytes = text(numbers(0, 20)).length - read_bytes;
    expect(succession.current.lost_bytes).toBe(lost_bytes);
    succession.settleAll();
    await succession.handOver(both);
    expect(succession.current.lost_bytes).toBe(lost_bytes);
  });
});

function sizeKnown({ ledger }: FileFollowing, path: string): number | undefined {
  const identities = ledger
    .streams()
    .map(({ identity }) => identity as { path: string; size: number });
  return identities.find((identity) => identity.path === path)?.size;
}

describe("rotation during hand-overs", () => {
  it("hand-over - a line that is longer than a chunk goes on in other hands", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const line = "x".repeat(3_000_000);
    writeFileSync(path, line.slice(0, 1_000_000));
    const succession = await succeed({ paths: [path], max_event_bytes: "4MiB" });
    await succession.current.polls(3);
    await succession.handOver();
    appendFileSync(path, line.slice(1_000_000, 2_000_000));
    await succession.current.polls(3);
    await succession.handOver();
    appendFileSync(path, `${line.slice(2_000_000)}\nnext\n`);
    await succession.lineCount(2);
    expect(succession.lines.map(({ length }) => length)).toEqual([line.length, 4]);
  });

  it("hand-over - a copy that is older than what was read of its original is not read again", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 100)));
    const succession = await succeed({ paths: [path] });
    await succession.lineCount(100);
    copyFileSync(path, `${path}.1`);
    appendFileSync(path, text(numbers(100, 110)));
    await succession.lineCount(110);
    await succession.handOver();
    truncateSync(path, 0);
    await succession.handOver();
    appendFileSync(path, text(numbers(110, 120)));
    await succession.lineCount(120);
    await succession.current.polls(10);
    expect(succession.lines).toEqual(numbers(0, 120));
    expect(succession.current.lost_bytes).toBe(0);
  });

  for (const mode of ["rename", "copytruncate"] as const) {
    sampled(
      ({ times }) =>
        `hand-over - ${times} times under load and rotation by ${mode}, with all in flight`,
      { sample: { times: 3, count: 3000 }, all: { times: 100, count: 60_000 } },
      async ({ times, count }) => {
        const directory = temporaryDirectory();
        const path = join(directory, "audit.log");
        writeFileSync(path, "");
        const before = openFiles();
        const succession = await succeed({ paths: [path] });
        const orders = { from: 0, to: count, per_second: 12_000, rotate_every_ms: 700, keep: 60 };
        const writing = writeRotating({ path, ...orders, mode });
        for (let turn = 0; turn < times; turn += 1) {
          await succession.handOver();
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await writing;
        await succession.lineCount(count);
        await succession.handOver();
        await succession.current.polls(20);
        const seen = succession.lines.map(numberOf).toSorted((a, b) => a - b);
        expect(seen.length).toBe(count);
        expect(seen.every((number, index) => number === index)).toBe(true);
        expect(succession.current.lost_bytes).toBe(0);
        succession.settleAll();
        expect(succession.current.ledger.books()).toMatchObject({
          balanced: true,
          total: { received: count, in_flight: 0 },
        });
        await succession.current.input.stop();
        rmSync(directory, { recursive: true });
        expect(openFiles()).toBeLessThanOrEqual(before);
      },
    );
  }
});

function numberOf(line: string): number {
  return Number.parseInt(/"requestID":"([0-9A-Fa-f]{16})/.exec(line)![1]!, 16);
}
