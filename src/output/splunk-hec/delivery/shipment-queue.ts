/** The batches of one output: those that wait to be sent, and those that are being sent, a bounded number at a time. */
import PQueue from "p-queue";
import type { Held } from "../../output.ts";
import type { Shipment } from "./shipment.ts";

/** What was set aside is older than what waits. */
const priority_aside = 1;

export interface ShipmentQueueDeps {
  /** Never rejects. */
  deliver: (shipment: Shipment) => Promise<void>;
  /** Called when another may go. */
  onNext: () => void;
}

export class ShipmentQueue {
  readonly #deps: ShipmentQueueDeps;
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #waiting = new Set<Shipment>();
  readonly #waiting_aside = new Set<Shipment>();
  readonly #under_way = new Set<Shipment>();

  constructor(deps: ShipmentQueueDeps) {
    this.#deps = deps;
    this.#queue.addEventListener("next", () => deps.onNext());
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** How many are being sent. */
  get pending(): number {
    return this.#queue.pending;
  }

  /** How many may be sent at a time. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  set concurrency(concurrency: number) {
    this.#queue.concurrency = concurrency;
  }

  get empty(): boolean {
    return this.size === 0 && this.pending === 0;
  }

  /** What is being sent. */
  get held(): Held {
    let events = 0;
    let bytes = 0;
    for (const { batch } of this.#under_way) {
      events += batch.open;
      bytes += batch.length;
    }
    return { events, bytes };
  }

  add(shipment: Shipment): void {
    this.#add(shipment, this.#waiting, 0);
  }

  /** Adds one that was set aside: it goes before the others. */
  addAside(shipment: Shipment): void {
    this.#add(shipment, this.#waiting_aside, priority_aside);
  }

  /** Takes out those that wait, each kind in its order. */
  clear(): { aside: Shipment[]; others: Shipment[] } {
    const cleared = { aside: [...this.#waiting_aside], others: [...this.#waiting] };
    this.#waiting_aside.clear();
    this.#waiting.clear();
    this.#queue.clear();
    return cleared;
  }

  onIdle(): Promise<void> {
    return this.#queue.onIdle();
  }

  #add(shipment: Shipment, waiting: Set<Shipment>, priority: number): void {
    waiting.add(shipment);
    // Rejects where it is taken out, and else only for a bug of ours, which must end the process rather than lose it.
    void this.#queue.add(() => this.#deliver(shipment, waiting), { priority });
  }

  async #deliver(shipment: Shipment, waiting: Set<Shipment>): Promise<void> {
    waiting.delete(shipment);
    this.#under_way.add(shipment);
    await this.#deps.deliver(shipment);
    this.#under_way.delete(shipment);
  }
}
