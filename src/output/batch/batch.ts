/**
 * A batch: the body of one request while it is filled, sent and sent again, and what is needed to settle its events.
 *
 * Events get their fate from the first to the last, a part of the batch at a time where Splunk takes only a part:
 *
 *     body   [ event 0\n event 1\n event 2\n ... ]       runs   [ receipt, 2 ][ receipt, 7 ] ...
 *                       ^ends[0]  ^ends[1]                        the first of them still open
 */
import assert from "node:assert";
import { gunzipSync } from "node:zlib";
import type { Origin, PackedBlock } from "../../event/block.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import type { Place } from "../../ledger/lanes/lane.ts";
import type { Receipt } from "../../ledger/receipt.ts";
import type { Timer } from "../../platform/clock.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import type { Delivered, PassingEvents } from "../delivered.ts";
import type { Encoder } from "./encoder.ts";

const no_bytes = Buffer.alloc(0);

/** What events have in common that follow one another in a batch and are of one block. */
interface Run {
  readonly receipt: Receipt;
  readonly origin: Origin;
  /** Events of the run without a fate. */
  open: number;
}

/** An event that has left its batch without being settled. */
export interface TakenEvent {
  readonly receipt: Receipt;
  readonly origin: Origin;
  /** Where the record begins in its stream, in bytes. */
  readonly offset: number;
  /** Where it is in the sequence of its lane. */
  readonly place: Place | undefined;
  /** As it is in the body. */
  readonly encoded: Buffer;
}

export class Batch implements PassingEvents {
  /** Path and query that the batch is posted to. */
  readonly path: string;
  /** The one index of all its events; undefined is the token's default. */
  readonly index: string | undefined;
  /** Empty while the body is kept under compression alone. */
  buffer: Buffer;
  /** Bytes of the buffer that are filled. */
  length = 0;
  events = 0;
  /** Whether it has waited for as long as a part-filled batch may. */
  due = false;
  /** Makes it due. */
  timer: Timer | undefined;
  /** The whole body under compression, or what will be that; undefined where it goes as it is. */
  compressed: Buffer | Promise<Buffer> | undefined;
  /** Whether somebody else may still read the buffer: a connection that failed, or a part that was split off. */
  shared = false;
  /** What it was made of as a whole, while nobody has had to tell its events apart; and what would encode them then. */
  #whole: { readonly block: PackedBlock; readonly encoder: Encoder } | undefined = undefined;
  /** Where each event ends in the body. */
  readonly #ends: number[] = [];
  /** Where each event's record begins in its stream, in bytes. */
  readonly #offsets: number[] = [];
  /** Each event's place; undefined where no event had one so far. */
  #places: (Place | undefined)[] | undefined;
  readonly #runs: Run[] = [];
  #last_run: Run | undefined;
  /** The first event, and the first run, without a fate. */
  #first = 0;
  #first_run = 0;

  constructor(path: string, index: string | undefined, buffer: Buffer) {
    this.path = path;
    this.index = index;
    this.buffer = buffer;
  }

  /** One that holds all events of the block as they came. Its body is that of the block, packed or not. */
  static whole(path: string, block: PackedBlock, encoder: Encoder): Batch {
    const { index, body, packing, receipt, origin, count, bytes } = block;
    const batch = new Batch(path, index, packing === "none" ? body : no_bytes);
    if (packing === "gzip") batch.compressed = body;
    batch.shared = true;
    batch.length = bytes;
    batch.events = count;
    batch.#runs.push({ receipt, origin, open: count });
    batch.#whole = { block, encoder };
    return batch;
  }

  /** Events without a fate. */
  get open(): number {
    return this.events - this.#first;
  }

  get body(): Buffer {
    return this.#plain().subarray(0, this.length);
  }

  /**
   * Keeps the body as these bytes alone, which are it under gzip, and gives away the buffer that it was in; undefined where that is
   * still needed. The body comes back when somebody wants a part of it.
   */
  keepCompressed(compressed: Buffer): Buffer | undefined {
    if (this.shared || this.open === 0) return undefined;
    const { buffer } = this;
    this.buffer = no_bytes;
    this.compressed = compressed;
    return buffer;
  }

  /**
   * Has its events told apart, where they were not: only then may a part of it be looked at. False where they are not what they
   * were said to be: then it holds nothing any more.
   */
  unpack(): boolean {
    if (this.#whole === undefined) return true;
    const { block, encoder } = this.#whole;
    this.#whole = undefined;
    this.compressed = undefined;
    this.#runs.length = 0;
    [this.length, this.events] = [0, 0];
    const unpacked = block.unpack();
    if (unpacked === undefined) return false;
    const scanner = new Scanner([]);
    const events = Array.from(
      { length: unpacked.count },
      (_, number) => new LogEvent(unpacked, number, scanner),
    );
    const bytes_max = events.reduce((sum, event) => sum + encoder.sizeMax(event), 0);
    this.buffer = Buffer.allocUnsafeSlow(bytes_max);
    for (const event of events)
      assert(this.add(event, encoder), "an encoder's sizeMax is enough for the event");
    this.buffer = ownCopy(this.body);
    return true;
  }

  /** Takes the event in, or says false where there is no room for it. */
  add(event: LogEvent, encoder: Encoder): boolean {
    const end = encoder.encode(event, this.buffer, this.length);
    if (end === -1) return false;
    this.length = end;
    this.events += 1;
    this.#ends.push(end);
    this.#offsets.push(event.offset);
    const { receipt, origin } = event.block;
    const { place } = event;
    if (place !== undefined) {
      if (encoder.sends_places) (this.#places ??= [])[this.events - 1] = place;
      else receipt.spoil(place, "no_fields");
    }
    if (this.#last_run?.receipt === receipt) {
      this.#last_run.open += 1;
    } else {
      this.#last_run = { receipt, origin, open: 1 };
      this.#runs.push(this.#last_run);
    }
    return true;
  }

  /** How long the body of the first `count` events without a fate is. */
  bytesOf(count: number): number {
    if (this.#whole !== undefined) return this.length;
    return this.#endOf(this.#first + count - 1) - this.#endOf(this.#first - 1);
  }

  /** The body of the first `count` events without a fate. */
  bodyOf(count: number): Buffer {
    if (this.#whole !== undefined && count === this.events) return this.buffer;
    const first = this.#first;
    assert(count > 0 && first + count <= this.events, "a request holds open events only");
    return this.#plain().subarray(this.#endOf(first - 1), this.#endOf(first + count - 1));
  }

  /** Books the first `count` events without a fate as delivered. */
  settle(delivered: Delivered, count: number): void {
    if (delivered.is_watched && !this.unpack()) return;
    delivered.show(this, count);
    this.#passRuns(count, ({ receipt }, settled) => delivered.settle(receipt, settled));
  }

  inputsOf(count: number): { input: string; events: number }[] {
    const inputs: { input: string; events: number }[] = [];
    let rest = count;
    for (let at = this.#first_run; rest > 0; at += 1) {
      const { origin, open } = this.#runs[at]!;
      const events = Math.min(rest, open);
      inputs.push({ input: origin.input, events });
      rest -= events;
    }
    return inputs;
  }

  sentAt(number: number): Buffer {
    const at = this.#first + number;
    return this.#plain().subarray(this.#endOf(at - 1), this.#endOf(at));
  }

  /** Takes the first `count` events without a fate out of the batch, as a batch of their own in the same buffer. */
  split(count: number): Batch {
    const body = this.bodyOf(count);
    const part = new Batch(this.path, this.index, body);
    const offset = this.#endOf(this.#first - 1);
    part.length = body.length;
    part.events = count;
    part.shared = true;
    this.shared = true;
    for (let at = this.#first; at < this.#first + count; at += 1) {
      part.#ends.push(this.#ends[at]! - offset);
      part.#offsets.push(this.#offsets[at]!);
    }
    part.#places = this.#places?.slice(this.#first, this.#first + count);
    this.#passRuns(count, ({ receipt, origin }, open) =>
      part.#runs.push({ receipt, origin, open }),
    );
    return part;
  }

  /** The first `count` events without a fate as a batch: itself, where those are all that it ever held. */
  part(count: number): Batch {
    return count === this.events ? this : this.split(count);
  }

  /** The input of its first event without a fate. */
  get input(): string {
    return this.#runs[this.#first_run]!.origin.input;
  }

  /** Where its first event without a fate is in the sequence of its lane. */
  get place(): Place | undefined {
    return this.#places?.[this.#first];
  }

  /** The inputs that its events without a fate come from. */
  inputs(): Set<string> {
    return new Set(this.#runs.slice(this.#first_run).map(({ origin }) => origin.input));
  }

  /** Takes the first event without a fate out of the batch; whoever gets it settles it. */
  takeFirst(): TakenEvent {
    const encoded = this.bodyOf(1);
    const offset = this.#offsets[this.#first]!;
    const { place } = this;
    const run = this.#runs[this.#first_run]!;
    this.#pass(run, 1);
    this.shared = true;
    return { receipt: run.receipt, origin: run.origin, offset, place, encoded };
  }

  /** Where the event with that number ends in the body; 0 before the first. */
  #endOf(number: number): number {
    return this.#ends[number] ?? 0;
  }

  #plain(): Buffer {
    if (this.buffer === no_bytes && Buffer.isBuffer(this.compressed))
      this.buffer = gunzipSync(this.compressed);
    return this.buffer;
  }

  /** Calls `take` for each run that the first `count` events without a fate are of, and how many those are. */
  #passRuns(count: number, take: (run: Run, events: number) => void): void {
    let rest = count;
    while (rest > 0) {
      const run = this.#runs[this.#first_run]!;
      const events = Math.min(rest, run.open);
      take(run, events);
      this.#pass(run, events);
      rest -= events;
    }
  }

  #pass(run: Run, count: number): void {
    run.open -= count;
    this.#first += count;
    if (run.open === 0) this.#first_run += 1;
  }
}
