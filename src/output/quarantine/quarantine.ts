/**
 * The quarantine: where an event goes that can neither be shipped nor dropped, one JSON line each.
 *
 * An event is settled as quarantined only after its line is on the disk. While the disk takes nothing, lines wait
 * in memory, are tried again every second, and `room` makes the inputs wait: nothing is dropped.
 */
import type { ChainKind, Origin } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Account, Receipt } from "../../ledger/receipt.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { untilAborted } from "../../platform/patience.ts";
import { EntriesLog } from "./entries-log.ts";
import { QuarantineFile } from "./file.ts";
import type { TakenEvent } from "../batch/batch.ts";
import type { DecodedEvent } from "../batch/encoder.ts";
import { full_files_max } from "./lines.ts";
import { default_bytes_max } from "./options.ts";
import { bookRemoved, extract, type Extracted, type Extraction } from "./extract.ts";
import { quarantineRecord, refusedRecord, type QuarantineRecord, type Refusal } from "./record.ts";
import { WriteOutage } from "../../platform/write-outage.ts";

const MiB = 1024 * 1024;
/** Bytes of lines in memory from which the inputs wait. */
const waiting_bytes_max = 8 * MiB;
const retry_interval_ms = 1000;
const extraction_lines = {
  purge: { code: "quarantine_purged", message: "Events were purged from quarantine." },
  replay: {
    code: "quarantine_taken_out",
    message: "Events were taken out of quarantine to be replayed.",
  },
} as const;

export interface QuarantineDeps {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  /** Masks known secrets in text. */
  mask: (text: string) => string;
  /** The chain of an input; undefined where that is not configured. */
  chainOf?: (input: string) => ChainKind | undefined;
  /** What all files together may hold; beyond it the oldest events go. */
  bytes_max?: number;
}

interface Line {
  bytes: Buffer;
  receipt: Receipt;
  account: Account;
  reason: string;
}

export class Quarantine {
  readonly #deps: QuarantineDeps;
  readonly #file: QuarantineFile;
  readonly #directory: string;
  #bytes_max: number;
  readonly #closing = new AbortController();
  #lines: Line[] = [];
  /** Bytes of lines that are not on the disk yet. */
  #waiting_bytes = 0;
  /** The writing that goes on now; it never rejects. */
  #writing: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  readonly #outage: WriteOutage;
  readonly #entries: EntriesLog;

  constructor(directory: string, deps: QuarantineDeps) {
    this.#deps = deps;
    this.#directory = directory;
    const { ledger, clock, log, bytes_max = default_bytes_max } = deps;
    this.#entries = new EntriesLog(clock, log);
    this.#bytes_max = bytes_max;
    this.#outage = new WriteOutage({
      ...deps,
      logged: {},
      lines: {
        began: {
          level: "error",
          code: "quarantine_unwritable",
          message:
            "The quarantine cannot be written. Its events are kept in memory and retried every second.",
        },
        ended: {
          level: "info",
          code: "quarantine_writable",
          message: "The quarantine can be written again.",
        },
      },
    });
    this.#file = new QuarantineFile(directory, bytes_max, (removed) => {
      log.error(
        "quarantine_full",
        { ...removed },
        "The quarantine is full. Its oldest events were removed.",
      );
      bookRemoved(ledger, "quarantine_full", removed);
    });
  }

  /** Takes one event: copies all that is kept of it. `step` is the chain step that ended it. */
  add(event: LogEvent, verdict: Verdict, step?: string): void {
    const { clock, mask } = this.#deps;
    const chain = this.#chainOf(event.block.origin);
    const record = quarantineRecord(event, { verdict, step, now_ms: clock.now(), mask, chain });
    this.#enqueue(record, event.block.receipt);
  }

  /** Takes one event that an output's receiver refused for what it holds. */
  addRefused(event: TakenEvent, decoded: DecodedEvent, refusal: Refusal): void {
    const { clock, mask } = this.#deps;
    const chain = this.#chainOf(event.origin);
    const record = refusedRecord({ event, decoded, refusal, now_ms: clock.now(), mask, chain });
    this.#enqueue(record, event.receipt);
  }

  /** What comes from quarantine keeps the chain that its input had, where that is gone. */
  #chainOf({ input, chain }: Origin): ChainKind | undefined {
    return this.#deps.chainOf?.(input) ?? chain;
  }

  /** Lets all files together hold so much from now on. */
  change(bytes_max: number): void {
    this.#bytes_max = bytes_max;
    this.#file.change(bytes_max);
  }

  /** Takes selected events out, for good or to be replayed. Never rejects. */
  async extract(what: Extraction): Promise<Extracted> {
    const { ledger, log } = this.#deps;
    const done = await this.#file.alone(() => extract(this.#directory, what));
    if (done.events > 0 && what.action === "purge") bookRemoved(ledger, "quarantine_purged", done);
    const { ids, ...conditions } = what.selection;
    const { code, message } = extraction_lines[what.action];
    log.info(code, { ...conditions, ids: ids?.length, ...done }, message);
    return done;
  }

  /** Undefined while there is room for another block; else a promise for when there is. Never rejects. */
  room(): Promise<void> | undefined {
    if (this.#waiting_bytes < waiting_bytes_max || this.#closing.signal.aborted) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves when all that was added is on the disk, or `stop` is aborted. Never rejects. */
  async drain(stop: AbortSignal): Promise<void> {
    if (this.#writing !== undefined) await untilAborted(this.#writing, stop);
  }

  /** Ends a write that is in progress, and closes the file. Nothing is settled after it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    await this.#file.close();
    this.#wake();
  }

  #enqueue(record: QuarantineRecord, receipt: Receipt): void {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    const account = this.#deps.ledger.account("quarantined", record.reason);
    this.#lines.push({ bytes, receipt, account, reason: record.reason });
    this.#waiting_bytes += bytes.length;
    this.#writing ??= this.#write();
  }

  /** Writes until no line waits: each time all that are there, with one sync. */
  async #write(): Promise<void> {
    const { signal } = this.#closing;
    // The events of one block come in one go; they are to share a sync.
    await Promise.resolve();
    while (this.#lines.length > 0 && !signal.aborted) {
      const lines = this.#lines.splice(0, this.#countOfNext());
      if (await this.#append(lines)) continue;
      this.#lines = [...lines, ...this.#lines];
      await this.#deps.clock.sleep(retry_interval_ms, signal);
    }
    this.#writing = undefined;
  }

  /** How many of the lines that wait go into one file together; at least one. */
  #countOfNext(): number {
    const bytes_max = this.#bytes_max / (full_files_max + 1);
    let bytes = 0;
    const beyond = this.#lines.findIndex((line) => (bytes += line.bytes.length) > bytes_max);
    return beyond === -1 ? this.#lines.length : Math.max(1, beyond);
  }

  /** Says whether the lines are on the disk, and their events settled. */
  async #append(lines: readonly Line[]): Promise<boolean> {
    const bytes = Buffer.concat(lines.map((line) => line.bytes));
    try {
      await this.#file.append(bytes);
    } catch (cause) {
      this.#outage.failed(cause, { waiting_bytes: this.#waiting_bytes });
      return false;
    }
    this.#outage.worked();
    for (const { receipt, account } of lines) receipt.settle(account, 1);
    this.#entries.note(lines.map(({ reason }) => reason));
    this.#waiting_bytes -= bytes.length;
    this.#wake();
    return true;
  }

  #wake(): void {
    if (this.room() !== undefined) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
