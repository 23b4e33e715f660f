/**
 * The way of one stream's lines to the intake: a connection's, or standard input's.
 *
 * At most one delivery is in progress at a time. What comes in meanwhile is gathered, and goes as one delivery after
 * it. Where too much is gathered, or the intake takes nothing, the stream is not read on, so that its writer waits.
 */
import type { Readable } from "node:stream";
import type { Origin, Records } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { atMost, untilAborted } from "../../platform/patience.ts";
import type { Framer, RecordPositions } from "../framing/contract/framer.ts";
import type { ChosenEncoding } from "../framing/decoding/encodings.ts";
import type { LineFeedDeps } from "./feed-deps.ts";
import { GatherMemory, type MemoryUser } from "./gather-memory.ts";
import { LineGatherer, type LineGathererDeps } from "./line-gatherer.ts";
import { QuietTimer } from "./quiet-timer.ts";
import {
  bytesOf,
  loseStopped,
  reportEnded,
  rebuilt,
  type LineCounts,
  type Unread,
} from "./unread.ts";

/** What a stream may gather while a delivery is in progress: what a fast writer sends during a slow sync. */
const gathered_bytes_max = 1024 * 1024;
/** What a stream may hold although the memory of all is used up. */
const share_bytes = 64 * 1024;
/** What all streams of an input gather, unless lines may be so long that few of them fill it. */
const memory_bytes_max = 64 * 1024 * 1024;
/** Records in one delivery. */
const records_max = 16 * 1024;
/** How long a stop waits for the intake to accept what came in. */
const stop_wait_ms_max = 2000;
/** Pause before a delivery is tried again that was refused although there seemed to be room. */
const retry_wait_ms = 100;

/** What the streams of one input have in common. */
export class LineFeeds implements LineGathererDeps {
  readonly deps: Omit<LineFeedDeps, "origin" | "framer" | "encoding">;
  readonly framer: Framer;
  readonly encoding: ChosenEncoding;
  readonly memory: GatherMemory;
  readonly positions: RecordPositions;
  /** Of all that is given out from now on. */
  origin: Origin;
  /** Set when other feeds are to go on with the streams. */
  readonly handing_over = new AbortController();
  /** Set when what is not delivered by now is given up. */
  readonly given_up = new AbortController();

  constructor(deps: LineFeedDeps) {
    const { max_event_bytes, origin, framer, encoding, clock } = deps;
    this.origin = origin;
    this.framer = framer;
    this.encoding = encoding;
    this.deps = deps;
    this.memory = new GatherMemory(Math.max(memory_bytes_max, 4 * max_event_bytes), clock);
    this.positions = {
      starts: new Int32Array(records_max),
      ends: new Int32Array(records_max),
      event_bytes_max: max_event_bytes,
    };
  }

  /** Has what is not given out yet, and all that comes in, carry this. */
  describe(origin: Origin): void {
    this.origin = origin;
  }

  /** Lets go of all streams, and gives those with which others can go on, each with what was not accepted of it. */
  async handOver(feeds: readonly LineFeed[]): Promise<Map<LineFeed, Unread>> {
    const handed = feeds.map(async (feed) => [feed, await feed.handOver()] as const);
    this.handing_over.abort();
    const unread = new Map<LineFeed, Unread>();
    for (const [feed, each] of await Promise.all(handed)) if (each) unread.set(feed, each);
    return unread;
  }

  /** Waits, with some patience, until streams that have ended are delivered, and books as lost what is not. */
  async finish(feeds: readonly LineFeed[], ledger: Pick<Ledger, "lose">): Promise<void> {
    const { origin } = this;
    const { clock, log } = this.deps;
    await atMost(Promise.all(feeds.map((feed) => feed.done)), stop_wait_ms_max, clock);
    this.given_up.abort();
    const lost_bytes = feeds.reduce((bytes, feed) => bytes + feed.undelivered_bytes, 0);
    loseStopped(origin.input, lost_bytes, ledger, log);
  }
}

export class LineFeed implements MemoryUser {
  /** Resolves when the stream has ended and all of it was accepted, or was given up. */
  readonly done: Promise<void>;
  readonly #source: Readable;
  readonly #feeds: LineFeeds;
  readonly #gatherer: LineGatherer;
  readonly #counts: LineCounts;
  readonly #quiet_timer: QuietTimer;
  /** Whether its writer has said that nothing more comes. */
  #is_complete: boolean;
  readonly #resolve: () => void;
  #delivery: Records | undefined;
  /** The call for it, while one is in progress. */
  #delivering: Promise<void> | undefined;
  #state: "open" | "ended" | "done" | "handed_over" = "open";
  /** As the common memory knows it. */
  #held_bytes = 0;

  /** `unread` is what another feed of the stream has left. */
  constructor(source: Readable, feeds: LineFeeds, unread?: Unread) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#source = source;
    this.#feeds = feeds;
    this.#gatherer = unread?.gatherer ?? new LineGatherer(feeds);
    this.#counts = unread?.counts ?? { lines: 0, cut: 0, dropped: 0 };
    this.#is_complete = source.readableEnded;
    const { flush_after_ms } = this.#gatherer;
    this.#quiet_timer = new QuietTimer(flush_after_ms, feeds.deps.clock, this.#onQuiet);
    source.on("data", this.#onData);
    source.on("end", this.#onEnd);
    // A connection that broke is at its end, too: what had come in is kept.
    source.on("error", this.#onError).off("error", passOver);
    source.on("close", this.#onClose);
    if (unread !== undefined) this.#goOn(unread);
    // Its end may have come while no feed had it.
    if (source.destroyed || source.readableEnded) this.end();
  }

  /** What became of all lines, once it is done; undefined where the writer had not ended, or not all was accepted. */
  get counts(): LineCounts | undefined {
    const is_settled = this.#state === "done" && this.undelivered_bytes === 0;
    return is_settled && this.#is_complete ? this.#counts : undefined;
  }

  /** Bytes that came in and were not accepted. */
  get undelivered_bytes(): number {
    return bytesOf({ gatherer: this.#gatherer, delivery: this.#delivery });
  }

  /**
   * Lets go of the stream, and gives what is to be delivered first by the feed that goes on with it. Undefined where that
   * cannot be given in good time, as a delivery is still in progress: then it is this feed's to end.
   */
  async handOver(): Promise<Unread | undefined> {
    if (this.#state === "done") return undefined;
    const is_open = this.#state === "open";
    this.#state = "handed_over";
    this.#quiet_timer.cancel();
    this.#source.pause();
    this.#source.on("error", passOver).off("error", this.#onError);
    this.#source.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    const { memory, deps } = this.#feeds;
    memory.leave(this);
    const delivering = this.#delivering?.then(() => true) ?? Promise.resolve(true);
    if ((await atMost(delivering, stop_wait_ms_max, deps.clock)) !== undefined) {
      return { gatherer: this.#gatherer, counts: this.#counts, delivery: this.#delivery };
    }
    this.#state = is_open ? "open" : "ended";
    return undefined;
  }

  /** Takes nothing more; what came in is delivered. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#quiet_timer.cancel();
    this.#source.pause();
    this.#feeds.memory.leave(this);
    this.#gatherer.end();
    this.#deliverNext();
  }

  proceed(): void {
    this.#balance();
  }

  cutOff(): void {
    const { origin, deps } = this.#feeds;
    deps.log.warn(
      "line_unfinished",
      { input: origin.input, bytes: this.#gatherer.unread_bytes },
      "Memory for lines is used up by a line without an end. It is delivered unfinished, and its writer disconnected.",
    );
    this.end();
  }

  readonly #onEnd = (): void => {
    if (this.#state === "open") this.#is_complete = true;
    this.end();
  };

  readonly #onClose = (): void => this.end();

  readonly #onError = (cause: Error): void => {
    const { deps, origin } = this.#feeds;
    deps.log.debug(
      "connection_interrupted",
      { input: origin.input, cause },
      "A connection was interrupted.",
    );
    this.end();
  };

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state !== "open") return;
    this.#gatherer.push(chunk, this.#feeds.deps.clock.now());
    this.#quiet_timer.received();
    if (this.#delivery === undefined) this.#deliverNext();
    else this.#balance();
  };

  readonly #onQuiet = (): void => {
    if (this.#state !== "open") return;
    this.#gatherer.quiet();
    this.#deliverNext();
  };

  /** Takes up what another feed has left. */
  #goOn({ gatherer, delivery }: Unread): void {
    gatherer.goOn(this.#feeds);
    if (gatherer.is_ended) this.#state = "ended";
    else this.#quiet_timer.received();
    if (delivery === undefined) return this.#deliverNext();
    this.#begin(rebuilt(delivery, this.#feeds));
  }

  /** Begins the next delivery, if there is anything to deliver. */
  #deliverNext(): void {
    if (this.#delivery !== undefined) return;
    // What is given up is booked as lost, so it must not be kept after all.
    if (this.#feeds.given_up.signal.aborted) return this.#finish();
    this.#begin(this.#gatherer.take());
  }

  #begin(records: Records | undefined): void {
    this.#delivery = records;
    this.#balance();
    if (records !== undefined) this.#delivering = this.#deliver(records);
    else if (this.#state === "ended") this.#finish();
  }

  /** Tries until the intake accepts. Never rejects. */
  async #deliver(records: Records): Promise<void> {
    const { deps, given_up, handing_over } = this.#feeds;
    const { intake, clock } = deps;
    const counts = this.#counts;
    let wait_ms = 0;
    for (; (await intake.accept(records, counts)) !== "accepted"; wait_ms = retry_wait_ms) {
      await untilAborted(intake.room() ?? Promise.resolve(), handing_over.signal);
      await clock.sleep(wait_ms, given_up.signal);
      if (given_up.signal.aborted) return this.#finish();
      if (this.#state === "handed_over") return;
    }
    this.#delivery = undefined;
    counts.lines += records.count;
    counts.cut += records.truncations?.size ?? 0;
    if (this.#state !== "handed_over") this.#deliverNext();
  }

  #finish(): void {
    this.#state = "done";
    reportEnded(this.#feeds.origin.input, this.#gatherer, this.#feeds.deps.log);
    this.#feeds.memory.change(-this.#held_bytes);
    this.#resolve();
  }

  /** Tells the common memory what is held, and reads on or not. */
  #balance(): void {
    if (this.#state === "done" || this.#state === "handed_over") return;
    const { memory } = this.#feeds;
    const held_bytes = this.#deliveryBytes() + this.#gatherer.held_bytes;
    const change = held_bytes - this.#held_bytes;
    this.#held_bytes = held_bytes;
    if (change !== 0) memory.change(change);
    if (this.#state !== "open") return;
    if (this.#mayReadOn()) this.#source.resume();
    else this.#source.pause();
  }

  #mayReadOn(): boolean {
    const { memory } = this.#feeds;
    const is_large = this.#held_bytes >= share_bytes;
    if (this.#delivery === undefined && is_large) return memory.admits(this);
    memory.leave(this);
    if (is_large && memory.is_full) return false;
    return this.#delivery === undefined || this.#gatherer.held_bytes < gathered_bytes_max;
  }

  #deliveryBytes(): number {
    return this.#delivery?.bytes.length ?? 0;
  }
}

/** While no feed has a stream its error is passed over: the next one sees that it is closed. */
function passOver(): void {
  // Without a listener it would end the process.
}
