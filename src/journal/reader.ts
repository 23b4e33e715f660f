/**
 * The journal's reader: gives what is safely in the segments, in order, as blocks; as a file input does with a file.
 *
 * Sequence numbers say exactly how many events are missing, whatever has become of them, and where a segment is
 * damaged it is set aside for someone to look at.
 */
import { Block, type Origin } from "../event/block.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { StreamLedger } from "../ledger/stream-ledger.ts";
import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { untilAborted } from "../platform/patience.ts";
import { BlockBuilder, KnownMetadata } from "./frames/block-builder.ts";
import type { BytePool } from "./frames/byte-pool.ts";
import { setAside } from "./segments/damaged.ts";
import { SegmentCursor, type Chunk } from "./segments/segment-cursor.ts";
import type { Segment, Segments } from "./segments/segments.ts";

const retry_interval_ms = 1000;

/** Where the journal delivers its blocks: the agent's pipeline. */
export interface JournalIntake {
  /** Where a promise is returned, the reader waits for it before it reads on. Never rejects. */
  accept(block: Block): Promise<void> | undefined;
  /** Says that there is nothing to read just now. */
  idle(): void;
}

/** The checkpoint of a journal's stream. */
export interface JournalCheckpoint {
  /** Every event with a smaller sequence number is settled. */
  readonly sequence: number;
}

export interface ReaderDeps {
  segments: Segments;
  stream: StreamLedger;
  ledger: Ledger;
  pool: BytePool;
  clock: Clock;
  log: Logger;
  /** Where to begin. */
  sequence: number;
  /** Below it nothing that is missing counts as lost: it was settled before. */
  settled: number;
}

export class JournalReader {
  readonly #deps: ReaderDeps;
  readonly #metadata = new KnownMetadata();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #sequence: number;
  /** When what was read last was written. */
  #written_at_ms: number | undefined;
  #cursor: SegmentCursor | undefined;
  #has_trouble = false;
  #setting_aside: Promise<void> = Promise.resolve();

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#sequence = deps.sequence;
  }

  /** Sequence number of the next event to read. */
  get sequence(): number {
    return this.#sequence;
  }

  get written_at_ms(): number | undefined {
    return this.#written_at_ms;
  }

  start(intake: JournalIntake): void {
    this.#running = this.#run(intake);
  }

  /** Says that there may be more to read. */
  wake(): void {
    this.#wake?.();
  }

  /** Stops promptly. After it nothing is delivered. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#cursor?.close();
    await this.#setting_aside;
  }

  async #run(intake: JournalIntake): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const chunk = await this.#nextChunk();
      if (signal.aborted) return;
      if (chunk === "trouble") {
        await this.#deps.clock.sleep(retry_interval_ms, signal);
      } else if (chunk === undefined) {
        intake.idle();
        await this.#nextWake();
      } else {
        const backpressure = this.#deliver(chunk, intake);
        if (backpressure !== undefined) await untilAborted(backpressure, signal);
      }
    }
  }

  async #nextWake(): Promise<void> {
    if (this.#hasMore()) return;
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await untilAborted(woken, this.#stopping.signal);
    this.#wake = undefined;
  }

  #hasMore(): boolean {
    const cursor = this.#cursor;
    if (cursor?.has_more === true) return true;
    return this.#deps.segments.next(this.#sequence, cursor?.segment) !== undefined;
  }

  /** Reads on; undefined where there is nothing to read. Never rejects. */
  async #nextChunk(): Promise<Chunk | "trouble" | undefined> {
    try {
      while (this.#cursor?.has_more !== true) {
        if (!(await this.#nextSegment())) return undefined;
      }
      const chunk = await this.#cursor.read();
      this.#worked();
      return chunk;
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  /** Goes on to the next segment; false where there is none, or there will be more in this one. */
  async #nextSegment(): Promise<boolean> {
    const { segments, pool } = this.#deps;
    const cursor = this.#cursor;
    if (cursor !== undefined) {
      const { segment, is_through } = cursor;
      if (!is_through) return false;
      this.#lose(segment, segment.end, segment.given_up ? "journal_full" : "journal_damaged");
      // Its room on the disk is free only when it is closed, too.
      await cursor.close();
    }
    const next = segments.next(this.#sequence, cursor?.segment);
    if (next === undefined) return false;
    this.#cursor = new SegmentCursor(next, segments, pool);
    segments.reading = next;
    this.#lose(next, next.first, "journal_damaged");
    return true;
  }

  /** Books what was read, and hands it on. */
  #deliver(chunk: Chunk, intake: JournalIntake): Promise<void> | undefined {
    const { ledger, stream, pool } = this.#deps;
    const { segment, bytes, offset, frames } = chunk;
    const builder = new BlockBuilder(this.#metadata);
    const from = Math.max(this.#sequence, this.#deps.settled);
    let taken = 0;
    for (const frame of frames) {
      const end = frame.first + frame.events;
      if (end > segment.end) break;
      const is_new = frame.events > 0 && end > this.#sequence && frame.is_whole;
      if (is_new && !builder.addFrame(bytes, frame.start, frame.end, frame.events)) continue;
      if (!is_new && (frame.events > 0 || frame.first <= this.#sequence)) continue;
      if (is_new) taken += frame.events;
      this.#sequence = end;
      this.#written_at_ms = frame.written_at_ms;
    }
    const lost = Math.max(this.#sequence - from - taken, 0);
    const { record_bytes, known } = builder;
    const count = taken + lost;
    if (count === 0) {
      pool.give(bytes);
      return undefined;
    }
    const written_at_ms = frames[0]?.written_at_ms;
    const end = { sequence: this.#sequence };
    const receipt = stream.open(count, record_bytes, end, written_at_ms);
    if (lost > 0) {
      receipt.settle(ledger.account("dropped", "journal_damaged"), lost);
      this.#reportDamage(segment, lost);
    }
    for (const { step, count: made } of builder.made_counts) receipt.noteMade(step, made);
    for (const ended of builder.ended) {
      receipt.settle(ledger.account(ended.fate, ended.reason), ended.count);
    }
    if (known.length === 0) {
      pool.give(bytes);
      return undefined;
    }
    const origin: Origin = {
      input: stream.input,
      stream: segment.path,
      metadata: {},
    };
    let lent = true;
    return intake.accept(
      new Block({
        origin,
        receipt,
        bytes,
        starts: Int32Array.from(builder.starts),
        ends: Int32Array.from(builder.ends),
        count: known.length,
        offset,
        read_at_ms: this.#written_at_ms!,
        truncations: builder.truncations,
        known,
        redacted: builder.redacted,
        release: () => {
          if (lent) pool.give(bytes);
          lent = false;
        },
      }),
    );
  }

  /** Books as dropped what is missing up to `sequence`, and goes on from there. */
  #lose(segment: Segment, sequence: number, reason: "journal_damaged" | "journal_full"): void {
    const { ledger, stream, settled } = this.#deps;
    if (sequence <= this.#sequence) return;
    const lost = sequence - Math.max(this.#sequence, settled);
    this.#sequence = sequence;
    if (lost <= 0) return;
    const receipt = stream.open(lost, 0, { sequence });
    receipt.settle(ledger.account("dropped", reason), lost);
    if (reason === "journal_damaged") this.#reportDamage(segment, lost);
  }

  #reportDamage(segment: Segment, events: number): void {
    const { stream, log, segments } = this.#deps;
    log.error(
      "journal_damaged",
      { input: stream.input, file: segment.path, events, reason: "journal_damaged" },
      `The journal is damaged: ${events} events cannot be read and are lost.`,
    );
    if (segment.set_aside) return;
    segment.set_aside = true;
    this.#setting_aside = this.#setting_aside.then(() => setAside(segments, segment, log));
  }

  #failed(cause: unknown): "trouble" {
    const { log, segments } = this.#deps;
    if (!this.#has_trouble) {
      const file = segments.reading?.path;
      log.error(
        "journal_unreadable",
        { file, error: messageOf(cause) },
        "The journal cannot be read. Trying again every second.",
      );
    }
    this.#has_trouble = true;
    return "trouble";
  }

  #worked(): void {
    if (!this.#has_trouble) return;
    this.#has_trouble = false;
    this.#deps.log.info(
      "journal_readable",
      { file: this.#deps.segments.reading?.path },
      "The journal can be read again.",
    );
  }
}
