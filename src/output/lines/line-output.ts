/**
 * An output that writes a line of JSON for each event, in the envelope that Splunk would get: to a file, or to standard
 * output. Everyone who comes while a write is in progress shares the next one.
 *
 * An event is settled when its line is written, and synced where that is possible. While nothing can be written, lines
 * wait in memory, are tried again every second, and `room` makes the inputs wait: nothing is dropped.
 */
import assert from "node:assert";
import type { LogEvent } from "../../event/log-event.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { untilAborted } from "../../platform/patience.ts";
import { Batch } from "../batch/batch.ts";
import { Delivered } from "../delivered.ts";
import { EventEncoder } from "../batch/envelope.ts";
import { Handover } from "../batch/handover.ts";
import type { Successor, Held, Output, OutputCondition } from "../output.ts";
import { WriteOutage } from "../../platform/write-outage.ts";

const MiB = 1024 * 1024;
/** Bytes of lines in memory from which the inputs wait. */
export const waiting_bytes_max = 8 * MiB;
/** Bytes that are written at once, but for one longer line. */
const group_bytes_max = MiB;
/** Buffers that are kept for the next lines. */
const spare_buffers_max = 4;
const retry_interval_ms = 1000;
/** How long a write of an output that is retired may take: whoever reads standard output may never read on. */
const last_write_ms_max = 10_000;

/** Where lines go. */
export interface LineSink {
  /**
   * Writes whole lines, and resolves when they are there to stay. Rejects with the system's error, or when `stop` is
   * aborted where it can end a write; the same lines, and no others, may then be given again.
   */
  write(lines: Buffer, stop: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface LineOutputDeps {
  sink: LineSink;
  /** The most that is written at once; less than what is usual where a file holds less. */
  group_bytes?: number;
  ledger: Ledger;
  /** Of an output of the same name before this one, to be counted on. */
  delivered?: Delivered;
  clock: Clock;
  log: Logger;
}

export class LineOutput implements Output {
  readonly name: string;
  readonly held_bytes_max = 0;
  readonly #deps: LineOutputDeps;
  readonly #group_bytes: number;
  readonly delivered: Delivered;
  readonly #encoder = new EventEncoder();
  /** Aborted to end a write. */
  readonly #giving_up = new AbortController();
  /** Aborted to end the wait for another attempt. */
  readonly #hurrying = new AbortController();
  #state: "open" | "retired" | "closed" = "open";
  /** Where everything goes that is not written, once it is retired. */
  #handover: Handover | undefined;
  /** The last of them is being filled. */
  readonly #waiting: Batch[] = [];
  /** What is being written, and what could not be and is tried again. */
  #written: Batch | undefined;
  #failed: Batch | undefined;
  readonly #spare: Buffer[] = [];
  /** Bytes of lines that are not written yet. */
  #waiting_bytes = 0;
  /** The writing that goes on now; it never rejects. */
  #writing: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  readonly #outage: WriteOutage;

  constructor(name: string, deps: LineOutputDeps) {
    this.name = name;
    this.#deps = deps;
    this.#group_bytes = Math.min(deps.group_bytes ?? group_bytes_max, group_bytes_max);
    this.delivered =
      deps.delivered ?? new Delivered(deps.ledger.account("delivered", name), deps.clock);
    this.#outage = new WriteOutage({
      ...deps,
      logged: { output: name },
      lines: {
        began: {
          level: "error",
          code: "output_unwritable",
          message: "The output cannot be written. Its events are kept and retried every second.",
        },
        ended: {
          level: "info",
          code: "output_writable",
          message: "The output can be written again.",
        },
      },
    });
  }

  add(event: LogEvent): void {
    const last = this.#waiting.at(-1);
    const before = last?.length ?? 0;
    if (last?.add(event, this.#encoder)) this.#waiting_bytes += last.length - before;
    else this.#begin(event);
    this.#writing ??= this.#write();
  }

  inherit(event: LogEvent): void {
    // All that is not written takes up room, whoever had it.
    this.add(event);
  }

  room(): Promise<void> | undefined {
    if (this.#waiting_bytes < waiting_bytes_max || this.#state !== "open") return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  idle(): void {
    // Lines are written as soon as the write before them is done.
  }

  status(): OutputCondition {
    const { since_ms } = this.#outage;
    if (since_ms === undefined) return { state: "sending", reason: undefined, since: undefined };
    const since = new Date(since_ms).toISOString();
    return { state: "retrying", reason: "unwritable", since };
  }

  async drain(stop: AbortSignal): Promise<void> {
    if (stop.aborted || this.#writing === undefined) return;
    await untilAborted(this.#writing, stop);
  }

  async retire(successor: Successor): Promise<void> {
    const { clock } = this.#deps;
    this.#state = "retired";
    const handover = new Handover({ successor, encoder: this.#encoder, clock });
    this.#handover = handover;
    if (this.#failed !== undefined) handover.give(this.#failed);
    for (const lines of this.#waiting.splice(0)) handover.give(lines);
    this.#hurrying.abort();
    this.#wake();
    const timer = clock.after(last_write_ms_max, () => this.#giving_up.abort());
    await this.#writing;
    timer.cancel();
  }

  get held(): Held {
    const { open = 0, length = 0 } = this.#written ?? {};
    return { events: open, bytes: length };
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#giving_up.abort();
    this.#hurrying.abort();
    await this.#writing;
    await this.#deps.sink.close();
    this.#wake();
  }

  #begin(event: LogEvent): void {
    let lines = linesIn(this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#group_bytes));
    if (!lines.add(event, this.#encoder)) {
      // It does not fit into an empty buffer, so it gets one of its own.
      this.#recycle(lines);
      lines = linesIn(Buffer.allocUnsafeSlow(this.#encoder.sizeMax(event)));
      assert(lines.add(event, this.#encoder), "an encoder's sizeMax is enough for the event");
    }
    this.#waiting.push(lines);
    this.#waiting_bytes += lines.length;
  }

  /** Writes until no line waits. */
  async #write(): Promise<void> {
    // The events of one block come in one go; they are to share a write.
    await Promise.resolve();
    for (;;) {
      const lines = this.#waiting.shift();
      if (lines === undefined) break;
      await this.#writeFully(lines);
      if (this.#state === "closed") break;
    }
    this.#writing = undefined;
  }

  /** Tries until all of them have their fate, or another output. */
  async #writeFully(lines: Batch): Promise<void> {
    while (lines.open > 0 && this.#state !== "closed") {
      if (await this.#attempt(lines)) return;
      if (this.#state === "retired") this.#handover!.give(lines);
      this.#failed = lines;
      await this.#deps.clock.sleep(retry_interval_ms, this.#hurrying.signal);
      this.#failed = undefined;
    }
  }

  /** Says whether the lines are written, and their events settled. */
  async #attempt(lines: Batch): Promise<boolean> {
    this.#written = lines;
    const naming = this.#deps.ledger.lanes.naming.pending;
    if (naming !== undefined) await naming;
    try {
      await this.#deps.sink.write(lines.body, this.#giving_up.signal);
    } catch (cause) {
      if (this.#state === "open")
        this.#outage.failed(cause, { waiting_bytes: this.#waiting_bytes });
      return false;
    } finally {
      this.#written = undefined;
    }
    this.#outage.worked();
    lines.settle(this.delivered, lines.open);
    this.#waiting_bytes -= lines.length;
    this.#recycle(lines);
    this.#wake();
    return true;
  }

  #recycle({ buffer }: Batch): void {
    const fits = buffer.length === this.#group_bytes;
    if (fits && this.#spare.length < spare_buffers_max) this.#spare.push(buffer);
  }

  #wake(): void {
    if (this.room() !== undefined) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** All of them go to one place, whatever their index. */
function linesIn(buffer: Buffer): Batch {
  return new Batch("", undefined, buffer);
}
