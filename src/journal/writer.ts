/**
 * The journal's writer: everyone who waits shares one write and one sync, and a failure takes back what it began.
 *
 * All is done in one loop, one thing after the other. Whatever fails ends the segment at its last safe frame; the
 * next one goes on with the same sequence number. So nothing is ever written behind bytes of which nobody knows
 * whether the disk has them.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Delivery } from "./frames/delivery.ts";
import { frame_header_bytes } from "./frames/format.ts";
import type { ChangeableJournalOptions, JournalOptions } from "./options.ts";
import { SegmentWriter } from "./segments/segment-writer.ts";
import type { Segments } from "./segments/segments.ts";

const MiB = 1024 * 1024;
/** Bytes written at once. More that waits comes with the next write. */
const group_bytes_max = 16 * MiB;
const retry_interval_ms = 1000;

/** As `Acceptance` of the inputs; `dropped` says that it is settled by being dropped, as the options say. */
export type Acceptance = "accepted" | "dropped" | "full" | "unavailable";

export interface WriterDeps {
  segments: Segments;
  options: ChangeableJournalOptions;
  clock: Clock;
  /** Sequence number of the next event. */
  sequence: number;
  /** Up to where the state file says that all is settled. */
  saved: number;
  /** Called when there is more that is safe, or other segments. */
  onProgress: () => void;
  /** Called when the events of a delivery are dropped, as there is no room. */
  onDropped: (delivery: Delivery) => void;
  onFailure: (cause: unknown) => void;
  /** Called when a settled segment could not be removed; it is tried again when more is settled. */
  onLeftover: (cause: unknown) => void;
  onRecovery: () => void;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly resolve: (acceptance: Acceptance) => void;
}

export class Writer {
  readonly #deps: WriterDeps;
  readonly #out: SegmentWriter;
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  /** What is being written. */
  #group: Waiting[] = [];
  #running: Promise<void> | undefined;
  #sync_timer: Timer | undefined;
  #sync_due = false;
  #removal_due = true;
  #has_failed = false;
  /** Whether a delivery was refused and nothing has become free since. */
  #is_full = false;
  /** Options that are to be used from the next step on. */
  #options_due: JournalOptions | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #saved: number;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.#saved = deps.saved;
    const { segments, options, clock, sequence, onProgress } = deps;
    this.#out = new SegmentWriter({ segments, options, clock, sequence, onProgress });
  }

  /** Sequence number of the next event: all before it are accepted. */
  get sequence(): number {
    return this.#out.sequence;
  }

  /** All before this sequence number are safe on the disk. */
  get safe_sequence(): number {
    return this.#out.safe;
  }

  /** The written state says that all before this sequence number is settled. */
  get saved_sequence(): number {
    return this.#saved;
  }

  /** Whether all that was ever accepted is settled, and the written state says so. */
  get is_spent(): boolean {
    return this.#saved >= this.sequence;
  }

  /** Whether nothing will be accepted any more. */
  get is_closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Takes all of a delivery, and frees it, or nothing: then it may be given again. Never rejects. */
  append(delivery: Delivery): Promise<Acceptance> {
    if (delivery.events === 0) {
      delivery.free();
      return Promise.resolve("accepted");
    }
    if (this.#has_failed || this.is_closed) return Promise.resolve("unavailable");
    return new Promise((resolve) => {
      this.#waiting.push({ delivery, resolve });
      this.#run();
    });
  }

  /** Undefined while a delivery would likely be accepted; else a promise for when it would. Never rejects. */
  room(): Promise<void> | undefined {
    if (this.#closing.signal.aborted || !(this.#has_failed || this.#is_full)) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Says that the state file now says that all before `sequence` is settled. */
  saved(sequence: number): void {
    if (sequence <= this.#saved || this.#closing.signal.aborted) return;
    this.#saved = sequence;
    this.#removal_due = true;
    this.#run();
  }

  /** Uses other options from now on. */
  change(options: JournalOptions): void {
    if (this.#closing.signal.aborted) return;
    this.#options_due = options;
    this.#run();
  }

  /** Writes and syncs what waits, and closes the file. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#sync_timer?.cancel();
    this.#sync_due = true;
    this.#run();
    await this.#running;
    await this.#out.close();
    this.#wake();
  }

  #run(): void {
    this.#running ??= this.#work();
  }

  /** The loop: ends when there is nothing to do, in the same turn in which that is found. Never rejects. */
  async #work(): Promise<void> {
    // Those who come in the same turn of the event loop are to share a write.
    await Promise.resolve();
    const { onFailure, clock } = this.#deps;
    const { signal } = this.#closing;
    while (this.#has_work) {
      try {
        await this.#step();
      } catch (cause) {
        await this.#fail();
        onFailure(cause);
        if (signal.aborted) break;
        await clock.sleep(retry_interval_ms, signal);
      }
    }
    this.#running = undefined;
  }

  get #has_work(): boolean {
    if (this.#removal_due || this.#has_failed || this.#waiting.length > 0) return true;
    if (this.#options_due !== undefined) return true;
    return this.#sync_due && this.#out.is_unsynced;
  }

  /** Does what is most urgent. */
  async #step(): Promise<void> {
    if (this.#removal_due) await this.#removeSettled();
    else if (this.#has_failed) await this.#recover();
    else if (this.#options_due !== undefined) await this.#useOptions(this.#options_due);
    else if (this.#waiting.length > 0) await this.#commit();
    else await this.#sync();
  }

  async #commit(): Promise<void> {
    const bytes = await this.#takeGroup();
    if (this.#group.length === 0) return;
    const rotated = await this.#out.makeSegment(bytes);
    if (rotated) this.#removal_due = true;
    await this.#out.write(this.#group.map(({ delivery }) => delivery));
    const { sync } = this.#deps.options;
    if (sync === "always") await this.#out.sync();
    for (const { delivery, resolve } of this.#group.splice(0)) {
      delivery.free();
      resolve("accepted");
    }
    if (sync === "always") return;
    if (this.#out.is_pressed) this.#sync_due = true;
    this.#sync_timer ??= this.#deps.clock.after(sync, () => {
      this.#sync_timer = undefined;
      this.#sync_due = true;
      this.#run();
    });
  }

  async #sync(): Promise<void> {
    this.#sync_due = false;
    this.#sync_timer?.cancel();
    this.#sync_timer = undefined;
    await this.#out.sync();
  }

  /** What is safe is another thing with another `sync`, so that all has to be at this moment. */
  async #useOptions(options: JournalOptions): Promise<void> {
    if (this.#out.is_unsynced) await this.#sync();
    Object.assign(this.#deps.options, options);
    if (this.#options_due === options) this.#options_due = undefined;
    this.#is_full = false;
    this.#wake();
  }

  /** Moves what can be written now, in one segment, from those who wait to the group; gives its bytes. */
  async #takeGroup(): Promise<number> {
    let group_bytes = frame_header_bytes;
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      const bytes = group_bytes + next.delivery.length;
      const is_first = this.#group.length === 0;
      if (!is_first && (bytes > group_bytes_max || !this.#out.fits(bytes))) break;
      this.#waiting.shift();
      // Where making room fails, it fails with the others.
      this.#group.push(next);
      if (await this.#makeRoom(bytes)) group_bytes = bytes;
      else this.#refuse(this.#group.pop()!);
    }
    return group_bytes;
  }

  /** Whether there is room for so many bytes, which the oldest events have to make where the options say so. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { segments, options } = this.#deps;
    for (;;) {
      if (segments.bytes + bytes <= options.max_bytes) return true;
      // What is larger than the journal has to go through it all the same.
      if (this.#group.length === 1 && this.#saved === this.#out.sequence) return true;
      if (options.when_full !== "drop_oldest") return false;
      const oldest = segments.oldestUnread();
      if (oldest !== undefined) await segments.giveUp(oldest);
      else if (this.#out.is_unread) await this.#out.rotate();
      else return false;
    }
  }

  #refuse({ delivery, resolve }: Waiting): void {
    if (this.#deps.options.when_full === "block") {
      this.#is_full = true;
      resolve("full");
    } else {
      this.#deps.onDropped(delivery);
      delivery.free();
      resolve("dropped");
    }
  }

  async #removeSettled(): Promise<void> {
    this.#removal_due = false;
    const { segments, onLeftover } = this.#deps;
    const { bytes } = segments;
    try {
      await segments.removeUpTo(this.#saved);
    } catch (cause) {
      onLeftover(cause);
    }
    if (segments.bytes === bytes && this.#saved < this.#out.sequence) return;
    this.#is_full = false;
    this.#wake();
  }

  /** Answers everyone who waits, and gives up the segment that was written to. Never rejects. */
  async #fail(): Promise<void> {
    this.#has_failed = true;
    await this.#out.abandon();
    const refused = [...this.#group.splice(0), ...this.#waiting.splice(0)];
    for (const { resolve } of refused) resolve("unavailable");
  }

  /** Tries whether the disk takes something again: a new segment, with what was accepted and is not safe yet. */
  async #recover(): Promise<void> {
    this.#removal_due = true;
    await this.#out.resume();
    this.#has_failed = false;
    this.#deps.onRecovery();
    this.#wake();
  }

  #wake(): void {
    if (this.room() !== undefined) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
