/**
 * The journal: keeps what cannot be read again on the disk, from the moment its sender is acknowledged until
 * it is delivered. It is written as the inputs bring it, read like a file, and bounded.
 *
 *     delivery ──► append ──► segments ──► reader ──► blocks
 *                                ▲                       │
 *                                └── saved ◄── state ◄── receipts
 */
import type { Metadata } from "../event/event.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { StreamLedger } from "../ledger/stream-ledger.ts";
import type { Clock } from "../platform/clock.ts";
import { messageOf, TallymanError } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { WriteOutage } from "../platform/write-outage.ts";
import { BytePool } from "./frames/byte-pool.ts";
import { Delivery } from "./frames/delivery.ts";
import { systemFiles, type JournalFiles } from "./segments/files.ts";
import type { ChangeableJournalOptions, JournalOptions } from "./options.ts";
import { JournalReader, type JournalIntake } from "./reader.ts";
import { recover, type Recovered } from "./segments/recovery.ts";
import { Segments } from "./segments/segments.ts";
import { identityOf, isMissingSome, isOf, sequenceOf, startOf, streamOf } from "./stream.ts";
import { WrittenMark } from "./written-mark.ts";
import { Writer, type Acceptance } from "./writer.ts";

export interface JournalDeps {
  /** Where its segments are: its own directory, made where it is missing. */
  directory: string;
  /** The input's name. */
  input: string;
  /** The output that it is before, of an input that has a journal for each of its outputs. */
  output?: string;
  options: JournalOptions;
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  files?: JournalFiles;
  /** Shared with other journals, so that many keep no more memory for their next use than one. */
  pool?: BytePool;
}

export interface JournalStatus {
  /** Accepted and not read yet. */
  readonly events_unread: number;
  /** The output that it is before; undefined for the one behind an input. */
  readonly output: string | undefined;
  /** On the disk. */
  readonly bytes: number;
  readonly bytes_max: number;
  readonly segments: number;
  /** When the oldest event was written, or a little before, that is not settled; undefined where all are. */
  readonly oldest_at_ms: number | undefined;
  /** Whether it takes nothing now, as it is full or cannot be written. */
  readonly is_closed: boolean;
  /** What the system says, such as ENOSPC, while the journal cannot be written. */
  readonly trouble: string | undefined;
}

export class Journal {
  readonly #deps: JournalDeps;
  readonly #stream: StreamLedger;
  readonly #segments: Segments;
  readonly #reader: JournalReader;
  readonly #writer: Writer;
  readonly #pool: BytePool;
  readonly #definitions = new WeakMap<Metadata, Buffer>();
  /** Of a journal in front of an output: all before this sequence number has left the books of where it was. */
  #moved_to: number;
  /** Of the system, while the journal cannot be written. */
  #failure_code: string | undefined;
  readonly #outage: WriteOutage;
  readonly #written: WrittenMark;

  private constructor(deps: JournalDeps, recovered: Recovered, stream: StreamLedger) {
    const { directory, files = systemFiles, options, ledger, clock, log } = deps;
    this.#deps = deps;
    this.#pool = deps.pool ?? new BytePool();
    this.#pool.join();
    this.#stream = stream;
    stream.onSaved = (checkpoint) => this.#saved(checkpoint);
    const { journal } = identityOf(stream)!;
    this.#outage = new WriteOutage({
      clock,
      log,
      logged: { input: deps.input, directory },
      lines: {
        began: {
          level: "error",
          code: "journal_unwritable",
          message:
            "The journal cannot be written. Nothing new is accepted until it can; check free space and permissions of state_dir.",
        },
        ended: {
          level: "info",
          code: "journal_writable",
          message: "The journal can be written again.",
        },
      },
    });
    const { segments } = recovered;
    this.#segments = new Segments({ directory, files, journal, segments });
    const start = startOf(recovered, stream, { ledger, log });
    const changeable: ChangeableJournalOptions = { ...options };
    this.#writer = new Writer({
      segments: this.#segments,
      options: changeable,
      clock,
      sequence: start.next,
      saved: start.sequence,
      onProgress: () => this.#progressed(),
      onDropped: (delivery) => this.#bookDropped(delivery),
      onFailure: (cause) => this.#failed(cause),
      onLeftover: (cause) => {
        const facts = { directory, error: messageOf(cause) };
        log.warn("journal_segment_unremovable", facts, "A delivered segment cannot be removed.");
      },
      onRecovery: () => this.#recovered(),
    });
    this.#reader = new JournalReader({
      segments: this.#segments,
      stream,
      ledger,
      pool: this.#pool,
      clock,
      log,
      sequence: start.sequence,
      settled: start.settled,
    });
    this.#moved_to = start.next;
    // What has not left the books of where it was may be given again from there.
    const safe = (): number =>
      deps.output === undefined ? this.#writer.safe_sequence : this.#moved_to;
    this.#written = new WrittenMark({ stream, clock, sequence: safe });
    ledger.trackBacklog(deps.input, {
      unread: () => this.#countedFrom(this.#reader.sequence),
      unsaved: () => this.#countedFrom(this.#writer.saved_sequence),
    });
  }

  /**
   * Opens the journal in a directory, whatever state a crash has left it in.
   * Throws TallymanError state_unwritable where the directory cannot be read.
   */
  static async open(deps: JournalDeps): Promise<Journal> {
    const { directory, input, output, files = systemFiles, ledger, log } = deps;
    const streams = ledger.streamsOf(input).filter((each) => isOf(each, output));
    const known_journals = streams.map((stream) => identityOf(stream)!.journal);
    let recovered: Recovered;
    try {
      recovered = await recover({ directory, files, log, known_journals });
    } catch (cause) {
      throw new TallymanError(
        "state_unwritable",
        `cannot read the journal in ${directory}: ${messageOf(cause)}`,
        { file: directory },
        { cause },
      );
    }
    const stream = streamOf(streams, recovered.journal, deps);
    if (recovered.torn_bytes > 0 && !isMissingSome(recovered, stream)) {
      log.warn(
        "journal_unfinished_write",
        { input, torn_bytes: recovered.torn_bytes, file: recovered.segments.at(-1)?.path },
        "The journal ends with an unfinished write. It was never acknowledged, and is ignored.",
      );
    }
    return new Journal(deps, recovered, stream);
  }

  /** Accepted and not read yet. */
  get events_unread(): number {
    return Math.max(0, this.#writer.sequence - this.#reader.sequence);
  }

  /** A new delivery, to be filled and appended. */
  delivery(): Delivery {
    return new Delivery(this.#pool, this.#definitions);
  }

  /** Keeps all of a delivery, or nothing; in the order of the calls. Never rejects. */
  async append(delivery: Delivery): Promise<Acceptance> {
    const acceptance = await this.#writer.append(delivery);
    if (acceptance === "full" || acceptance === "unavailable") delivery.free();
    return acceptance;
  }

  /**
   * As append, for events that are in the books elsewhere: one delivery at a time, and once it is accepted, `moved` says
   * that they have left those. A delivery that is not accepted stays the caller's, who may append it again.
   */
  tryAppend(delivery: Delivery): Promise<Acceptance> {
    return this.#writer.append(delivery);
  }

  /** Has all that was accepted count as received here. */
  moved(): void {
    this.#moved_to = this.#writer.sequence;
    this.#progressed();
  }

  /** Undefined while a delivery would likely be accepted; else a promise for when it would. Never rejects. */
  room(): Promise<void> | undefined {
    return this.#writer.room();
  }

  /** Uses other options from now on, for what it holds, too. */
  change(options: JournalOptions): void {
    this.#writer.change(options);
  }

  /** Begins to give what is in the journal. */
  start(intake: JournalIntake): void {
    this.#reader.start(intake);
  }

  /** Stops giving. After it nothing is delivered. Never rejects. */
  async stop(): Promise<void> {
    await this.#reader.stop();
    this.#written.note();
  }

  /** The state file now holds this checkpoint of the journal's stream. */
  #saved(checkpoint: unknown): void {
    const sequence = sequenceOf(checkpoint);
    const settled = sequenceOf(this.#stream.checkpoint) ?? 0;
    // A state that was being written while the journal was opened can hold a checkpoint that is not believed.
    if (sequence !== undefined && sequence <= settled) this.#writer.saved(sequence);
  }

  status(): JournalStatus {
    const { events_unread } = this;
    const { bytes, count, reading, oldest } = this.#segments;
    const { output, options } = this.#deps;
    const unread_at_ms = this.#reader.written_at_ms ?? (reading ?? oldest)?.created_at_ms;
    return {
      events_unread,
      output,
      bytes,
      bytes_max: options.max_bytes,
      segments: count,
      oldest_at_ms: this.#stream.oldest_open_ms ?? (events_unread > 0 ? unread_at_ms : undefined),
      is_closed: this.room() !== undefined,
      trouble: this.#failure_code,
    };
  }

  /** Stops reading, writes what waits and closes the files. What comes later is `unavailable`. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#reader.stop(), this.#writer.close()]);
    this.#written.note();
  }

  /**
   * Removes its segments where all in them is settled and the written state says so: for one that nothing will fill
   * again. Comes after `close`. Never rejects: what cannot be removed now is at the end of a later run.
   */
  async removeIfSpent(): Promise<void> {
    if (!this.#writer.is_spent) return;
    await this.#segments.removeAll().catch((cause: unknown) => {
      const { log, input, directory } = this.#deps;
      const facts = { input, directory, error: messageOf(cause) };
      log.warn("journal_unremovable", facts, "An empty journal cannot be removed.");
    });
  }

  #progressed(): void {
    this.#reader.wake();
    this.#written.progressed();
  }

  /** Events from that sequence number on that count as received here. */
  #countedFrom(sequence: number): number {
    const end = this.#deps.output === undefined ? this.#writer.sequence : this.#moved_to;
    return Math.max(0, end - sequence);
  }

  #bookDropped(delivery: Delivery): void {
    const { ledger, input } = this.#deps;
    for (const { fate, reason, count } of delivery.ended) {
      ledger.book(input, ledger.account(fate, reason), count, 0);
    }
    for (const { step, count } of delivery.made) ledger.bookMade(input, step, count);
    const { kept, record_bytes } = delivery;
    if (kept > 0) ledger.book(input, ledger.account("dropped", "journal_full"), kept, record_bytes);
  }

  #failed(cause: unknown): void {
    this.#failure_code = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    this.#outage.failed(cause);
  }

  #recovered(): void {
    this.#failure_code = undefined;
    this.#outage.worked();
  }
}
