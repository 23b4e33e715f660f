/**
 * The disk buffer of one input in front of one output, for inputs whose chain routes to several: what the chain has kept
 * goes into a journal, the input reads on, and the output gets it from there. So each output goes at its own pace.
 *
 * An event leaves its block when the journal has synced it: until then a crash has the input read it again, and from
 * then on the journal has it in its books.
 */
import type { NamedOutput } from "../../config/outputs.ts";
import type { LogEvent } from "../../event/log-event.ts";
import type { Delivery } from "../../journal/frames/delivery.ts";
import type { JournalOptions } from "../../journal/options.ts";
import type { Receipt } from "../../ledger/receipt.ts";
import { untilAborted } from "../../platform/patience.ts";
import type { CompiledInput } from "../setup/compile.ts";
import type { Destination } from "../outputs/destination.ts";
import type { BufferRoom } from "./buffer-room.ts";
import type { JournalSource } from "./journal-source.ts";

const MiB = 1024 * 1024;
/** Bytes that are written and synced at once. */
const portion_bytes_max = MiB;
/** Deliveries are kept well below what the journal holds, so that they find room as it is emptied. */
const deliveries_per_journal = 8;

/**
 * The outputs that an input has a buffer in front of: all that its events may go to, where these are several. With one
 * there is nothing that it could hold up.
 */
export function bufferedOutputs(
  { chain }: Pick<CompiledInput, "chain">,
  outputs: readonly NamedOutput[],
): NamedOutput[] {
  const reached = outputs.filter(({ name }, place) => place === 0 || chain.outputs.has(name));
  return reached.length > 1 ? reached : [];
}

export function countBuffers(
  inputs: readonly Pick<CompiledInput, "chain">[],
  outputs: readonly NamedOutput[],
): number {
  return inputs.reduce((sum, input) => sum + bufferedOutputs(input, outputs).length, 0);
}

/** Events that follow one another in a delivery and are of one block. */
interface Run {
  readonly receipt: Receipt;
  events: number;
  bytes: number;
}

interface Portion {
  readonly delivery: Delivery;
  readonly runs: Run[];
  /** The redact steps that its events have been through. */
  readonly steps: string;
}

export class OutputBuffer implements Destination {
  readonly #source: JournalSource;
  readonly #steps: () => string;
  /** Shared with the other buffers. */
  readonly #memory: BufferRoom;
  #portion_bytes: number;
  readonly #stopping = new AbortController();
  /** The last of them is being filled. */
  #waiting: Portion[] = [];
  #waiting_bytes = 0;
  /** The writing that goes on now; it never rejects. */
  #writing: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** The journal's intake leads to the output. `steps` gives the redact steps that an event has been through that is added. */
  constructor(
    source: JournalSource,
    options: JournalOptions,
    { steps, memory }: { steps: () => string; memory: BufferRoom },
  ) {
    this.#source = source;
    this.#steps = steps;
    this.#memory = memory;
    this.#portion_bytes = portionBytes(options);
  }

  /** Opens the journal, and begins to give what is in it. Comes before the first event; may be called again. */
  start(): Promise<void> {
    return this.#source.start();
  }

  /** Uses other options from now on. */
  change(options: JournalOptions): void {
    this.#portion_bytes = portionBytes(options);
    this.#source.change(options);
  }

  add(event: LogEvent): void {
    const { delivery, runs } = this.#portion();
    const before = delivery.record_bytes;
    delivery.add(event);
    const bytes = delivery.record_bytes - before;
    this.#waiting_bytes += bytes;
    this.#memory.add(bytes);
    const { receipt } = event.block;
    const last = runs.at(-1);
    if (last?.receipt !== receipt) runs.push({ receipt, events: 1, bytes });
    else {
      last.events += 1;
      last.bytes += bytes;
    }
    this.#writing ??= this.#write();
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    if (this.#room === undefined) {
      this.#room = Promise.withResolvers();
      this.#memory.wait(this);
    }
    return this.#room.promise;
  }

  /** There may be room now. */
  look(): void {
    if (!this.#hasRoom) return;
    this.#memory.waitNoMore(this);
    this.#room?.resolve();
    this.#room = undefined;
  }

  get #hasRoom(): boolean {
    return !this.#memory.isFull(this.#waiting_bytes) || this.#stopping.signal.aborted;
  }

  begin(): void {
    // What is added is written at once, whoever adds it.
  }

  idle(): void {
    // The journal's reader says when the output is idle.
  }

  /** Writes what waits, as far as the journal takes it now, and stops giving. Comes after the last event. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.look();
    await Promise.all([this.#writing, this.#source.stop()]);
    this.#memory.remove(this.#waiting_bytes);
    this.#waiting_bytes = 0;
  }

  #portion(): Portion {
    const last = this.#waiting.at(-1);
    const steps = this.#steps();
    const portion_bytes = Math.min(this.#portion_bytes, this.#memory.portion_bytes_max);
    const has_room = last !== undefined && last.delivery.length < portion_bytes;
    // A reload may have come in between.
    if (has_room && last.steps === steps) return last;
    const portion = { delivery: this.#source.journal.delivery(), runs: [], steps };
    this.#waiting.push(portion);
    return portion;
  }

  /** Writes until nothing waits, one portion after the other, so that their order is kept. */
  async #write(): Promise<void> {
    // The events of one block come in one go; they are to share a write.
    await Promise.resolve();
    for (;;) {
      const portion = this.#waiting.shift();
      if (portion === undefined) break;
      portion.delivery.redactedBy(portion.steps);
      if (!(await this.#keep(portion.delivery))) break;
      this.#source.journal.moved();
      let moved_bytes = 0;
      for (const { receipt, events, bytes } of portion.runs) {
        receipt.move(events, bytes);
        moved_bytes += bytes;
      }
      this.#waiting_bytes -= moved_bytes;
      this.#memory.remove(moved_bytes);
    }
    this.#writing = undefined;
  }

  /** Says whether the journal has it. What it has not at the stop is read again after the next start. */
  async #keep(delivery: Delivery): Promise<boolean> {
    const { journal } = this.#source;
    const { signal } = this.#stopping;
    let acceptance = await journal.tryAppend(delivery);
    while (acceptance !== "accepted" && !signal.aborted) {
      await untilAborted(Promise.resolve(journal.room()), signal);
      acceptance = await journal.tryAppend(delivery);
    }
    return acceptance === "accepted";
  }
}

function portionBytes({ max_bytes }: JournalOptions): number {
  return Math.min(portion_bytes_max, max_bytes / deliveries_per_journal);
}
