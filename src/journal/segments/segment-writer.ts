/**
 * Writes frames to the newest segment, and knows what of them is safe.
 *
 * What is accepted before it is synced is kept in memory until it is: after a failed sync nobody can say which of
 * the pages reached the disk, so it is then written again, to a new segment.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Delivery } from "../frames/delivery.ts";
import type { JournalFile } from "./files.ts";
import { empty_segment_bytes, encodeMark } from "../frames/format.ts";
import type { JournalOptions } from "../options.ts";
import type { Segment, Segments } from "./segments.ts";

const MiB = 1024 * 1024;
const segment_bytes_max = 64 * MiB;
/** So many segments make the journal, so that room comes back in small portions. */
const segments_min = 8;
/** Bytes that may be accepted without having been synced. */
const unsynced_bytes_max = 16 * MiB;

export interface SegmentWriterDeps {
  segments: Segments;
  options: JournalOptions;
  clock: Clock;
  /** Sequence number of the next event. */
  sequence: number;
  /** Called when there is more that is safe, or other segments. */
  onProgress: () => void;
}

interface Current {
  readonly segment: Segment;
  readonly file: JournalFile;
  /** Where the next frame goes. */
  at: number;
}

export class SegmentWriter {
  readonly #deps: SegmentWriterDeps;
  #current: Current | undefined;
  /** Sequence number of the next event that is neither safe nor in #unsynced. */
  #next: number;
  /** Sequence number up to which everything is safe. */
  #safe: number;
  /** Frames that were accepted and are not synced, copied, as what they were written from is needed again. */
  #unsynced: Buffer[] = [];

  constructor(deps: SegmentWriterDeps) {
    this.#deps = deps;
    this.#next = deps.sequence;
    this.#safe = deps.sequence;
  }

  /** Sequence number of the next event: all before it are accepted. */
  get sequence(): number {
    return this.#deps.options.sync === "always" ? this.#safe : this.#next;
  }

  /** All before this sequence number are safe on the disk. */
  get safe(): number {
    return this.#safe;
  }

  get is_unsynced(): boolean {
    return this.#unsynced.length > 0;
  }

  /** Whether so much is not synced that it should be before more comes. */
  get is_pressed(): boolean {
    const { at, segment } = this.#current!;
    return at - segment.readable_bytes > unsynced_bytes_max;
  }

  /** Whether the newest segment has events, and none of them was read yet. */
  get is_unread(): boolean {
    const { newest, reading } = this.#deps.segments;
    return newest !== undefined && newest !== reading && this.#next > newest.first;
  }

  /** Whether so many bytes can go into the segment that is written to. */
  fits(bytes: number): boolean {
    const portion = Math.floor(this.#deps.options.max_bytes / segments_min);
    const segment_bytes = Math.min(segment_bytes_max, portion);
    return (this.#current?.at ?? empty_segment_bytes) + bytes <= segment_bytes;
  }

  /** Makes sure that there is a segment for so many bytes; says whether it is another one than before. */
  async makeSegment(bytes: number): Promise<boolean> {
    const is_empty = this.#current === undefined || this.#current.at === empty_segment_bytes;
    if (this.#current !== undefined && (is_empty || this.fits(bytes))) return false;
    await this.rotate();
    return true;
  }

  /** Ends the segment, and starts the next one. */
  async rotate(): Promise<void> {
    const current = this.#current;
    if (current !== undefined) {
      if (this.is_unsynced) await this.sync();
      this.#current = undefined;
      current.segment.sealed = true;
      await current.file.close();
    }
    await this.#begin();
  }

  /** Writes deliveries, a frame each. They are accepted, but not safe before `sync`. */
  async write(deliveries: readonly Delivery[]): Promise<void> {
    const { segments, clock, options } = this.#deps;
    const now_ms = clock.now();
    const frames: Buffer[] = [];
    let next = this.#next;
    for (const delivery of deliveries) {
      frames.push(delivery.frame(next, now_ms, segments.tag));
      next += delivery.events;
    }
    await this.#write(frames, next, now_ms);
    this.#next = next;
    if (options.sync !== "always") this.#unsynced.push(Buffer.concat(frames));
  }

  /** Makes safe what was written. */
  async sync(): Promise<void> {
    const { segment, file, at } = this.#current!;
    await file.sync();
    segment.readable_bytes = at;
    segment.end = this.#next;
    this.#safe = this.#next;
    this.#unsynced = [];
    this.#deps.onProgress();
  }

  /** Gives up the segment behind what was accepted. Never rejects. */
  async abandon(): Promise<void> {
    const { segments, options } = this.#deps;
    if (options.sync === "always") this.#next = this.#safe;
    const current = this.#current;
    if (current === undefined) return;
    const { segment, file, at } = current;
    this.#current = undefined;
    segment.sealed = true;
    // What was accepted stays, for the case that tallyman is killed before it is written again.
    segment.bytes = options.sync === "always" ? segment.readable_bytes : at;
    // Where this fails, the next segment's number says where this one ends.
    await segments.files.truncate(segment.path, segment.bytes).catch(() => undefined);
    await file.close().catch(() => undefined);
    this.#deps.onProgress();
  }

  /** Starts a segment after a failure, with what was accepted and is not safe yet. */
  async resume(): Promise<void> {
    const mark = encodeMark(this.#next, this.#deps.clock.now(), this.#deps.segments.tag);
    // With its name the segment takes their place, so they must be in it by then.
    await this.#begin([...this.#unsynced, mark]);
    await this.sync();
    // Only now, as the segments before this one can be removed once it is there.
    await this.#deps.segments.free_space.regain();
  }

  /** Closes the file. Never rejects. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close().catch(() => undefined);
  }

  async #begin(content: readonly Buffer[] = []): Promise<void> {
    const { segments, clock } = this.#deps;
    const { segment, file } = await segments.create(this.#safe, clock.now(), content);
    const at = content.reduce((sum, { length }) => sum + length, empty_segment_bytes);
    segment.bytes = at;
    this.#current = { segment, file, at };
    this.#deps.onProgress();
  }

  async #write(frames: readonly Buffer[], next: number, now_ms: number): Promise<void> {
    const current = this.#current!;
    const { tag, free_space } = this.#deps.segments;
    const buffers = [...frames, encodeMark(next, now_ms, tag)];
    const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
    await free_space.claim(bytes);
    await current.file.write(buffers, current.at);
    current.at += bytes;
    current.segment.bytes = current.at;
  }
}
