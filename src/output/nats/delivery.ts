/**
 * Delivers batches to the stream, and waits until they are confirmed: without end, and in a bounded number at a time.
 *
 * The way of a shipment: it waits, is published until the stream has it, and waits for its receipt (with `confirm: stream` the
 * stream's word is enough). While something is wrong, one at a time is tried, with growing pauses.
 */
import { unreached_ms_max } from "../../platform/nats/connection.ts";
import type { Batch } from "../batch/batch.ts";
import { compressBatch } from "../batch/compress.ts";
import { sumHeld, type Held } from "../output.ts";
import { Answers } from "./answers.ts";
import type { DeliveryDeps, DeliveryOptions } from "./delivery-deps.ts";
import { DeliveryNotes } from "./delivery-notes.ts";
import { Outage } from "./outage.ts";
import type { Published } from "./publisher.ts";
import { halvesOf, shipmentOf, type Refusal, type Shipment } from "./shipment.ts";
import { Unconfirmed } from "./unconfirmed.ts";

const sweep_ms = 1000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #deps: DeliveryDeps;
  /** What has not been published, or has to be again; the first goes first. */
  readonly #waiting: Shipment[] = [];
  readonly #publishing = new Set<Shipment>();
  readonly #unconfirmed: Unconfirmed;
  readonly #outage: Outage;
  readonly #notes: DeliveryNotes;
  readonly #answers: Answers;
  readonly #closing = new AbortController();
  #give: ((batch: Batch) => void) | undefined;
  #retired_ms = Infinity;
  repeats = 0;

  constructor(options: DeliveryOptions, deps: DeliveryDeps) {
    this.#options = options;
    this.#deps = deps;
    const { clock, log, logged } = deps;
    this.#unconfirmed = new Unconfirmed(clock, options.receipt_timeout_ms);
    this.#notes = new DeliveryNotes(deps);
    this.#answers = new Answers({
      confirm: options.confirm,
      unconfirmed: this.#unconfirmed,
      notes: this.#notes,
      onReceipt: (shipment) => this.#settle(shipment),
    });
    this.#outage = new Outage({ clock, log, logged, onDue: () => this.pump() });
    void this.#sweep();
  }

  get outage(): Pick<Outage, "trouble" | "since_ms"> {
    return this.#outage;
  }

  /** Whether every event that it was given has its fate. */
  get isDone(): boolean {
    return this.#waiting.length + this.#publishing.size + this.#unconfirmed.size === 0;
  }

  /** Whether a batch that is sent now would be published at once. */
  get takesMore(): boolean {
    return this.#waiting.length === 0 && this.#publishing.size < this.#concurrency;
  }

  /** Whether so little is in progress that a batch need not be worth its place. */
  get isQuiet(): boolean {
    return this.#publishing.size === 0 && this.#unconfirmed.size < this.#options.max_in_flight;
  }

  get counts(): Readonly<Record<"waiting" | "unconfirmed" | "receipts", number>> {
    const { receipts } = this.#answers;
    return { waiting: this.#waiting.length, unconfirmed: this.#unconfirmed.size, receipts };
  }

  /** How long the oldest batch that is stored has waited for its receipt. */
  get unconfirmed_ms(): number {
    const since_ms = this.#unconfirmed.oldest?.first_stored_ms;
    return since_ms === undefined ? 0 : this.#deps.clock.monotonic() - since_ms;
  }

  /** Of batches that an aggregator has refused. */
  get refusals(): Refusal[] {
    return this.#unconfirmed.refusals;
  }

  /** What was published. */
  get held(): Held {
    const begun = [...this.#publishing].filter((each) => !this.#unconfirmed.has(each));
    const events = begun.reduce((sum, { batch }) => sum + batch.open, 0);
    const bytes = begun.reduce((sum, { batch }) => sum + batch.length, 0);
    return sumHeld([this.#unconfirmed.held, { events, bytes }]);
  }

  send(batch: Batch): void {
    if (this.#give !== undefined) return this.#give(batch);
    this.#waiting.push(this.#shipped(batch));
    this.pump();
  }

  /** Publishes what may go now. */
  pump(): void {
    if (this.#closing.signal.aborted || this.#outage.waits) return;
    while (this.#publishing.size < this.#concurrency) {
      const shipment = this.#waiting.shift() ?? this.#asked;
      if (shipment === undefined) return;
      void this.#publish(shipment);
    }
  }

  /** The cluster is reached, perhaps again. */
  retryNow(): void {
    this.#unconfirmed.reconnected();
    this.#outage.hurry();
    this.pump();
  }

  /** A receipt or a refusal came. */
  receive(text: string): void {
    this.#answers.receive(text);
  }

  /** Publishes nothing new, and gives away what was not published, now and later. */
  retire(give: (batch: Batch) => void): void {
    this.#give = give;
    this.#retired_ms = this.#deps.clock.monotonic();
    for (const shipment of this.#waiting.splice(0)) this.#giveAway(shipment);
    this.#outage.hurry();
  }

  /** Nothing is settled after it. */
  close(): void {
    this.#closing.abort();
    this.#outage.close();
  }

  get #concurrency(): number {
    return this.#outage.trouble === undefined ? this.#options.max_in_flight : 1;
  }

  /** While something is wrong and nothing waits, what the stream has is asked for: else nothing would show when that is over. */
  get #asked(): Shipment | undefined {
    return this.#outage.trouble === undefined ? undefined : this.#unconfirmed.oldest;
  }

  #shipped(batch: Batch): Shipment {
    this.#deps.shares.take(batch.input, batch.length);
    if (this.#options.packing === "gzip") compressBatch(batch, this.#deps);
    return shipmentOf(batch);
  }

  /** Never rejects. */
  async #publish(shipment: Shipment): Promise<void> {
    const { publisher } = this.#deps;
    const unconfirmed = this.#unconfirmed;
    this.#publishing.add(shipment);
    // Its receipt can come before the stream's answer.
    if (this.#options.confirm === "delivery") unconfirmed.add(shipment);
    const { highest } = unconfirmed;
    const naming = this.#deps.ledger.lanes.naming.pending;
    if (naming !== undefined) await naming;
    const published = await publisher.publish(shipment);
    this.#publishing.delete(shipment);
    if (this.#closing.signal.aborted) return;
    if (!shipment.ended || published.kind === "stored") this.#outage.note(published);
    if (!shipment.ended) this.#carryOut(published, shipment, highest);
    this.#endOutage();
    this.pump();
    this.#deps.onProgress();
  }

  #carryOut(published: Published, shipment: Shipment, highest: number): void {
    if (published.kind === "ended") return;
    if (published.kind === "too_large") return this.#halve(shipment, published);
    if (published.kind === "trouble") {
      // What the stream has already is waited for; only asking for it has failed.
      if (shipment.stored_at === undefined) this.#putBack(shipment);
      return;
    }
    if (this.#options.confirm === "stream") return this.#settle(shipment);
    const { sequence, duplicate } = published;
    const has_lost = this.#unconfirmed.stored(shipment, sequence, duplicate ? -1 : highest);
    if (has_lost) this.#publishAll(shipment, sequence);
  }

  #putBack(shipment: Shipment): void {
    if (this.#give !== undefined) return this.#giveAway(shipment);
    this.#putInFront([shipment], shipment);
  }

  /** But behind those before it in its lane, which may have been put back, too. */
  #putInFront(shipments: readonly Shipment[], { lane, first }: Shipment): void {
    const before = this.#waiting.findLastIndex((each) => each.lane === lane && each.first < first);
    this.#waiting.splice(before + 1, 0, ...shipments);
  }

  #halve(shipment: Shipment, { bytes, bytes_max }: { bytes: number; bytes_max: number }): void {
    this.#end(shipment);
    const halves = halvesOf(shipment.batch);
    if (halves === undefined) {
      const detail = `it has ${bytes} bytes, and in a message there may be ${bytes_max}`;
      this.#deps.quarantine(shipment.batch, detail);
      this.#notes.say("event_too_large", { bytes, bytes_max });
    } else if (this.#give === undefined) {
      const shipped = halves.map((half) => this.#shipped(half));
      this.#putInFront(shipped, shipment);
    } else for (const half of halves) this.#give(half);
    if (halves === undefined) this.#deps.onEnded(shipment.batch);
  }

  /** The stream has lost what it had. */
  #publishAll(found: Shipment, sequence: number): void {
    this.#unconfirmed.restart(sequence);
    const lost = this.#unconfirmed.all.filter(
      (each) => each !== found && each.stored_at !== undefined && !this.#publishing.has(each),
    );
    this.#notes.say("stream_lost", { batches: lost.length });
    for (const shipment of lost.toReversed()) this.#repeat(shipment);
  }

  /** Under another id, which the stream does not know. */
  #repeat(shipment: Shipment): void {
    this.repeats += 1;
    shipment.repeats += 1;
    shipment.stored_at = undefined;
    if (shipment.refusal !== undefined) shipment.refusal.due_ms = Infinity;
    this.#putBack(shipment);
  }

  #settle(shipment: Shipment): void {
    const { batch } = shipment;
    this.#end(shipment);
    const at = this.#waiting.indexOf(shipment);
    if (at !== -1) this.#waiting.splice(at, 1);
    batch.settle(this.#deps.delivered, batch.open);
    this.#deps.onEnded(batch);
    this.#endOutage();
    this.#deps.onProgress();
  }

  /** With every event delivered there is nothing left that could show that it is over. */
  #endOutage(): void {
    if (this.isDone) this.#outage.worked();
  }

  /** Whether it is retired, and no receipt may ever come again. */
  get #isGivenUp(): boolean {
    if (this.#give === undefined) return false;
    const { clock, unreached_ms } = this.#deps;
    const waited_ms = clock.monotonic() - this.#retired_ms;
    return unreached_ms() >= unreached_ms_max || waited_ms >= this.#options.receipt_timeout_ms;
  }

  /** What is being published follows when that has ended. */
  #giveUnconfirmed(): void {
    const { all } = this.#unconfirmed;
    for (const each of all) if (!this.#publishing.has(each)) this.#giveAway(each);
  }

  #giveAway(shipment: Shipment): void {
    this.#end(shipment);
    this.#give!(shipment.batch);
  }

  #end(shipment: Shipment): void {
    shipment.ended = true;
    this.#deps.shares.giveBack(shipment.input, shipment.batch.length);
    this.#unconfirmed.delete(shipment);
  }

  /** Looks after what waits for receipts, until it is closed. */
  async #sweep(): Promise<void> {
    const { clock } = this.#deps;
    const stop = this.#closing.signal;
    while (!stop.aborted) {
      await clock.sleep(sweep_ms, stop);
      // While nothing is taken, the stream still has what it has.
      const is_down = this.#outage.trouble !== undefined && this.#give === undefined;
      if (is_down || stop.aborted) continue;
      if (this.#isGivenUp) this.#giveUnconfirmed();
      for (const { shipment, again } of this.#unconfirmed.due()) {
        if (this.#publishing.has(shipment)) continue;
        if (again === "repeat") this.#repeat(shipment);
        else void this.#publish(shipment);
      }
      this.pump();
      this.#deps.onProgress();
    }
  }
}
