/**
 * A file input at work on real files: what it delivered, as text by stream, and the books.
 *
 * Receipts are settled at once, or kept for the test to settle.
 */
import { onTestFinished } from "vitest";
import type { Block, Truncation } from "../../../src/event/block.ts";
import { FileInput } from "../../../src/inputs/file/file-input.ts";
import type { HandedFiles } from "../../../src/inputs/file/files/handed-files.ts";
import { fileInputOptions } from "../../../src/inputs/file/options.ts";
import type { OwnFiles } from "../../../src/inputs/file/discovery/own-files.ts";
import type { WatchDirectory } from "../../../src/inputs/file/discovery/watcher.ts";
import type { Intake } from "../../../src/inputs/input.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Receipt } from "../../../src/ledger/receipt.ts";
import { stateFile, type LedgerState } from "../../../src/ledger/state.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../collected-log.ts";
import { eventually } from "../eventually.ts";
import { fileClock } from "../clocks/fast-clock.ts";

export interface FollowingOptions {
  paths: string[];
  state?: LedgerState | undefined;
  /** What an input has handed over, and its ledger. */
  handed?: HandedFiles;
  ledger?: Ledger;
  /** `keep` leaves the settling to the test. */
  receipts?: "settle" | "keep";
  watch?: WatchDirectory;
  own_files?: OwnFiles;
  clock?: Clock;
  looks_max?: number;
  /** Further options, as in the configuration. */
  [option: string]: unknown;
}

export interface Record {
  readonly bytes: Buffer;
  readonly source: string | undefined;
  readonly truncation: Truncation | undefined;
  /** Whether it is marked as one without an end. */
  readonly is_unfinished: boolean;
}

export class FileFollowing implements Intake {
  readonly records: Record[] = [];
  readonly receipts: Receipt[] = [];
  readonly log = new CollectedLog();
  readonly ledger: Ledger;
  readonly input: FileInput;
  blocks = 0;
  idles = 0;
  /** While it is set, accept returns it. */
  backpressure: Promise<void> | undefined;
  /** Called with each block before it is released. */
  onBlock: (block: Block) => void = () => undefined;
  readonly #receipts: "settle" | "keep";
  readonly #clock: Clock;
  /** Waits for the next look that were over, and looks that followed one. */
  #waits = 0;
  #looks = 0;
  /** Whether it looks at short intervals; otherwise only when something happens, or no more. */
  #polls: boolean;

  constructor(options: FollowingOptions) {
    const { state, handed, receipts = "settle", watch, clock = fileClock, ...rest } = options;
    const { ledger = new Ledger(state), own_files, looks_max, ...given } = rest;
    this.#receipts = receipts;
    this.#clock = clock;
    this.#polls = given["poll_interval"] === undefined;
    this.ledger = ledger;
    const parsed = fileInputOptions.parse({
      type: "file",
      rotate_wait: "150ms",
      poll_interval: "25ms",
      ...given,
    });
    this.input = new FileInput("files", parsed, {
      ledger: this.ledger,
      clock: this.#counting(clock),
      log: this.log,
      origin: { metadata: parsed.metadata },
      ...(watch && { watch }),
      looks_max,
      ...(handed && { handed }),
      ...(own_files && { own_files }),
    });
  }

  get lines(): string[] {
    return this.records.map(({ bytes }) => bytes.toString());
  }

  get lost_bytes(): number {
    return this.ledger.books().total.lost_bytes;
  }

  get maybe_lost_bytes(): number {
    return this.ledger.books().total.maybe_lost_bytes;
  }

  accept(block: Block): Promise<void> | undefined {
    this.blocks += 1;
    for (let number = 0; number < block.count; number += 1) {
      const bytes = block.bytes.subarray(block.starts[number], block.ends[number]);
      this.records.push({
        bytes: Buffer.from(bytes),
        source: block.origin.metadata.source,
        truncation: block.truncations?.get(number),
        is_unfinished: block.metadataOf(number).fields?.["tallyman_unfinished"] === true,
      });
    }
    this.onBlock(block);
    if (this.#receipts === "settle") this.settle(block.receipt);
    else this.receipts.push(block.receipt);
    block.release();
    return this.backpressure;
  }

  room(): Promise<void> | undefined {
    return this.backpressure;
  }

  idle(): void {
    this.idles += 1;
  }

  settle(receipt: Receipt): void {
    receipt.settle(this.ledger.account("delivered", "test"), receipt.pending);
  }

  async lineCount(count: number): Promise<void> {
    await eventually(() => this.records.length >= count);
  }

  /** The state as it would be written, through text and back. */
  state(): LedgerState {
    const { state } = this.ledger.snapshot();
    const text = JSON.stringify({ version: 1, ...state });
    const { inputs, streams } = stateFile.parse(JSON.parse(text));
    return { inputs, streams };
  }

  /** Resolves when so many full looks at the files are over, and the time is that they take at least. */
  async polls(count: number): Promise<void> {
    const before = this.#looks;
    await this.#clock.sleep(count * 30);
    await eventually(() => !this.#polls || this.#looks >= before + count);
  }

  /** Stops, and gives the state to go on from. */
  async stop(): Promise<LedgerState> {
    this.#polls = false;
    await this.input.stop();
    return this.state();
  }

  /** As if the state were written: a file at rest sleeps when it is. */
  #write(): void {
    this.ledger.saved(this.ledger.changes(), true);
  }

  /** The clock, while it counts: between two looks the input waits, and for nothing else. */
  #counting(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delay_ms, callback) => clock.after(delay_ms, callback),
      sleep: async (delay_ms, stop) => {
        this.#looks = this.#waits;
        this.#write();
        await clock.sleep(delay_ms, stop);
        if (!stop?.aborted) this.#waits += 1;
      },
    };
  }
}

/** Follows until the running test is over. */
export async function follow(options: FollowingOptions): Promise<FileFollowing> {
  const following = new FileFollowing(options);
  onTestFinished(() => following.input.stop());
  await following.input.start(following);
  return following;
}
